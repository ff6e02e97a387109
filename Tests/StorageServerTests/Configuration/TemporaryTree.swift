//! A directory of a test's own, filled with files and gone with the test.

import Foundation

final class TemporaryTree {
    let path: String

    /// Files by their paths below the directory; folders are made.
    init(_ files: [String: String] = [:]) throws {
        path = NSTemporaryDirectory() + "needletail-configuration-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, content) in files { try write(content, to: name) }
    }

    func write(_ content: String, to name: String) throws {
        try write(Data(content.utf8), to: name)
    }

    func write(_ content: Data, to name: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: file)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
