/// The value of a constant or a default, read as the type that it has.
indirect enum SwiftValue: Sendable, Hashable {
    struct Pair: Sendable, Hashable {
        var key: SwiftValue
        var value: SwiftValue
    }

    /// A field of a struct, by its place among the struct's fields.
    struct Member: Sendable, Hashable {
        var index: Int
        var value: SwiftValue
    }

    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case binary(String)
    case uuid(UUIDBits)
    /// A case's place among the enum's cases; nil if no case has the number.
    case enumeration(DefinitionID, number: Int32, caseIndex: Int?)
    /// Also a set, without repetitions.
    case list([SwiftValue])
    /// Keys differ: a dictionary's literal with equal keys would trap.
    case map([Pair])
    case structure(DefinitionID, [Member])
    /// nil: no member is set.
    case union(DefinitionID, Member?)
    /// Another constant of the same type, and its value.
    case constant(DefinitionID, SwiftValue)

    /// Without references to constants at its head.
    var resolved: SwiftValue {
        if case .constant(_, let value) = self { return value.resolved }
        return self
    }

    /// Without references to constants anywhere: equal values are equal.
    var canonical: SwiftValue {
        switch self {
        case .bool, .integer, .double, .string, .binary, .uuid: self
        case .enumeration(let id, let number, _): .enumeration(id, number: number, caseIndex: nil)
        case .list(let elements): .list(elements.map(\.canonical))
        case .map(let pairs): .map(pairs.map { Pair(key: $0.key.canonical, value: $0.value.canonical) })
        case .structure(let id, let members):
            .structure(id, members.map { Member(index: $0.index, value: $0.value.canonical) })
        case .union(let id, let member):
            .union(id, member.map { Member(index: $0.index, value: $0.value.canonical) })
        case .constant(_, let value): value.canonical
        }
    }

    /// Whether it is short and costs nothing to make again wherever it is needed.
    var isPlain: Bool {
        switch self {
        case .bool, .integer, .double, .uuid, .enumeration, .constant: true
        case .string(let text): text.utf8.count <= 40
        case .binary(let text): text.isEmpty
        case .list(let elements): elements.isEmpty
        case .map(let pairs): pairs.isEmpty
        case .structure, .union: false
        }
    }

    /// What a field of a type that has a zero holds where nothing else is said.
    static func zero(of type: SwiftType) -> SwiftValue {
        switch type.resolved {
        case .base(.bool): .bool(false)
        case .base(.i8), .base(.i16), .base(.i32), .base(.i64): .integer(0)
        case .base(.double): .double(0)
        case .base(.string): .string("")
        case .base(.binary): .binary("")
        case .base(.uuid): .uuid(UUIDBits(high: 0, low: 0))
        case .map: .map([])
        case .binaryList, .list, .set, .enumeration, .structure, .union, .alias: .list([])
        }
    }
}

/// The two halves of a UUID.
struct UUIDBits: Sendable, Hashable {
    var high: UInt64
    var low: UInt64
}

extension UUIDBits {
    /// From 32 hexadecimal digits, with or without dashes and braces; nil if there are others, or not as many.
    init?(_ text: String) {
        let digits = text.filter { !"-{}".contains($0) }
        guard digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
