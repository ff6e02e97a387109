//! Recursive descent over the tokens of one file. A syntax error is thrown to the nearest list or definition, reported
//! there, and the parser goes on behind it: one run shows all of a file's errors, each once.

struct Parser {
    /// How deep types, values and `xsd_attrs` may nest: nobody writes that, and a hostile file must not exhaust the stack.
    static let depthLimit = 64

    private let tokens: [Token]
    private(set) var position = 0
    private var depth = 0
    /// How many angle brackets before `position` have been opened and not closed.
    private var angles = 0
    /// The token of the last error: what goes wrong there again is a consequence.
    private var lastError = -1
    private(set) var document: Document
    var log: DiagnosticLog

    /// Parses `source`. What could not be read is left out of the document.
    static func parse(_ source: SourceText, log: inout DiagnosticLog) -> Document {
        let tokens = Lexer.tokens(of: source, log: &log)
        var parser = Parser(tokens, path: source.path, log: log)
        parser.parseFile()
        log = parser.log
        return parser.document
    }

    private init(_ tokens: [Token], path: String, log: DiagnosticLog) {
        self.tokens = tokens
        self.log = log
        document = Document(path: path, name: FilePath.name(path))
    }

    // MARK: The file

    private mutating func parseFile() {
        document.documentation = fileDocumentation()
        while token.kind != .end {
            let start = position
            do {
                try parseHeaderOrDefinition()
            } catch {
                report(error)
                if position == start { advance() }
                skipToDefinition()
            }
        }
    }

    /// The doc comment before the first header; if a definition comes first, its own is the one next to it, and the file's
    /// the one before that.
    private func fileDocumentation() -> String? {
        switch token.kind {
        case .keyword(.include), .keyword(.cppInclude), .keyword(.namespace), .end: token.documentation.first
        default: token.documentation.count > 1 ? token.documentation.first : nil
        }
    }

    private mutating func parseHeaderOrDefinition() throws(SyntaxError) {
        let documentation = token.documentation.last
        guard case .keyword(let keyword) = token.kind else { throw unexpectedStart() }
        switch keyword {
        case .include, .cppInclude, .namespace:
            if let first = document.definitions.first {
                log.error(
                    "'\(keyword.rawValue)' is found after a definition, at line \(first.head.location.line): expected it"
                        + " before the first", at: token.location)
            }
            try parseHeader(keyword)
        case .constant: document.definitions.append(.constant(try parseConstant(documentation)))
        case .typedef: document.definitions.append(.typedef(try parseTypedef(documentation)))
        case .enumeration: document.definitions.append(.enumeration(try parseEnumeration(documentation)))
        case .structure: document.definitions.append(.structure(try parseStructure(.structure, documentation)))
        case .union: document.definitions.append(.structure(try parseStructure(.union, documentation)))
        case .exception: document.definitions.append(.structure(try parseStructure(.exception, documentation)))
        case .service: document.definitions.append(.service(try parseService(documentation)))
        case .senum: throw SyntaxError("'senum' is no longer supported: expected 'enum', or a string", at: token)
        default: throw unexpectedStart()
        }
    }

    private func unexpectedStart() -> SyntaxError {
        if case .identifier(let name) = token.kind, let scope = ReservedWords.formerHeaders[name] {
            return SyntaxError("'\(name)' is no longer supported: expected 'namespace \(scope)'", at: token)
        }
        let isSeparator = [.symbol(";"), .symbol(",")].contains(token.kind)
        return SyntaxError(
            "expected a definition, found \(token.description)"
                + (isSeparator ? " (only constants and typedefs may end with a separator)" : ""), at: token)
    }

    private mutating func parseHeader(_ keyword: Keyword) throws(SyntaxError) {
        let location = token.location
        advance()
        switch keyword {
        case .include:
            let literal = try expectLiteral("the included file's path, in quotes")
            document.includes.append(Include(literal: literal, location: location))
        case .cppInclude:
            // For C++ only.
            _ = try expectLiteral("the included file's path, in quotes")
        default:
            let isForAll = accept("*")
            let scope = isForAll ? "*" : try expectIdentifier("the language of the namespace, or '*'").text
            let name = try expectIdentifier("the namespace's name").text
            let annotations = isForAll ? [] : try parseAnnotations()
            document.namespaces.append(
                Namespace(scope: scope, name: name, annotations: annotations, location: location))
        }
    }

