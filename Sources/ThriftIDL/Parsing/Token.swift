/// What the lexer makes of a file, piece by piece.
struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        /// May contain dots.
        case identifier(String)
        case keyword(Keyword)
        case integer(Int64)
        case double(Double)
        /// Unescaped.
        case literal(String)
        /// One of `: ; , { } ( ) = < > [ ] * &`.
        case symbol(Character)
        /// After the last token; there is one.
        case end
    }

    var kind: Kind
    var location: SourceLocation
    /// The doc comments between the token before and this one.
    var documentation: [String]

    /// As a diagnostic names it.
    var description: String {
        switch kind {
        case .identifier(let name): "'\(name.shortened)'"
        case .keyword(let keyword): "the keyword '\(keyword.rawValue)'"
        case .integer(let number): "the number \(number)"
        case .double(let number): "the number \(number)"
        case .literal(let text): "the text \"\(text.shortened)\""
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the file"
        }
    }
}

/// The words that have a meaning in the grammar, and are no identifiers. (`byte` means `i8`, `async` means `oneway`.)
enum Keyword: String, Sendable, CaseIterable {
    case namespace, include
    case cppInclude = "cpp_include"
    case cppType = "cpp_type"
    case xsdAll = "xsd_all"
    case xsdOptional = "xsd_optional"
    case xsdNillable = "xsd_nillable"
    case xsdAttributes = "xsd_attrs"
    case void, bool, byte, i8, i16, i32, i64, double, string, binary
    case map, list, set
    case slist, senum
    case oneway, async
    case typedef, structure = "struct", union, exception, extends, throwing = "throws", service
    case enumeration = "enum", constant = "const"
    case required, optional
    case `true`, `false`

    static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// Whether a header or a definition begins with it: where the parser goes on after an error. None of these words
    /// means anything inside a definition.
    var beginsDefinition: Bool {
        switch self {
        case .namespace, .include, .cppInclude, .typedef, .structure, .union, .exception, .service, .enumeration,
            .constant, .senum:
            true
        default: false
        }
    }
}

extension String {
    /// For messages: hostile files have names of megabytes.
    var shortened: String { utf8.count <= 80 ? self : prefix(60) + "…" }
}
