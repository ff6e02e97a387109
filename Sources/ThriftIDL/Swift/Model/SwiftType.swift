/// What identifies a definition within a program.
struct DefinitionID: Sendable, Hashable {
    /// The document's path.
    var path: String
    /// As in the IDL.
    var name: String
}

/// The Swift type of a value of the IDL, before anything is said about how it is spelled in one file or another.
indirect enum SwiftType: Sendable, Hashable {
    case base(TypeReference.Base)
    /// `list<binary>`, also where a typedef stands for the `binary`.
    case binaryList
    case list(SwiftType)
    case set(SwiftType)
    case map(key: SwiftType, value: SwiftType)
    case enumeration(DefinitionID)
    /// A struct or an exception.
    case structure(DefinitionID)
    case union(DefinitionID)
    /// A typedef, and what it stands for.
    case alias(DefinitionID, SwiftType)

    /// Without typedefs at its head.
    var resolved: SwiftType {
        if case .alias(_, let type) = self { return type.resolved }
        return self
    }

    /// Without typedefs anywhere: two types of one canonical type are the same to Swift.
    var canonical: SwiftType {
        switch self {
        case .base, .binaryList, .enumeration, .structure, .union: self
        case .list(let element): .list(element.canonical)
        case .set(let element): .set(element.canonical)
        case .map(let key, let value): .map(key: key.canonical, value: value.canonical)
        case .alias(_, let type): type.canonical
        }
    }

    /// The struct or union that a value of this type holds in place, not behind a container's storage.
    var inlineStructure: DefinitionID? {
        switch resolved {
        case .structure(let id), .union(let id): id
        default: nil
        }
    }

    /// Whether there is a value that an absent field may as well have: 0, false, empty.
    var hasZero: Bool {
        switch resolved {
        case .base, .binaryList, .list, .set, .map: true
        case .enumeration, .structure, .union, .alias: false
        }
    }

    /// The case of `WireType` that stands before such a value.
    var wireType: String {
        switch resolved {
        case .base(.bool): "bool"
        case .base(.i8): "int8"
        case .base(.i16): "int16"
        case .base(.i32), .enumeration: "int32"
        case .base(.i64): "int64"
        case .base(.double): "double"
        case .base(.string), .base(.binary): "binary"
        case .base(.uuid): "uuid"
        case .binaryList, .list: "list"
        case .set: "set"
        case .map: "map"
        case .structure, .union, .alias: "structure"
        }
    }
}
