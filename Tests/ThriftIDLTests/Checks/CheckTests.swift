import Testing

@testable import ThriftIDL

/// What the corpus does not show: warnings, hints, and several rules at once.
struct CheckTests {
    @Test("a duplicate says where the first is, with its file")
    func duplicate() {
        #expect(
            diagnostics("struct A {}\nunion B {}\nenum A { X }") == """
                test.thrift:3:6: error: duplicate definition 'A': the first is at line 1
                enum A { X }
                     ^
                """)
    }

    @Test("a struct that requires itself is a warning, through other structs and typedefs as well")
    func withoutEnd() {
        #expect(
            messages("struct A { 1: required B b }\ntypedef C B\nexception C { 1: required A a }").contains(
                "warning: these structs require each other without end: A → C → A"))
        #expect(messages("struct A { 1: optional A a, 2: required list<A> b }\nunion U { 1: required U u }").count == 1)
    }

    @Test("an exception as a type is a warning")
    func exceptionAsType() {
        #expect(
            messages("exception X {}\nstruct S { 1: list<X> x }") == [
                "warning: 'X' is an exception: expected it after 'throws' only"
            ])
    }

    @Test("duplicate elements of a set are a warning, by value")
    func duplicateElements() {
        #expect(
            messages("enum E { A = 1 }\nconst set<E> S = [E.A, 1]\nconst set<bool> B = [true, 1]") == [
                "warning: the number 1 is in the set already", "warning: the number 1 is in the set already",
            ])
    }

    @Test("keys that are equal by value are duplicates, whatever they are called")
    func duplicateKeys() {
        #expect(
            messages("const i32 K = 1\nconst map<i64, i32> M = {K: 1, 1: 2}") == [
                "error: the number 1 is a key already"
            ])
    }

    @Test("a value by a constant's name must fit where it is used")
    func valuesByName() {
        #expect(
            messages("const i32 A = 300\nconst i8 B = A\nconst bool C = A\nconst double D = A") == [
                "error: expected a value of type i8 (-128 to 127), found 'A', which is 300",
                "error: expected a value of type bool (true, false, 1 or 0), found 'A', which is 300",
            ])
        #expect(
            messages(
                "typedef i32 T\nconst list<T> A = [1]\nconst list<i32> B = A\nconst list<i64> C = A\nconst set<i32> D = A"
            )
                == [
                    "error: expected a value of type list<i64>, found 'A' of type list<T>",
                    "error: expected a value of type set<i32>, found 'A' of type list<T>",
                ])
    }

    @Test("a uuid is text in the usual groups")
    func uuid() {
        #expect(messages("const uuid A = '00112233-4455-6677-8899-AAbbccddeeff'").isEmpty)
        for text in ["", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefg"] {
            #expect(messages("const uuid A = '\(text)'").count == 1)
        }
    }

    @Test("a name without its file's prefix is told which")
    func hints() {
        let sources: MemorySources = [
            "a.thrift":
                "include 'b.thrift'\nconst i32 K = LIMIT\nconst b.E X = E.A\nservice S extends Base { void f() throws (1: Bad x) }",
            "b.thrift": "const i32 LIMIT = 1\nenum E { A }\nservice Base {}\nexception Bad {}",
        ]
        #expect(
            IDLCompiler().load(["a.thrift"], from: sources).diagnostics.map(\.message) == [
                "unknown constant 'LIMIT': did you mean 'b.LIMIT'?",
                "expected a member of b.E, found 'E.A': did you mean 'b.E.A'?",
                "unknown service 'Base': did you mean 'b.Base'?", "unknown exception 'Bad': did you mean 'b.Bad'?",
            ])
    }

    @Test("every word that Apache's compiler reserves is refused", arguments: ReservedWords.all.sorted())
    func reservedWords(word: String) {
        #expect(
            messages("struct S { 1: i32 \(word) }") == ["error: '\(word)' is a reserved word: expected another name"])
    }

    @Test("each circle is found once, and what only leads to it is not blamed")
    func circles() {
        #expect(DependencyGraph(needs: [[1], [2], [1]]).circles() == [[1, 2]])
        #expect(DependencyGraph(needs: [[0], [0], [3], [2, 0]]).circles() == [[0], [2, 3]])
        #expect(DependencyGraph(needs: [[1, 2], [2], []]).circles().isEmpty)
    }
}
