import Testing

@testable import ThriftIDL

/// Files made to exhaust the stack, the memory or the time.
struct HostileInputTests {
    private static let many = Scale.pick(5_000, full: 50_000)

    private func repeated(_ text: String, _ count: Int = many) -> String { String(repeating: text, count: count) }

    private func lines(_ line: (Int) -> String) -> String { (1...Self.many).map(line).joined(separator: "\n") }

    @Test("types and values nest 64 deep, and no deeper")
    func nesting() {
        func lists(_ depth: Int) -> String { repeated("list<", depth) + "i32" + repeated(">", depth) }
        func value(_ depth: Int) -> String { repeated("[", depth) + repeated("]", depth) }
        #expect(diagnostics("struct S { 1: \(lists(63)) a }") == "")
        #expect(messages("struct S { 1: \(lists(64)) a }") == ["error: this is nested more than 64 levels deep"])
        #expect(diagnostics("const \(lists(60)) A = \(value(60))") == "")
        #expect(messages("const i32 A = \(value(65))").contains("error: this is nested more than 64 levels deep"))
        for opening in ["list<", "map<i32,", "[", "{1:", "(", "{", "xsd_attrs{1:i32 a "] {
            #expect(!messages("struct S { 1: i32 a = \(repeated(opening))").isEmpty)
            #expect(!messages("struct S { 1: \(repeated(opening))").isEmpty)
            #expect(!messages("struct S { 1: i32 a \(repeated(opening))").isEmpty)
        }
    }

    @Test("long chains of definitions are followed without recursion")
    func chains() {
        #expect(diagnostics(lines { "typedef T\($0 + 1) T\($0)" } + "\nstruct T\(Self.many + 1) { 1: T1 a }") == "")
        #expect(messages(lines { "typedef T\($0 % Self.many + 1) T\($0)" }).count == 1)
        #expect(diagnostics("const i32 C0 = 1\n" + lines { "const i32 C\($0) = C\($0 - 1)" }) == "")
        #expect(messages(lines { "struct S\($0) { 1: required S\($0 % Self.many + 1) s }" }).count == 1)
        #expect(diagnostics("service S0 {}\n" + lines { "service S\($0) extends S\($0 - 1) {}" }) == "")
    }

    @Test("constants that grow by doubling are not written out")
    func doubling() {
        let typedefs = (1...60).map { "typedef list<T\($0 - 1)> T\($0)" }.joined(separator: "\n")
        let constants = (1...60).map { "const T\($0) C\($0) = [C\($0 - 1), C\($0 - 1)]" }.joined(separator: "\n")
        #expect(diagnostics("typedef i32 T0\n\(typedefs)\nconst T0 C0 = 1\n\(constants)") == "")
    }

    @Test("what would be too much to write is refused, and long ways round are walked")
    func generating() throws {
        func generated(_ text: String) throws -> (files: [GeneratedFile], diagnostics: [Diagnostic]) {
            let sources: MemorySources = ["test.thrift": text]
            return SwiftGenerator(program: try #require(IDLCompiler().load(["test.thrift"], from: sources).program))
                .generate()
        }
        let lists = (1...60).map { "typedef list<T\($0 - 1)> T\($0)" }.joined(separator: "\n")
        let values = (1...60).map { "const T\($0) C\($0) = [C\($0 - 1), C\($0 - 1)]" }.joined(separator: "\n")
        let maps = (1...40).map { "typedef map<T\($0 - 1), T\($0 - 1)> T\($0)" }.joined(separator: "\n")
        for text in [
            "typedef i32 T0\n\(lists)\nconst T0 C0 = 1\n\(values)", "typedef i32 T0\n\(maps)\nstruct S { 1: T40 a }",
            lines { "typedef T\($0 + 1) T\($0)" } + "\nstruct T\(Self.many + 1) { 1: T1 a }",
            "const i32 C0 = 1\n" + lines { "const i32 C\($0) = C\($0 - 1)" },
            "service S0 {}\n" + lines { "service S\($0) extends S\($0 - 1) {}" },
        ] {
            let (files, diagnostics) = try generated(text)
            #expect(files.isEmpty)
            #expect(diagnostics.first?.message.contains("stands for too much to write") == true)
        }
        let ring = try generated(
            (1...500).map { "struct S\($0) { 1: optional S\($0 % 500 + 1) s }" }.joined(separator: "\n"))
        #expect(ring.diagnostics.isEmpty)
        #expect(ring.files.first?.contents.contains("Indirect<S1>") == true)
    }

    @Test("a long line is shown in part, and the errors of a file are bounded")
    func longLines() throws {
        let found = IDLCompiler().load(
            ["test.thrift"],
            from: ["test.thrift": repeated("struct { } ", Scale.pick(10_000, full: 100_000))] as MemorySources)
        #expect(found.diagnostics.count == 500)
        #expect(found.diagnostics.rendered().hasSuffix("\nand 450 more"))
        #expect(found.diagnostics.allSatisfy { $0.rendered.utf8.count < 500 })
        #expect(diagnostics("struct \(repeated("x")) { 1: \(repeated("y")) a }").utf8.count < 500)
    }

    @Test("texts, comments and numbers of any length are read")
    func longTokens() {
        #expect(diagnostics("/** \(repeated("* \n")) */ const string A = '\(repeated("x"))'") == "")
        #expect(messages("const i64 A = \(repeated("9"))").count == 1)
        #expect(messages("const double A = \(repeated("9")).5").count == 1)
        #expect(messages("/* \(repeated("x"))").count == 1)
    }
}
