/// One generated file: a document, with everything that it says resolved.
struct SwiftFile: Sendable {
    /// `storage.thrift.swift`.
    var name: String
    /// `storage.thrift`.
    var source: String
    var document: Document
    var declarations: [SwiftDeclaration]
    var constants: [SwiftConstant]
    /// What is wrong with the rules of its fields.
    var diagnostics: [Diagnostic]
}

enum SwiftDeclaration: Sendable {
    case alias(SwiftAlias)
    case enumeration(SwiftEnumeration)
    /// A struct or an exception.
    case structure(SwiftStructure)
    case union(SwiftStructure)
    case service(SwiftService)
}

struct SwiftAlias: Sendable {
    var id: DefinitionID
    var documentation: String?
    var target: SwiftType
}

struct SwiftConstant: Sendable {
    var name: SwiftIdentifier
    var documentation: String?
    var type: SwiftType
    var value: SwiftValue
}

struct SwiftEnumeration: Sendable {
    struct Case: Sendable {
        var name: SwiftIdentifier
        /// The IDL's name.
        var wireName: String
        var documentation: String?
        var number: Int32
        /// The case of the same number that came before.
        var original: SwiftIdentifier?
    }

    var id: DefinitionID
    var documentation: String?
    var cases: [Case]
}

/// A struct, an exception or a union.
struct SwiftStructure: Sendable {
    var id: DefinitionID
    var documentation: String?
    var isException: Bool
    /// A union that holds itself in place.
    var isIndirect: Bool
    var fields: [SwiftField]
    /// What the fields' rules need.
    var ruleConstants: [ValidationConstant] = []
    /// Whether it has `validate()`.
    var isValidated = false
}

/// A field of a struct, or a member of a union.
struct SwiftField: Sendable {
    /// What the property holds, and when it is written.
    enum Presence: Sendable {
        /// Must be on the wire; the value is the initializer's default.
        case required(SwiftValue?)
        /// An optional: absent is nil, nil is absent.
        case optional
        /// Absent means this value.
        case valued(SwiftValue, isAlwaysWritten: Bool)
    }

    /// The IDL's name: MessagePack's key.
    var wireName: String
    var id: Int16
    var name: SwiftIdentifier
    var documentation: String?
    /// Without the optional.
    var type: SwiftType
    var presence: Presence
    /// Where the value is stored, if not in the property itself.
    var box: SwiftIdentifier?
    /// What holds a default that is not plain.
    var defaultName: SwiftIdentifier?
    var rules = ValueRules()

    var isOptional: Bool {
        if case .optional = presence { true } else { false }
    }

    /// Whether absent means a value.
    var isValued: Bool {
        if case .valued = presence { true } else { false }
    }

    /// What the initializer takes where nothing is said.
    var initialValue: SwiftValue? {
        switch presence {
        case .required(let value): value
        case .optional: nil
        case .valued(let value, _): value
        }
    }
}
