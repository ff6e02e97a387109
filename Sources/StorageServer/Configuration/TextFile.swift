//! Reads small text files: the configuration, and the kernel's files about containers. Bounded, so that a path to
//! something endless fails instead of filling memory. Called at start, on the main thread.

internal import SystemPackage

/// Why a file could not be read.
package enum TextFileError: Error, Sendable, Hashable {
    case notFound
    case permissionDenied
    case isDirectory
    case larger(thanBytes: Int)
    case notUTF8
    case other(String)

    /// As it stands in an error's line.
    package var reason: String {
        switch self {
        case .notFound: "there is no such file"
        case .permissionDenied: "permission denied"
        case .isDirectory: "it is a directory"
        case .larger(let bytes): "it is larger than \(SizeUnits.text(bytes: bytes))"
        case .notUTF8: "it is not UTF-8 text"
        case .other(let description): description
        }
    }
}

package enum TextFile {
    /// The whole content of the file at `path`.
    package static func read(_ path: String, bytesMax: Int = 1 << 20) throws(TextFileError) -> String {
        var content: [UInt8] = []
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            defer { try? file.close() }
            var chunk = [UInt8](repeating: 0, count: 16 << 10)
            while true {
                let count = try unsafe chunk.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
                if count == 0 { break }
                content += chunk.prefix(count)
                if content.count > bytesMax { break }
            }
        } catch let error as Errno {
            throw TextFileError(error)
        } catch {
            throw .other("\(error)")
        }
        if content.count > bytesMax { throw .larger(thanBytes: bytesMax) }
        guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8 }
        return text
    }
}

extension TextFileError {
    fileprivate init(_ error: Errno) {
        switch error {
        case .noSuchFileOrDirectory, .notDirectory: self = .notFound
        case .permissionDenied, .notPermitted: self = .permissionDenied
        case .isDirectory: self = .isDirectory
        default: self = .other(error.description)
        }
    }
}
