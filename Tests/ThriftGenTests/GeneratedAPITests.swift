internal import Foundation
internal import Testing
internal import ThriftIDL

/// Our own API is generated from its IDL and committed: readers see it, and those who depend on us build no generator.
/// What is committed must be what the compiler makes now; `UPDATE_RENDERED_FILES=1` writes it.
extension ThriftGenTests {
    @Suite("our own API (UPDATE_RENDERED_FILES=1 writes it)")
    struct GeneratedAPI {
        private static let folder = Workshop.repository.appending(path: "Sources/StorageAPI")
        private static let files = ["history.thrift", "storage.thrift"]

        private func compare(_ contents: String, with name: String) throws {
            let file = Self.folder.appending(path: name)
            if ProcessInfo.processInfo.environment["UPDATE_RENDERED_FILES"] == "1" {
                try Data(contents.utf8).write(to: file)
            }
            let isEqual = try String(contentsOf: file, encoding: .utf8) == contents
            #expect(
                isEqual, "\(name) is not what its IDL gives: UPDATE_RENDERED_FILES=1 swift test --filter GeneratedAPI")
        }

        @Test("the committed Swift is what the compiler writes, without a warning")
        func code() throws {
            let sources = MemorySources(
                try Dictionary(
                    uniqueKeysWithValues: Self.files.map { name in
                        (name, Array(try Data(contentsOf: Self.folder.appending(path: name))))
                    }))
            let (loaded, diagnostics) = IDLCompiler(isStrict: true).load(Self.files, from: sources)
            let program = try #require(loaded, "\(diagnostics.rendered())")
            let generated = SwiftGenerator(program: program).generate()
            #expect(generated.diagnostics.isEmpty, "\(generated.diagnostics.rendered())")
            #expect(generated.files.map(\.name) == Self.files.map { "\($0).swift" })
            for file in generated.files { try compare(file.contents, with: file.name) }
        }

        @Test("the committed Swift of the codec benchmark is what the compiler writes")
        func codecs() throws {
            let folder = Workshop.repository.appending(path: "LoadTests/Codecs")
            let name = "codecs.thrift"
            let sources = MemorySources([name: Array(try Data(contentsOf: folder.appending(path: name)))])
            let program = try #require(IDLCompiler().load([name], from: sources).program)
            let file = try #require(SwiftGenerator(program: program).generate().files.first)
            let committed = try String(contentsOf: folder.appending(path: file.name), encoding: .utf8)
            #expect(
                file.contents == committed,
                "swift run thrift-gen-swift LoadTests/Codecs/codecs.thrift --output LoadTests/Codecs")
        }

        @Test("the committed pages are what the Markdown plugin writes")
        func pages() throws {
            let workshop = try Workshop()
            let result = try workshop.run(
                Workshop.tool("thrift-gen-swift"),
                Self.files.map { Self.folder.appending(path: $0).path }
                    + ["--output", "o", "--strict", "--plugin", Workshop.tool("thrift-gen-markdown").path])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            let pages = workshop.files(in: "o")
            #expect(pages == ["history.md", "storage.md"])
            for page in pages { try compare(workshop.contents("o/\(page)"), with: "Documentation.docc/\(page)") }
        }
    }
}
