extension LogFile {
    /// The first bytes of the file, at most so many.
    func start(_ count: Int) throws(LogStorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let read = try self.read(at: 0, into: &raw)
        bytes.removeLast(count - read)
        return bytes
    }
}