    // MARK: Tokens

    var token: Token { tokens[position] }

    mutating func advance() {
        if token.kind == .symbol("<") { angles += 1 }
        if token.kind == .symbol(">") { angles -= 1 }
        if position < tokens.count - 1 { position += 1 }
    }

    /// Goes over `symbol` if it is next.
    mutating func accept(_ symbol: Character) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func accept(_ keyword: Keyword) -> Bool {
        guard token.kind == .keyword(keyword) else { return false }
        advance()
        return true
    }

    /// `,` or `;`, which may be left out wherever they may stand.
    mutating func acceptSeparator() {
        if !accept(",") { _ = accept(";") }
    }

    func expected(_ what: String) -> SyntaxError {
        SyntaxError("expected \(what), found \(token.description)", at: token)
    }

    mutating func expect(_ symbol: Character, _ role: String) throws(SyntaxError) {
        guard accept(symbol) else { throw expected("'\(symbol)' \(role)") }
    }

    mutating func expectIdentifier(_ what: String) throws(SyntaxError) -> Name {
        guard case .identifier(let text) = token.kind else { throw expected(what) }
        defer { advance() }
        return Name(text, location: token.location)
    }

    mutating func expectLiteral(_ what: String) throws(SyntaxError) -> String {
        guard case .literal(let text) = token.kind else { throw expected(what) }
        advance()
        return text
    }

    // MARK: Nesting

    mutating func nested<Result>(
        _ parse: (inout Parser) throws(SyntaxError) -> Result
    ) throws(SyntaxError) -> Result {
        guard depth < Self.depthLimit else {
            throw SyntaxError("this is nested more than \(Self.depthLimit) levels deep", at: token)
        }
        depth += 1
        defer { depth -= 1 }
        return try parse(&self)
    }

    // MARK: Errors

    /// Elements until `closing`, which is consumed. An element with an error is left out.
    mutating func parseList<Element>(
        until closing: Character, of what: String,
        _ parseElement: (inout Parser) throws(SyntaxError) -> Element
    ) throws(SyntaxError) -> [Element] {
        var elements: [Element] = []
        let outerDepth = depth
        while !accept(closing) {
            let (start, outerAngles) = (position, angles)
            if token.kind == .end || beginsDefinition || isBeyond(closing) { throw expected("\(what) or '\(closing)'") }
            do {
                elements.append(try parseElement(&self))
            } catch {
                report(error)
                depth = outerDepth
                skipElement(of: closing, from: start, outerAngles: outerAngles)
            }
        }
        return elements
    }

    private mutating func report(_ error: SyntaxError) {
        guard position != lastError else { return }
        lastError = position
        log.error(error.message, at: error.location)
    }

    /// Whether a brace ends what is around a list in parentheses.
    private func isBeyond(_ closing: Character) -> Bool { closing == ")" && token.kind == .symbol("}") }

    private var beginsDefinition: Bool {
        if case .keyword(let keyword) = token.kind { keyword.beginsDefinition } else { false }
    }

    /// From within the element that began at `start` to where the next of its list may begin: behind a separator, at a
    /// field's id, or at `closing`; never beyond a definition's first word, because a forgotten brace must not swallow what
    /// follows.
    private mutating func skipElement(of closing: Character, from start: Int, outerAngles: Int) {
        var open = 0
        while token.kind != .end, !beginsDefinition {
            switch token.kind {
            case .integer where open == 0 && position > start && tokens[position + 1].kind == .symbol(":"): return
            case .symbol(closing) where open == 0: return
            case .symbol where open == 0 && isBeyond(closing): return
            case .symbol("{"), .symbol("("), .symbol("["): open += 1
            case .symbol("}"), .symbol(")"), .symbol("]"): open = Swift.max(0, open - 1)
            case .symbol(","), .symbol(";"):
                // Between a type's angle brackets a comma separates no elements.
                guard open > 0 || angles > outerAngles else {
                    advance()
                    return
                }
            default: break
            }
            advance()
        }
    }

    private mutating func skipToDefinition() {
        while token.kind != .end, !beginsDefinition { advance() }
    }
}

/// What was expected and what was found. Thrown only inside the parser.
struct SyntaxError: Error {
    var message: String
    var location: SourceLocation

    init(_ message: String, at token: Token) {
        self.message = message
        location = token.location
    }
}
