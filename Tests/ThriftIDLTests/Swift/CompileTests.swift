import Foundation
import Testing
import ThriftIDL

/// The compiler's word on what is generated: no errors, no warnings, each file of the corpus as a module of its own.
///
/// Runs `swiftc` against the modules that this test was built with; where these cannot be found, nothing is tested.
@Suite(.enabled(if: SwiftCompiler.found != nil))
struct CompileTests {
    @Test(
        "what is generated from the corpus compiles without warnings",
        arguments: Corpus.files(.accepted) + Corpus.files(.newer))
    func corpus(file: Corpus.File) throws {
        let program = try #require(file.load().program)
        let (files, diagnostics) = SwiftGenerator(program: program).generate()
        guard !diagnostics.contains(where: { $0.severity == .error }) else { return }
        let compiler = try #require(SwiftCompiler.found)
        let folder = try Folder()
        // Other modules first, an included one before those that include it.
        let modules = program.documents.compactMap { document in
            document.namespaces.last { $0.scope == "swift" }.map { (name: $0.name, path: document.path) }
        }
        let own = program.document(at: program.roots[0])?.namespaces.last { $0.scope == "swift" }?.name
        for module in modules where module.name != own {
            let bytes = try #require(Corpus.bytes(at: module.path))
            let included = try #require(Corpus.load(bytes, path: module.path).program)
            let paths = try folder.write(SwiftGenerator(program: included).generate().files, to: module.name)
            try compiler.expectCompiled(paths, .module(module.name), folder)
        }
        try compiler.expectCompiled(folder.write(files, to: "Generated"), .check(.package), folder)
    }

    @Test(
        "hard names, shapes and values compile without warnings, with the package's features and without",
        arguments: SwiftCorpus.names, SwiftCompiler.Features.allCases)
    func hard(name: String, features: SwiftCompiler.Features) throws {
        let folder = try Folder()
        let files = try SwiftCorpus.generate(name).files
        try #require(SwiftCompiler.found)
            .expectCompiled(folder.write(files, to: "Generated"), .check(features), folder)
    }

    @Test("names that other modules have compile without warnings")
    func capturedNames() throws {
        let compiler = try #require(SwiftCompiler.found)
        let folder = try Folder()
        let files = [
            // NIOCore has a Channel and an EventLoop, too.
            "shared.thrift": """
            namespace swift Shared
            struct Channel { 1: string name }
            enum EventLoop { ZERO = 0, ONE = 1 }
            exception Copyable { 1: string why }
            service Base { void ping() throws (1: Copyable copyable) }
            """,
            "root.thrift": """
            include "shared.thrift"
            typedef shared.Copyable Refusal
            struct Escapable { 1: binary data, 2: shared.Channel channel, 3: shared.EventLoop loop = shared.EventLoop.ONE }
            service Served extends shared.Base {
              Escapable shared(1: Escapable escapable) throws (1: Refusal refusal)
              void copyable(1: shared.Channel channel) throws (1: shared.Copyable copyable)
            }
            """,
        ]
        let shared = try folder.write(Generated(files, roots: ["shared.thrift"]).files, to: "Shared")
        try compiler.expectCompiled(shared, .module("Shared"), folder)
        let root = try folder.write(Generated(files, roots: ["root.thrift"]).files, to: "Generated")
        try compiler.expectCompiled(root, .check(.package), folder)
    }

    @Test("what is large does not keep the type checker busy", .timeLimit(.minutes(1)))
    func large() throws {
        let folder = try Folder()
        let files = try Generated(SwiftCorpus.large).files
        try #require(SwiftCompiler.found)
            .expectCompiled(folder.write(files, to: "Generated"), .types, folder)
    }
}

