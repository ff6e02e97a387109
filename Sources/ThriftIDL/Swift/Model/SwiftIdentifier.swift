/// A name as it stands in Swift source: interpolated, a keyword is in backticks.
struct SwiftIdentifier: Sendable, Hashable, CustomStringConvertible {
    /// Without backticks.
    let text: String

    init(_ text: String) { self.text = text }

    var description: String { Self.keywords.contains(text) ? "`\(text)`" : text }

    /// As the label of an argument where something is called: there all words but one stand bare.
    var label: String { text == "inout" ? "`inout`" : text }

    /// Another name made from this one (`child` and `Box`: `childBox`).
    func appending(_ suffix: String) -> SwiftIdentifier { SwiftIdentifier(text + suffix) }

    /// What cannot stand bare where a property, a case, a parameter or a local is named: the reserved words, and words
    /// that mean something in front of an expression.
    private static let keywords: Set<String> = [
        // Declarations and statements.
        "actor", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
        "else", "enum", "extension", "fallthrough", "fileprivate", "for", "func", "guard", "if", "import", "in", "init",
        "inout", "internal", "let", "macro", "operator", "precedencegroup", "private", "protocol", "public", "repeat",
        "return", "static", "struct", "subscript", "switch", "throw", "typealias", "var", "where", "while",
        // Expressions and types.
        "Any", "Self", "as", "false", "is", "nil", "rethrows", "self", "super", "throws", "true", "try",
        // In front of an expression, a type or a declaration.
        "any", "async", "await", "borrowing", "consume", "consuming", "copy", "discard", "each", "isolated",
        "nonisolated",
        "package", "sending", "some", "then", "unsafe", "yield",
    ]
}

/// How the IDL's names become Swift's.
enum SwiftNames {
    /// The name of a property, a case or a constant: `IF_ABSENT`, `if_absent`, `IfAbsent` and `ifAbsent` are `ifAbsent`;
    /// `LogID` is `logID`, `URLPath` is `urlPath`.
    static func member(_ name: String) -> String {
        let leading = name.prefix { $0 == "_" }
        let words = name.dropFirst(leading.count).split { $0 == "_" || $0 == "." }
        guard let first = words.first else { return "_" + name }
        let isUpper = !name.contains(where: \.isLowercase)
        var text = String(leading) + (isUpper ? first.lowercased() : lowerFirst(first))
        for word in words.dropFirst() { text += upperFirst(isUpper ? Substring(word.lowercased()) : word) }
        return text
    }

    /// The name of a type: as written, but for its first letter.
    static func type(_ name: String) -> String {
        let leading = name.prefix { $0 == "_" }
        let rest = name.dropFirst(leading.count).map { $0 == "." ? "_" : String($0) }.joined()
        let text = String(leading) + upperFirst(Substring(rest))
        return reservedTypes.contains(text) ? text + "_" : text
    }

    /// From words of any case, as in a file's name: `my-api.v2` is `MyApiV2`.
    static func typeFromWords(_ name: String) -> String {
        let words = name.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        let text = words.map(upperFirst).joined()
        return text.first?.isNumber ?? true ? "_" + text : text
    }

    /// Names for members of one type: none twice, and none of `reserved`.
    ///
    /// Names that would be the same keep their spelling; where even that is taken, underscores follow.
    static func members(_ names: [String], reserved: Set<String>) -> [SwiftIdentifier] {
        let preferred = names.map(member)
        var uses: [String: Int] = [:]
        for name in preferred { uses[name, default: 0] += 1 }
        var taken = reserved.union(neverMembers)
        return zip(names, preferred).map { written, preferred in
            let mayStandAsWritten = written.first.map { $0.isLowercase || $0 == "_" } ?? false
            let isAlone = uses[preferred] == 1 || !mayStandAsWritten || written.contains(".")
            return SwiftIdentifier(fresh(isAlone ? preferred : written, taken: &taken))
        }
    }

    /// `name`, with as many underscores as it takes to differ from all that is taken.
    static func fresh(_ name: String, taken: inout Set<String>) -> String {
        var name = name
        while !taken.insert(name).inserted { name += "_" }
        return name
    }

    /// Whether Swift's style frowns at the name: a member of several words goes without underscores.
    static func breaksStyle(_ name: SwiftIdentifier) -> Bool {
        name.text.dropFirst().contains("_") || name.text.first?.isUppercase ?? false
    }

    private static func upperFirst(_ word: Substring) -> String { word.prefix(1).uppercased() + word.dropFirst() }

    /// A capital, or a leading abbreviation, in lower case.
    private static func lowerFirst(_ word: Substring) -> String {
        let capitals = word.prefix(while: \.isUppercase)
        guard capitals.count > 1, capitals.count < word.count, word.dropFirst(capitals.count).first?.isLetter ?? false
        else { return capitals.lowercased() + word.dropFirst(capitals.count) }
        return capitals.dropLast().lowercased() + word.dropFirst(capitals.count - 1)
    }

    /// Not even backticks make these a member's name that can be used like any other.
    private static let neverMembers: Set<String> = ["Protocol", "Self", "Type", "init", "self"]

    /// Types that Swift would not let us name so, and modules, whose names qualify.
    private static let reservedTypes: Set<String> = [
        "Any", "Protocol", "Self", "Type", "BooleanLiteralType", "FloatLiteralType", "IntegerLiteralType",
        "StringLiteralType", "NIOCore", "NeedletailRPC", "NeedletailWire", "Swift",
    ]
}
