//! Types where they are used, and annotations.

extension Parser {
    mutating func parseType(_ what: String) throws(SyntaxError) -> TypeReference {
        try nested { parser throws(SyntaxError) in
            let location = parser.token.location
            let kind: TypeReference.Kind
            switch parser.token.kind {
            case .identifier("uuid"):
                // No keyword, so that fields may be called so, as before there was the type.
                parser.advance()
                kind = .base(.uuid)
            case .identifier(let name):
                // Only the types that are defined here can be annotated here.
                parser.advance()
                return TypeReference(.named(name), location: location)
            case .keyword(let keyword):
                kind = try parser.parseBuiltIn(keyword, what)
            default:
                throw parser.expected(what)
            }
            return TypeReference(kind, annotations: try parser.parseAnnotations(), location: location)
        }
    }

    private mutating func parseBuiltIn(_ keyword: Keyword, _ what: String) throws(SyntaxError) -> TypeReference.Kind {
        switch keyword {
        case .byte, .i8: return base(.i8)
        case .bool, .i16, .i32, .i64, .double, .string, .binary:
            guard let type = TypeReference.Base(rawValue: keyword.rawValue) else { throw expected(what) }
            return base(type)
        case .list, .set:
            advance()
            try skipCPlusPlusType()
            try expect("<", "after '\(keyword.rawValue)'")
            let element = try parseType("the type of the elements")
            try expect(">", "after the type of the elements")
            // Where lists had it at first.
            if keyword == .list { try skipCPlusPlusType() }
            return keyword == .list ? .list(element) : .set(element)
        case .map:
            advance()
            try skipCPlusPlusType()
            try expect("<", "after 'map'")
            let key = try parseType("the type of the keys")
            try expect(",", "between the types of keys and values")
            let value = try parseType("the type of the values")
            try expect(">", "after the type of the values")
            return .map(key: key, value: value)
        case .slist:
            throw SyntaxError("'slist' is no longer supported: expected 'string'", at: token)
        default:
            throw expected(what)
        }
    }

    private mutating func base(_ type: TypeReference.Base) -> TypeReference.Kind {
        advance()
        return .base(type)
    }

    /// `cpp_type "…"`, which is for C++ only.
    private mutating func skipCPlusPlusType() throws(SyntaxError) {
        if accept(.cppType) { _ = try expectLiteral("the C++ type, in quotes") }
    }

    /// `(name = "value", flag)`, or nothing.
    mutating func parseAnnotations() throws(SyntaxError) -> [Annotation] {
        guard accept("(") else { return [] }
        return try parseList(until: ")", of: "an annotation") { parser throws(SyntaxError) in
            let name = try parser.expectIdentifier("an annotation's name")
            let value = parser.accept("=") ? try parser.expectLiteral("the annotation's value, in quotes") : "1"
            parser.acceptSeparator()
            return Annotation(name: name.text, value: value, location: name.location)
        }
    }
}
