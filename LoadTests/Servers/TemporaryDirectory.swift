//! A directory that goes away with its owner.

internal import Foundation

final class TemporaryDirectory {
    let path: String

    /// - Parameter parent: the folder to make it in; nil: where temporary files go.
    init(in parent: String? = nil) throws {
        let parent = parent.map { URL(filePath: $0, directoryHint: .isDirectory) }
        let url = (parent ?? FileManager.default.temporaryDirectory)
            .appending(path: "needletail-load-\(UInt32.random(in: 0 ... .max))", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a folder in it.
    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: false)
    }

    func path(_ name: String) -> String { path + "/" + name }
}
