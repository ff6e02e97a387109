//! The corpus: small files, one for each rule, named after it.
//!
//! - `accepted` and `rejected`: we say what Apache's compiler (0.17) says. A rejected file's first comment has a part of
//!   our error.
//! - `stricter`: Apache accepts these, or does not survive them; each file says why we refuse it.
//! - `newer`: we accept these, as later compilers do, and Apache 0.17 does not know them.
//! - `included`: what the others include.

import Foundation
import Testing
import ThriftIDL

enum Corpus {
    enum Folder: String, CaseIterable {
        case accepted
        case rejected
        case stricter
        case newer
    }

    struct File: Sendable, CustomTestStringConvertible {
        var folder: Folder
        var name: String
        var bytes: [UInt8]

        /// Within the corpus.
        var path: String { "\(folder.rawValue)/\(name).thrift" }
        var testDescription: String { path }

        /// What the error must say.
        var expectation: String? {
            let head = "# expect: "
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(2)
            return lines.first { $0.hasPrefix(head) }.map { String($0.dropFirst(head.count)) }
        }

        func load() -> (program: Program?, diagnostics: [Diagnostic]) { Corpus.load(bytes, path: path) }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus")

    static let files: [File] = Folder.allCases.flatMap { folder in
        contents(of: folder.rawValue).map { File(folder: folder, name: $0.name, bytes: $0.bytes) }
    }

    static func files(_ folder: Folder) -> [File] { files.filter { $0.folder == folder } }

    /// Loads `bytes` as the file at `path`, with what it may include.
    static func load(_ bytes: [UInt8], path: String) -> (program: Program?, diagnostics: [Diagnostic]) {
        IDLCompiler(includeDirectories: ["included"])
            .load([path], from: MemorySources(included.merging([path: bytes]) { $1 }))
    }

    private static let included = Dictionary(
        uniqueKeysWithValues: contents(of: "included").map { ("included/\($0.name).thrift", $0.bytes) })

    private static func contents(of folder: String) -> [(name: String, bytes: [UInt8])] {
        let folder = root.appending(path: folder)
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "thrift" }
            .map { ($0.deletingPathExtension().lastPathComponent, [UInt8]((try? Data(contentsOf: $0)) ?? Data())) }
            .sorted { $0.0 < $1.0 }
    }
}
