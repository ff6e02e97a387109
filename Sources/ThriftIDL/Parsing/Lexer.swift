//! Cuts a file into tokens, all at once, looking at each byte a fixed number of times. It never fails: what is no token is
//! reported and left out, so that the parser sees only tokens that can be.

struct Lexer {
    let bytes: [UInt8]
    let path: String
    var offset = 0
    var log: DiagnosticLog
    private var tokens: [Token] = []
    private var documentation: [String] = []
    /// Up to where lines and columns have been counted.
    private var counted = (offset: 0, line: 1, column: 1)

    /// All tokens of `source`, the last of them `end`.
    static func tokens(of source: SourceText, log: inout DiagnosticLog) -> [Token] {
        var lexer = Lexer(source, log: log)
        lexer.run()
        log = lexer.log
        return lexer.tokens
    }

    private init(_ source: SourceText, log: DiagnosticLog) {
        bytes = source.bytes
        path = source.path
        self.log = log
    }

    /// The byte `distance` further on; 0, which no token contains, after the end.
    func byte(_ distance: Int = 0) -> UInt8 {
        offset + distance < bytes.count ? bytes[offset + distance] : 0
    }

    private mutating func run() {
        while offset < bytes.count {
            let location = self.location()
            switch byte() {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                offset += 1
            case UInt8(ascii: "#"):
                skipLine()
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
                skipLine()
            case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
                skipComment(at: location)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                append(.literal(literal(at: location)), at: location)
            case let first where first.isIdentifierHead:
                let name = identifier()
                append(Keyword.byName[name].map { .keyword($0) } ?? .identifier(name), at: location)
            case let first where Self.symbols.contains(first):
                offset += 1
                append(.symbol(Character(Unicode.Scalar(first))), at: location)
            default:
                if let number = number(at: location) {
                    append(number, at: location)
                } else {
                    skipUnexpected(at: location)
                }
            }
        }
        append(.end, at: location())
    }

    private static let symbols = Set(":;,{}()=<>[]*&".utf8)

    private mutating func append(_ kind: Token.Kind, at location: SourceLocation) {
        tokens.append(Token(kind: kind, location: location, documentation: documentation))
        documentation = []
    }

    /// Where `offset` is. A column is a Unicode scalar.
    private mutating func location() -> SourceLocation {
        while counted.offset < offset {
            let byte = bytes[counted.offset]
            if byte == UInt8(ascii: "\n") {
                counted.line += 1
                counted.column = 1
            } else if byte & 0xc0 != 0x80 {
                counted.column += 1
            }
            counted.offset += 1
        }
        return SourceLocation(file: path, line: counted.line, column: counted.column)
    }

    private mutating func skipLine() {
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
    }

    private mutating func skipComment(at location: SourceLocation) {
        let start = offset
        offset += 2
        while offset < bytes.count, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) { offset += 1 }
        guard offset < bytes.count else {
            log.error("this comment has no end: expected '*/'", at: location)
            return
        }
        // `/**/` and `/*****/` document nothing.
        if offset > start + 3, bytes[start + 2] == UInt8(ascii: "*"),
            let text = DocumentationComment.text(bytes[start + 3..<offset])
        {
            documentation.append(text)
        }
        offset += 2
    }

    /// Letters, digits, underscores, and dots that something follows.
    private mutating func identifier() -> String {
        let start = offset
        while byte().isIdentifierTail || (byte() == UInt8(ascii: ".") && byte(1).isIdentifierTail) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// One report for bytes that are no token and stand together.
    private mutating func skipUnexpected(at location: SourceLocation) {
        let start = offset
        repeat { offset += 1 } while offset < bytes.count && (byte() >= 0x80 || byte() < 0x20 && !byte().isWhitespace)
        let first = bytes[start]
        let isPrintable = (0x21..<0x7f).contains(first)
        let found =
            if isPrintable {
                "'\(Character(Unicode.Scalar(first)))'"
            } else if let text = String(validating: bytes[start..<offset], as: UTF8.self), first >= 0x80 {
                "'\(text.shortened)'"
            } else {
                "the byte 0x" + (first < 0x10 ? "0" : "") + String(first, radix: 16)
            }
        log.error("\(found) has no meaning here", at: location)
    }
}

extension UInt8 {
    fileprivate var isWhitespace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }

    fileprivate var isIdentifierHead: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    fileprivate var isIdentifierTail: Bool { isIdentifierHead || isDigit }

    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
