internal import SystemPackage

/// Small files of `/proc`, which are made anew by each read.
enum ProcFile {
    private static let bytesMax = 4_096

    /// The file's text; nil if it cannot be read.
    static func read(_ path: String) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        return try? file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: bytesMax)
            let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }
}
