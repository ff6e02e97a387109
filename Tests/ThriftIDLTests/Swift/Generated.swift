//! What the tests of the Swift emitter share: from a text to its Swift, and the tools that judge it.

import Foundation
import Testing
import ThriftIDL

/// The Swift of one IDL text.
struct Generated {
    var files: [GeneratedFile]
    var diagnostics: [Diagnostic]

    /// The Swift of `roots` among `files`; no errors are expected of the front end.
    init(_ files: [String: String], roots: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
        let sources = MemorySources(files.mapValues { Array($0.utf8) })
        let (program, diagnostics) = IDLCompiler().load(roots, from: sources)
        let checked = try #require(program, "\(diagnostics.rendered())", sourceLocation: sourceLocation)
        (self.files, self.diagnostics) = SwiftGenerator(program: checked).generate()
    }

    /// The Swift of `text`, as `test.thrift`.
    init(_ text: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
        try self.init(["test.thrift": text], roots: ["test.thrift"], sourceLocation: sourceLocation)
    }

    /// The contents of the only file.
    var text: String { files.first?.contents ?? "" }

    var messages: [String] { diagnostics.map(\.message) }

    /// Whether the lines of `excerpt` stand in the text one after the other, however they are indented.
    func has(_ excerpt: String) -> Bool { Self.flat(text).contains(Self.flat(excerpt)) }

    private static func flat(_ text: String) -> String {
        "\n" + text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
            + "\n"
    }
}

/// Files of the corpus that are Swift's own: names, shapes and values that are hard on a generator.
enum SwiftCorpus {
    static let names = ["golden", "names", "rules", "services", "shapes", "types", "values"]

    static func text(_ name: String) throws -> String {
        try String(contentsOf: Corpus.root.appending(path: "swift/\(name).thrift"), encoding: .utf8)
    }

    static func generate(_ name: String) throws -> Generated {
        let path = "\(name).thrift"
        return try Generated([path: text(name)], roots: [path])
    }

    /// A struct of 300 fields, an enum of 1,000 cases, a union of 300 members, a map of 500 pairs.
    static var large: String {
        let types = [
            "i32", "string", "optional i64", "binary", "required bool", "list<string>", "optional map<string, i32>",
            "double",
            "optional Kind", "Kind", "optional string", "Large",
        ]
        let cases = (0..<1000).map { "KIND_NUMBER_\($0)" }.joined(separator: ", ")
        let fields = (0..<300).map { "\($0 + 1): \(types[$0 % types.count]) fieldNumber\($0)" }
        let members = (0..<300).map { "\($0 + 1): \($0.isMultiple(of: 2) ? "string" : "Large") member\($0)" }
        let pairs = (0..<500).map { "\"key number \($0)\": \($0)" }.joined(separator: ", ")
        return """
            enum Kind { \(cases) }
            struct Large { \(fields.joined(separator: "\n")) }
            union LargeUnion { \(members.joined(separator: "\n")) }
            const map<string, i32> TABLE = { \(pairs) }
            """
    }
}

/// A folder for generated files, gone when its owner is.
final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "thrift-gen-swift-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes the files into a folder of their own and returns their paths.
    func write(_ files: [GeneratedFile], to name: String) throws -> [String] {
        let folder = url.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try files.map { file in
            let path = folder.appending(path: file.name)
            try Data(file.contents.utf8).write(to: path)
            return path.path
        }
    }
}

/// A process that ran to its end: nothing is said where all is well.
func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
