//! An open file of the file system.
//!
//! Unsafe inside: the addresses of spans, passed to calls that use them no longer than they take.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

final class FileLogFile: LogFile {
    let name: String
    private let file: FileDescriptor

    init(_ name: String, _ file: FileDescriptor) {
        self.name = name
        self.file = file
    }

    func size() throws(LogStorageError) -> Int {
        var status = stat()
        try posix(.size, name) { unsafe fstat(file.number, &status) }
        return Int(status.st_size)
    }

    func read(at offset: Int, into bytes: inout MutableRawSpan) throws(LogStorageError) -> Int {
        try unsafe bytes.withUnsafeMutableBytes { bytes throws(LogStorageError) in
            guard let start = bytes.baseAddress else { return 0 }
            var count = 0
            while count < bytes.count {
                let read = try posix(.read, name) {
                    unsafe pread(file.number, start + count, bytes.count - count, off_t(offset + count))
                }
                if read == 0 { break }
                count += read
            }
            return count
        }
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(LogStorageError) {
        try unsafe bytes.withUnsafeBytes { bytes throws(LogStorageError) in
            guard let start = bytes.baseAddress else { return }
            var count = 0
            while count < bytes.count {
                let written = try posix(.write, name) {
                    unsafe pwrite(file.number, start + count, bytes.count - count, off_t(offset + count))
                }
                // Cannot be, for a file; it must not go on for ever.
                if written == 0 { throw .posix(.write, name, EIO) }
                count += written
            }
        }
    }

    func syncData() throws(LogStorageError) {
        try posix(.sync, name) { fdatasync(file.number) }
    }

    func allocate(_ size: Int) throws(LogStorageError) {
        let present = try self.size()
        if present > size { try truncate(to: size) }
        guard size > 0 else { return }
        var code = posix_fallocate(file.number, 0, off_t(size))
        while code == EINTR { code = posix_fallocate(file.number, 0, off_t(size)) }
        switch code {
        case 0: break
        // A file system that cannot, where the C library does not see to it: zeros take the space as well.
        case EOPNOTSUPP: try writeZeros(from: min(present, size), to: size)
        default: throw .posix(.allocate, name, code)
        }
    }

    func truncate(to size: Int) throws(LogStorageError) {
        try posix(.truncate, name) { ftruncate(file.number, off_t(size)) }
    }
}
