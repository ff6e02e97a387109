import Testing

@testable import ThriftIDL

struct LoaderTests {
    private func load(
        _ files: [String], in folders: [String] = [], _ sources: MemorySources
    ) -> (program: Program?, diagnostics: String) {
        let (program, diagnostics) = IDLCompiler(includeDirectories: folders).load(files, from: sources)
        return (program, diagnostics.rendered())
    }

    @Test("included files come before those that include them, each once")
    func order() throws {
        let (program, diagnostics) = load(
            ["a.thrift", "./d.thrift", "a.thrift"],
            [
                "a.thrift": "include 'b.thrift'\ninclude 'c.thrift'\nstruct A { 1: b.B b, 2: c.C c }",
                "b.thrift": "include './x/../c.thrift'\nstruct B { 1: c.C c }", "c.thrift": "struct C {}",
                "d.thrift": "",
            ])
        #expect(diagnostics == "")
        #expect(program?.documents.map(\.path) == ["c.thrift", "b.thrift", "a.thrift", "d.thrift"])
        #expect(program?.roots == ["a.thrift", "d.thrift"])
        #expect(program?.documents[1].includes.map(\.path) == ["c.thrift"])
        #expect(program?.documents[1].includes.map(\.literal) == ["./x/../c.thrift"])
        let document = try #require(program?.documents[2])
        #expect(program?.definition(of: "c.C", in: document)?.document.path == "c.thrift")
    }

    @Test("the including file's folder comes first, then the given ones in order")
    func folders() {
        let sources: MemorySources = [
            "src/a.thrift": "include 'x.thrift'\ninclude 'y.thrift'\ninclude '/z.thrift'", "src/x.thrift": "",
            "one/x.thrift": "", "two/y.thrift": "", "three/y.thrift": "", "/z.thrift": "",
        ]
        let (program, diagnostics) = load(["src/a.thrift"], in: ["one", "two/", "three"], sources)
        #expect(diagnostics == "")
        #expect(program?.documents.last?.includes.map(\.path) == ["src/x.thrift", "two/y.thrift", "/z.thrift"])
    }

    @Test("a file that is not found says where it was looked for")
    func missing() {
        #expect(
            load(["src/a.thrift"], in: ["one", "../two"], ["src/a.thrift": "include 'x.thrift'"]).diagnostics == """
                src/a.thrift:1:1: error: 'x.thrift' is not found; looked for 'src/x.thrift', 'one/x.thrift', \
                '../two/x.thrift'
                include 'x.thrift'
                ^
                """)
        #expect(load(["b.thrift"], [:]).diagnostics == "error: there is no file 'b.thrift'")
    }

    @Test("files that include each other are shown as a chain")
    func circle() {
        let (program, diagnostics) = load(
            ["a.thrift"],
            ["a.thrift": "include 'b.thrift'", "b.thrift": "include 'c.thrift'", "c.thrift": "include 'b.thrift'"])
        #expect(program == nil)
        #expect(
            diagnostics == """
                c.thrift:1:1: error: these files include each other in a circle: b.thrift → c.thrift → b.thrift
                include 'b.thrift'
                ^
                """)
    }

    @Test("a file that cannot be read says why")
    func unreadable() {
        struct Locked: SourceProvider {
            func bytes(at path: String) throws(UnreadableSource) -> [UInt8]? {
                if path == "a.thrift" { return Array("include 'b.thrift'".utf8) }
                throw UnreadableSource(reason: "Permission denied")
            }
        }
        let found = IDLCompiler().load(["a.thrift", "c.thrift"], from: Locked()).diagnostics.map(\.message)
        #expect(
            found == ["'c.thrift' cannot be read: Permission denied", "'b.thrift' cannot be read: Permission denied"])
    }

    @Test("two files of one name cannot both be included; one file twice is a warning")
    func sameName() {
        #expect(
            load(
                ["a.thrift"],
                ["a.thrift": "include 'x/b.thrift'\ninclude 'y/b.thrift'", "x/b.thrift": "", "y/b.thrift": ""]
            )
            .diagnostics.contains("error: 'x/b.thrift' and 'y/b.thrift' would both be called 'b'"))
        #expect(
            load(["a.thrift"], ["a.thrift": "include 'b.thrift'\ninclude './b.thrift'", "b.thrift": ""])
                .diagnostics.contains("warning: './b.thrift' is included twice"))
    }

    @Test("an error in an included file is shown there")
    func includedError() {
        #expect(
            load(["a.thrift"], ["a.thrift": "include 'b.thrift'", "b.thrift": "\nstruct"]).diagnostics
                == "b.thrift:2:7: error: expected the struct's name, found the end of the file\nstruct\n      ^")
    }

    @Test("a long chain of includes ends in an error")
    func chain() {
        let files = (0..<200).map { ("f\($0).thrift", Array("include 'f\($0 + 1).thrift'".utf8)) }
        let found = IDLCompiler().load(["f0.thrift"], from: MemorySources(Dictionary(uniqueKeysWithValues: files)))
        #expect(found.diagnostics.map(\.message) == ["a chain of includes is longer than 100 files"])
    }

    @Test("paths are joined as text")
    func paths() {
        #expect(FilePath.join("a/b", "../c/./d.thrift") == "a/c/d.thrift")
        #expect(FilePath.join("", "../../x") == "../../x")
        #expect(FilePath.join("/", "../x") == "/x")
        #expect(FilePath.join("a", "/x") == "/x")
        #expect(FilePath.name("a/b.c.thrift") == "b.c")
        #expect(FilePath.name(".thrift") == ".thrift")
        #expect(FilePath.folder("/x") == "/")
        #expect(FilePath.folder("x") == "")
    }
}
