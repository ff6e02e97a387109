import WriteAheadLog

extension LogFile {
    func write(_ bytes: [UInt8], at offset: Int) throws(LogStorageError) {
        try write(unsafe bytes.span.bytes, at: offset)
    }

    /// Up to `count` bytes.
    func read(_ count: Int, at offset: Int = 0) throws(LogStorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let filled = try read(at: offset, into: &raw)
        return Array(bytes.prefix(filled))
    }

    func contents() throws(LogStorageError) -> [UInt8] { try read(size()) }
}
