import Testing

@testable import ThriftIDL

struct RecoveryTests {
    @Test("one run shows the errors of a whole file, each once")
    func manyErrors() {
        let found = diagnostics(
            """
            struct A { 1: i32
              2: list<i32 a, 3: i32 c }
            struct { }
            enum E { A = 99999999999, B = C
              D }
            service S { void f(1: i32), void g(1: i32 a) throws x, void h() }
            const i32 B = $5 'abc
            struct T { 1: i32 a
            struct U { 1: Nothing n }
            """)
        #expect(
            found == """
                test.thrift:2:3: error: expected the field's name, found the number 2
                  2: list<i32 a, 3: i32 c }
                  ^
                test.thrift:2:15: error: expected '>' after the type of the elements, found 'a'
                  2: list<i32 a, 3: i32 c }
                              ^
                test.thrift:3:8: error: expected the struct's name, found '{'
                struct { }
                       ^
                test.thrift:4:14: error: the number 99999999999 of 'A' does not fit 32 bits
                enum E { A = 99999999999, B = C
                             ^
                test.thrift:4:31: error: expected the number of 'B', found 'C'
                enum E { A = 99999999999, B = C
                                              ^
                test.thrift:6:26: error: expected the argument's name, found ')'
                service S { void f(1: i32), void g(1: i32 a) throws x, void h() }
                                         ^
                test.thrift:6:53: error: expected '(' after 'throws', found 'x'
                service S { void f(1: i32), void g(1: i32 a) throws x, void h() }
                                                                    ^
                test.thrift:7:15: error: '$' has no meaning here
                const i32 B = $5 'abc
                              ^
                test.thrift:7:18: error: this text has no end: expected ' before the end of the line
                const i32 B = $5 'abc
                                 ^
                test.thrift:7:18: error: expected a definition, found the text "abc"
                const i32 B = $5 'abc
                                 ^
                test.thrift:9:1: error: expected a field or '}', found the keyword 'struct'
                struct U { 1: Nothing n }
                ^
                """)
    }

    @Test("what can be said of each definition by itself is said beside errors of syntax; of unknown names nothing is")
    func declarationsBesideSyntax() {
        #expect(
            messages("struct A { 1: i32 a, 1: B b }\nstruct C { 1 }") == [
                "error: 'b' has the id 1, which 'a' has", "error: expected ':' after the field's id, found '}'",
            ])
    }

    @Test("several mistakes of meaning are found in one run, from top to bottom")
    func manyMeanings() {
        #expect(
            messages(
                """
                const i8 A = 500
                struct S { 1: Nothing a, 2: i32 b = "x", 3: list<Missing> c }
                service V extends W { oneway i32 f() }
                """) == [
                    "error: expected a value of type i8 (-128 to 127), found the number 500",
                    "error: unknown type 'Nothing'",
                    "error: expected a value of type i32 (-2147483648 to 2147483647), found the text \"x\"",
                    "error: unknown type 'Missing'",
                    "error: unknown service 'W'",
                    "error: the oneway function 'f' returns a value: expected 'void'",
                ])
    }

    @Test(
        "a brace that is missing costs one error",
        arguments: [
            "service S { void f(1: i32 a }\nstruct T { 1: i32 a }", "struct S { 1: i32 a (b = 'c' }\nstruct T {}",
            "const map<i32, i32> A = {1: 2\nstruct T {}", "enum E { A\nstruct T {}",
        ])
    func missingBrace(text: String) {
        #expect(messages(text).count == 1, "\(diagnostics(text))")
    }
}
