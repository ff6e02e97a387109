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

/// The whole of a file. By system calls, because Foundation's errors do not tell in plain words what is wrong.
func readFile(_ path: String) -> FileContents {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        return errno == ENOENT || errno == ENOTDIR ? .absent : .failed(systemReason())
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count == 0 { return .bytes(bytes) }
        if count < 0 {
            if errno == EINTR { continue }
            return .failed(systemReason())
        }
        bytes += chunk[..<count]
    }
}

/// What the last system call complained of.
func systemReason() -> String { unsafe String(cString: strerror(errno)) }
