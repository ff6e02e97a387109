//! A real file system that is soon full, where the machine lets one be mounted.

import Foundation

/// A file system of a quarter of a mebibyte in memory.
final class TinyFileSystem {
    static let sizeBytes = 256 << 10
    static let canBeMade = (try? TinyFileSystem()) != nil

    let path = NSTemporaryDirectory() + "needletail-disk-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        do {
            try Self.run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(Self.sizeBytes)", "tmpfs", path])
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    deinit {
        try? Self.run("/usr/bin/umount", [path])
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func run(_ command: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: command)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw CocoaError(.fileWriteUnknown) }
    }
}
