//! The values of constants and the defaults of fields.

extension Parser {
    mutating func parseValue() throws(SyntaxError) -> ConstantValue {
        try nested { parser throws(SyntaxError) in
            let location = parser.token.location
            let kind: ConstantValue.Kind
            switch parser.token.kind {
            case .integer(let number): kind = .integer(number)
            case .double(let number): kind = .double(number)
            case .literal(let text): kind = .string(text)
            case .identifier(let name): kind = .identifier(name)
            case .keyword(.true): kind = .identifier("true")
            case .keyword(.false): kind = .identifier("false")
            case .symbol("["):
                parser.advance()
                return ConstantValue(.list(try parser.parseElements()), location: location)
            case .symbol("{"):
                parser.advance()
                return ConstantValue(.map(try parser.parsePairs()), location: location)
            default:
                throw parser.expected("a value")
            }
            parser.advance()
            return ConstantValue(kind, location: location)
        }
    }

    private mutating func parseElements() throws(SyntaxError) -> [ConstantValue] {
        try parseList(until: "]", of: "a value") { parser throws(SyntaxError) in
            let value = try parser.parseValue()
            parser.acceptSeparator()
            return value
        }
    }

    private mutating func parsePairs() throws(SyntaxError) -> [ConstantValue.Pair] {
        try parseList(until: "}", of: "a key") { parser throws(SyntaxError) in
            let key = try parser.parseValue()
            try parser.expect(":", "between key and value")
            let value = try parser.parseValue()
            parser.acceptSeparator()
            return ConstantValue.Pair(key: key, value: value)
        }
    }
}
