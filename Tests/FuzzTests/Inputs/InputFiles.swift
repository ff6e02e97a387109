//! The committed inputs: `Corpus/TARGET` has the seeds, `Regressions/TARGET` every input that an oracle once failed for.

import Foundation

enum InputFiles {
    enum Folder: String {
        case corpus = "Corpus"
        case regressions = "Regressions"
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private static func directory(_ folder: Folder, _ target: FuzzTarget) -> URL {
        root.appending(path: folder.rawValue).appending(path: target.name)
    }

    /// The files of a target by their names; none if it has no folder.
    static func read(_ folder: Folder, _ target: FuzzTarget) throws -> [String: [UInt8]] {
        let directory = directory(folder, target)
        guard FileManager.default.fileExists(atPath: directory.path) else { return [:] }
        var files: [String: [UInt8]] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil) {
            files[file.lastPathComponent] = [UInt8](try Data(contentsOf: file))
        }
        return files
    }

    static func write(_ seeds: [Seed], of target: FuzzTarget) throws {
        let directory = directory(.corpus, target)
        try? FileManager.default.removeItem(at: directory)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for seed in seeds { try Data(seed.bytes).write(to: directory.appending(path: seed.name)) }
    }
}