/// The formatter's word.
@Suite(.enabled(if: Formatter.isInstalled))
struct StyleTests {
    @Test("what is generated is clean under the formatter's strict lint")
    func style() throws {
        let folder = try Folder()
        for name in SwiftCorpus.names { _ = try folder.write(SwiftCorpus.generate(name).files, to: name) }
        for file in Corpus.files(.accepted) + Corpus.files(.newer) {
            let program = try #require(file.load().program)
            _ = try folder.write(SwiftGenerator(program: program).generate().files, to: file.name)
        }
        _ = try folder.write(Generated(SwiftCorpus.large).files, to: "large")
        let result = try run(Formatter.command + ["--recursive", folder.url.path])
        #expect(result.status == 0, "\(result.output.prefix(2_000))")
    }
}

enum Formatter {
    private static let configuration = Corpus.root.appending(path: "../../../.swift-format").standardized.path
    static let command = ["swift", "format", "lint", "--strict", "--configuration", configuration]
    static let isInstalled = (try? run(["swift", "format", "--version"]))?.status == 0
}

/// `swiftc`, with what it takes to see the modules that this test was built with.
struct SwiftCompiler {
    enum Features: CaseIterable {
        /// As in this package.
        case package
        /// Swift 6, and what views need.
        case none
    }

    enum Purpose {
        /// Everything that is said of a file before code is made of it.
        case check(Features)
        /// The type checker alone.
        case types
        /// A module for others to import.
        case module(String)
    }

    private let arguments: [String]

    /// nil where there is no compiler, or the modules are not where SwiftPM puts them.
    static let found: SwiftCompiler? = {
        let build = Bundle.main.bundleURL
        let modules = build.appending(path: "Modules")
        let files = FileManager.default
        guard files.fileExists(atPath: modules.appending(path: "NeedletailRPC.swiftmodule").path),
            (try? run(["swiftc", "--version"]))?.status == 0
        else { return nil }
        // Those of C targets lie in the build folder, or with their sources.
        let checkouts = build.appending(path: "../../checkouts").standardized
        let root = Corpus.root.appending(path: "../../..").standardized
        func folders(in folder: URL) -> [URL] {
            (try? files.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        }
        let packages = folders(in: checkouts).map { $0.appending(path: "Sources") } + [root.appending(path: "Sources")]
        let maps =
            folders(in: build).filter { $0.lastPathComponent.hasPrefix("C") }.map {
                $0.appending(path: "module.modulemap")
            }
            + packages.flatMap(folders).flatMap { folder in
                ["include/module.modulemap", "module.modulemap"].map { folder.appending(path: $0) }
            }
        let found = maps.map(\.path).filter { files.fileExists(atPath: $0) }
        return SwiftCompiler(
            arguments: ["-I", modules.path] + found.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] })
    }()

    func expectCompiled(
        _ paths: [String], _ purpose: Purpose, _ folder: Folder,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        var arguments = ["swiftc", "-swift-version", "6", "-warnings-as-errors", "-parse-as-library", "-wmo"]
        arguments += self.arguments + ["-I", folder.url.path, "-enable-experimental-feature", "Lifetimes"]
        switch purpose {
        case .check(let features):
            arguments += ["-module-name", "Generated", "-emit-sil", "-o", "/dev/null"]
            if features == .package { arguments += Self.features }
        case .types: arguments += ["-module-name", "Generated", "-typecheck"] + Self.features
        case .module(let name):
            let path = folder.url.appending(path: "\(name).swiftmodule").path
            arguments += ["-module-name", name, "-emit-module", "-emit-module-path", path] + Self.features
        }
        let result = try run(arguments + paths)
        #expect(result.status == 0, "\(result.output.prefix(4_000))", sourceLocation: sourceLocation)
    }

    private static let features =
        ["ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault", "NonisolatedNonsendingByDefault"]
        .flatMap { ["-enable-upcoming-feature", $0] } + ["-strict-memory-safety"]
}

extension Corpus {
    /// A file that the corpus may include.
    static func bytes(at path: String) -> [UInt8]? {
        (try? Data(contentsOf: root.appending(path: path))).map { [UInt8]($0) }
    }
}
