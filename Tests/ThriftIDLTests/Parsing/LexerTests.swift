import Testing

@testable import ThriftIDL

struct LexerTests {
    private func lex(_ text: String) -> (kinds: [Token.Kind], messages: [String]) {
        var log = DiagnosticLog(isStrict: false)
        let source = SourceText(path: "test.thrift", bytes: Array(text.utf8))
        log.add(source)
        let tokens = Lexer.tokens(of: source, log: &log)
        return (tokens.map(\.kind), log.sorted.map(\.message))
    }

    @Test("identifiers contain dots, digits and underscores, and keywords do not")
    func identifiers() {
        #expect(
            lex("a.b_1.2 _x struct structs uuid").kinds == [
                .identifier("a.b_1.2"), .identifier("_x"), .keyword(.structure), .identifier("structs"),
                .identifier("uuid"), .end,
            ])
    }

    @Test(
        "numbers are decimal, hexadecimal, octal as in thriftgo, or doubles",
        arguments: [
            ("0", .integer(0)), ("-17", .integer(-17)), ("+5", .integer(5)), ("007", .integer(7)),
            ("0x1F", .integer(31)), ("-0xff", .integer(-255)), ("0o17", .integer(15)),
            ("-9223372036854775808", .integer(.min)), ("9223372036854775807", .integer(.max)),
            ("1.5", .double(1.5)), (".5", .double(0.5)), ("-.5e-1", .double(-0.05)), ("1e5", .double(100_000)),
            ("+1E+2", .double(100)),
        ] as [(String, Token.Kind)])
    func numbers(text: String, kind: Token.Kind) {
        let (kinds, messages) = lex(text)
        #expect(kinds == [kind, .end])
        #expect(messages.isEmpty)
    }

    @Test("a number ends where its digits do, as in Apache's compiler")
    func adjacentNumbers() {
        #expect(lex("1.5.5").kinds == [.double(1.5), .double(0.5), .end])
        #expect(lex("1a").kinds == [.integer(1), .identifier("a"), .end])
        #expect(lex("0x").kinds == [.integer(0), .identifier("x"), .end])
        #expect(lex("1e").kinds == [.integer(1), .identifier("e"), .end])
    }

    @Test("texts take either quote and six escapes")
    func literals() {
        #expect(lex(#""it's""#).kinds == [.literal("it's"), .end])
        #expect(lex(#"'say "x"'"#).kinds == [.literal("say \"x\""), .end])
        #expect(lex(#""\r\n\t\"\'\\""#).kinds == [.literal("\r\n\t\"'\\"), .end])
        #expect(lex("\"größe €\"").kinds == [.literal("größe €"), .end])
    }

    @Test("comments are passed over in all three styles")
    func comments() {
        #expect(lex("a # b\nc // d\ne /* f\n g */ h /**/ i /***/ j").kinds.count == 7)
        #expect(lex("# no line end").kinds == [.end])
    }

    @Test("what is no token is reported, and the rest is read")
    func unexpected() {
        let (kinds, messages) = lex("a $ b \u{0}\u{1} c é d 5. + \"x")
        #expect(kinds.compactMap { if case .identifier(let name) = $0 { name } else { nil } } == ["a", "b", "c", "d"])
        #expect(
            messages == [
                "'$' has no meaning here", "the byte 0x00 has no meaning here", "'é' has no meaning here",
                "'.' has no meaning here", "'+' has no meaning here",
                "this text has no end: expected \" before the end of the file",
            ])
    }

    @Test("bytes that are not UTF-8 are reported in texts and passed over in comments")
    func invalidUTF8() {
        let bytes = Array("// ".utf8) + [0xff, 0xfe] + Array("\nconst string A = '".utf8) + [0xc3] + Array("'".utf8)
        let found = IDLCompiler().load(["test.thrift"], from: MemorySources(["test.thrift": bytes]))
        #expect(found.diagnostics.map(\.message) == ["this text is not UTF-8"])
    }
}
