import Testing

@testable import ThriftIDL

struct DocumentationCommentTests {
    private func text(_ content: String) -> String? { DocumentationComment.text(ArraySlice(content.utf8)) }

    @Test("stars, margins and blank lines around are left out")
    func dedented() {
        #expect(text(" One line. ") == "One line.")
        #expect(text("\n * First.\n *\n *   Indented.\n * Last.\n ") == "First.\n\n  Indented.\nLast.")
        #expect(text("\n    First.\n      Indented.\n\n    Last.\n  ") == "First.\n  Indented.\n\nLast.")
        #expect(text(" First\n   * second\n   * third ") == "First\nsecond\nthird")
        #expect(text("\r\n * First.\r\n * Second.\r\n ") == "First.\nSecond.")
        #expect(text("* boxed\n ** more\n *") == "boxed\n* more")
    }

    @Test("lines of which not all begin with a star keep theirs")
    func lists() {
        #expect(text("\n * a\n b\n") == "* a\nb")
    }

    @Test("nothing said is no documentation", arguments: ["", " ", "\n\n", "***", "\n *\n *\n"])
    func empty(content: String) {
        #expect(text(content) == nil)
    }

    @Test("each definition, field, member and function has the comment next to it; the file has its first")
    func places() throws {
        let document = try document(
            """
            /** The file. */
            /* no doc */
            namespace swift A

            /** Lost. */
            /** An enum. */
            enum E { /** One. */ A = 1 /** Two. */ B, C }
            /** A struct. */
            struct S {
              /**
               * A field.
               *   More.
               */
              1: i32 a
              /** Next. */ 2: i32 b
              3: i32 c
            }
            /** A constant. */ const i32 K = 1
            /** A typedef. */ typedef i32 T
            /** A service. */ service V { /** A function. */ void f(/** An argument. */ 1: i32 a) }
            """)
        #expect(document.documentation == "The file.")
        #expect(
            document.definitions.map(\.head.documentation) == [
                "An enum.", "A struct.", "A constant.", "A typedef.", "A service.",
            ])
        guard case .enumeration(let enumeration) = document.definitions[0],
            case .structure(let structure) = document.definitions[1],
            case .service(let service) = document.definitions[4]
        else {
            Issue.record("other definitions")
            return
        }
        #expect(enumeration.cases.map(\.head.documentation) == ["One.", "Two.", nil])
        #expect(structure.fields.map(\.head.documentation) == ["A field.\n  More.", "Next.", nil])
        #expect(service.functions[0].head.documentation == "A function.")
        #expect(service.functions[0].arguments[0].head.documentation == "An argument.")
    }

    @Test("without a header, a file's comment is the one before the comment of its first definition")
    func fileWithoutHeader() throws {
        #expect(try document("/** S. */ struct S {}").documentation == nil)
        let two = try document("/** File. */ /** S. */ struct S {}")
        #expect(two.documentation == "File.")
        #expect(two.definitions[0].head.documentation == "S.")
    }
}
