//! Small files of the kernel (`/proc`, `/sys`) and of servers' logs, read whole.

internal import SystemPackage

/// A file's text, up to a MiB; nil if it cannot be read.
func contents(ofFile path: String) -> String? { bytes(ofFile: path).map { String(decoding: $0, as: UTF8.self) } }

/// What a file holds, up to a MiB; nil if it cannot be read.
func bytes(ofFile path: String) -> [UInt8]? {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
    return try? file.closeAfter {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1_048_576 {
            let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            if count == 0 { break }
            bytes += chunk.prefix(count)
        }
        return bytes
    }
}

/// What stands behind `name` in a file of lines `name value` or `name: value`.
func field(_ name: String, ofFile path: String) -> String? {
    contents(ofFile: path)?.split(separator: "\n").lazy
        .compactMap { line -> String? in
            guard line.hasPrefix(name) else { return nil }
            let rest = line.dropFirst(name.count).drop { $0 == " " || $0 == "\t" }
            let value = rest.first == ":" ? rest.dropFirst() : rest
            return String(value.drop { $0 == " " || $0 == "\t" })
        }.first
}
