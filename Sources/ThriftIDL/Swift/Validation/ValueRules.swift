/// What the `vt.` annotations behind a field ask of its value, or of what the value holds.
struct ValueRules: Sendable {
    /// In the order of the annotations.
    var checks: [ValueCheck] = []
    /// What a struct says of its own fields is not asked (`vt.skip`).
    var isSkipped = false
    /// Of the elements of a list or a set, the keys and the values of a map.
    private var inner: [Part: [ValueRules]] = [:]

    /// A part of a container that has rules of its own.
    enum Part: String, Sendable, CaseIterable {
        case elements = "elem"
        case keys = "key"
        case values = "value"
    }

    subscript(part: Part) -> ValueRules {
        get { inner[part]?.first ?? ValueRules() }
        set { inner[part] = [newValue] }
    }

    /// Whether anything is asked, but for what the types of structs ask themselves.
    var isEmpty: Bool { checks.isEmpty && Part.allCases.allSatisfy { inner[$0]?.first?.isEmpty ?? true } }
}

/// One rule.
enum ValueCheck: Sendable, Hashable {
    enum Bound: String, Sendable {
        case min
        case max
    }

    /// What a number is compared with, by the rule's name.
    enum Comparison: String, Sendable {
        case const
        case lt
        case le
        case gt
        case ge

        /// What holds where the rule is broken, as the rule of Go's validators has it for numbers that are none.
        var broken: String {
            switch self {
            case .const: "!="
            case .lt: ">="
            case .le: ">"
            case .gt: "<="
            case .ge: "<"
            }
        }
    }

    /// What a text is asked for, by the rule's name.
    enum Text: String, Sendable {
        case const
        case prefix
        case suffix
        case contains
        case notContains = "not_contains"
    }

    /// A number or an enum's case against a literal.
    case comparison(Comparison, SwiftValue)
    case flag(Bool)
    /// Numbers or an enum's cases.
    case listed([SwiftValue], isAllowed: Bool)
    case size(Bound, Int)
    case runes(Bound, Int)
    case text(Text, String)
    /// By the name of the constant that holds the texts.
    case listedText(SwiftIdentifier, isAllowed: Bool)
    /// By the name of the constant that holds the pattern.
    case pattern(SwiftIdentifier)
    case definedOnly
    /// The field must be there.
    case present
}

/// A constant that checks need: made once, so that a check allocates nothing.
struct ValidationConstant: Sendable {
    enum Content: Sendable {
        case pattern(String)
        case texts([String])
    }

    var name: SwiftIdentifier
    var content: Content
}
