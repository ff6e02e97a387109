//! The door to the disk.

internal import Foundation
internal import ThriftIDL

/// Reads sources from the file system; relative paths start at the working directory.
struct FileSources: SourceProvider {
    func bytes(at path: String) throws(UnreadableSource) -> [UInt8]? {
        switch readFile(path) {
        case .bytes(let bytes): return bytes
        case .absent: return nil
        case .failed(let reason): throw UnreadableSource(reason: reason)
        }
    }
}

enum FileContents {
    case bytes([UInt8])
    case absent
    /// Why it cannot be read, in the system's words.
    case failed(String)
}

/// More than any IDL has: it is read whole.
private let fileBytesMax = 64 << 20

/// The whole of a file. By system calls, because Foundation's errors do not tell in plain words what is wrong.
func readFile(_ path: String) -> FileContents {
    // Without waiting: a pipe's other end may never be opened.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
        return errno == ENOENT || errno == ENOTDIR ? .absent : .failed(systemReason())
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return .failed(systemReason()) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: return .failed(systemReason(EISDIR))
    default: return .failed("Not a regular file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count == 0 { return .bytes(bytes) }
        if count < 0 {
            if errno == EINTR { continue }
            return .failed(systemReason())
        }
        // Not by the size that the system tells: a file may grow, and those of /proc have none.
        if bytes.count + count > fileBytesMax { return .failed("More than \(fileBytesMax >> 20) MiB") }
        bytes += chunk[..<count]
    }
}

/// What the last system call complained of.
func systemReason(_ code: Int32 = errno) -> String { unsafe String(cString: strerror(code)) }
