import Testing

@testable import ThriftIDL

struct DiagnosticTests {
    @Test("the caret stands under the place, behind tabs and wide characters as well")
    func caret() {
        #expect(
            diagnostics("struct S {\n\t1: i32 /* é€😀 */ list }")
                == "test.thrift:2:19: error: expected the field's name, found the keyword 'list'\n"
                + "\t1: i32 /* é€😀 */ list }\n\t                 ^")
    }

    @Test("control characters do not reach the terminal")
    func controlCharacters() {
        #expect(diagnostics("struct \u{1b}[31m S {}").contains("struct \u{fffd}[31m S {}\n"))
        #expect(!diagnostics("struct \u{1b}[31m S {}").contains("\u{1b}"))
    }

    @Test("an error at the end of a file is shown in its last line")
    func endOfFile() {
        #expect(
            diagnostics("struct S { ") == """
                test.thrift:1:12: error: expected a field or '}', found the end of the file
                struct S {\(" ")
                           ^
                """)
    }

    @Test("warnings leave the program; taken strictly they are errors")
    func strictness() {
        #expect(
            messages("struct S { i32 a }") == [
                "warning: 'a' has no id and gets -1, which changes when fields are added before it"
            ])
        #expect(
            messages("struct S { i32 a }", isStrict: true) == [
                "error: 'a' has no id and gets -1, which changes when fields are added before it"
            ])
        let strict = IDLCompiler(isStrict: true).load(
            ["a"], from: ["a": "struct S { 0: i32 a, 2: Nothing b }"] as MemorySources)
        #expect(strict.program == nil)
        #expect(strict.diagnostics.map(\.message).contains("unknown type 'Nothing'"))
    }

    @Test("a bound on what is printed says how much was left out")
    func bound() {
        let one = Diagnostic(severity: .error, message: "x", location: nil, excerpt: nil)
        #expect([one, one, one].rendered(limit: 2) == "error: x\nerror: x\nand 1 more")
        #expect([Diagnostic]().rendered() == "")
    }
}
