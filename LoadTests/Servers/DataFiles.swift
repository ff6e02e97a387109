//! The files that a server has persisted.

internal import Foundation
internal import SystemPackage

enum DataFiles {
    /// How much is read at a time, in bytes.
    private static let chunkSize = 1_048_576

    /// Reads every file below a folder from start to end, so that the kernel has them in memory.
    /// - Returns: their bytes.
    @discardableResult
    static func readAll(below folder: String) throws -> Int {
        var chunk = [UInt8](repeating: 0, count: chunkSize)
        var sum = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let path = folder + "/" + name
            if FileSystem.isFolder(path) { continue }
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            sum += try file.closeAfter {
                var size = 0
                while case let count = try unsafe chunk.withUnsafeMutableBytes({ try unsafe file.read(into: $0) }),
                    count > 0
                { size += count }
                return size
            }
        }
        return sum
    }
}
