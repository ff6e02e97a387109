/// Bytes that one call writes, at most.
private let zerosPerWrite = 1 << 20
private let zeros = [UInt8](repeating: 0, count: zerosPerWrite)

extension LogFile {
    /// Writes zeros to the bytes from `start` to `end`. Unlike space that is only allocated, these need no change of the
    /// file's metadata when they are written again, which makes a sync cheaper.
    package func writeZeros(from start: Int, to end: Int) throws(LogStorageError) {
        var offset = start
        while offset < end {
            let count = min(zerosPerWrite, end - offset)
            try write(unsafe zeros.span.bytes.extracting(first: count), at: offset)
            offset += count
        }
    }
}
