/// A service and its functions.
struct SwiftService: Sendable {
    var id: DefinitionID
    /// The IDL's name, which multiplexed calls carry.
    var wireName: String
    var documentation: String?
    var base: DefinitionID?
    /// Those of the base, the base's base first.
    var inherited: [SwiftFunction]
    var own: [SwiftFunction]

    var all: [SwiftFunction] { inherited + own }
}

struct SwiftFunction: Sendable {
    /// The service that declares it.
    var service: DefinitionID
    var wireName: String
    var name: SwiftIdentifier
    /// Of the type that describes it.
    var typeName: String
    var documentation: String?
    var isOneway: Bool
    /// Whether the IDL says `readonly`.
    var isReadOnly: Bool
    /// nil for `void`.
    var result: SwiftType?
    var arguments: [SwiftField]
    /// Where its arguments have a place for what travels beside them.
    var metadataPlaces: [MetadataPlace]
    var exceptions: [SwiftField]
    var ruleConstants: [ValidationConstant]
    /// Whether the arguments have something to validate.
    var isValidated: Bool
}

/// An optional struct in field 255 of an argument: what Kitex's services call their base.
struct MetadataPlace: Sendable {
    /// The field's number.
    static let fieldID: Int16 = 255

    var argument: SwiftIdentifier
    /// The argument's property.
    var field: SwiftIdentifier
}

/// How a view's property lies in the message.
enum ViewForm: Sendable, Hashable {
    /// The value itself, as everywhere.
    case owned
    /// `UTF8Span`.
    case text
    /// `RawSpan`.
    case bytes
    /// The view of a struct.
    case view(DefinitionID)

    var validation: ValidationEmitter.Form {
        switch self {
        case .owned, .view: .owned
        case .text: .text
        case .bytes: .bytes
        }
    }
}

/// Which structs are read in place, where their message lies: arguments of functions. The structs that these hold are read
/// as everywhere: a view in a view would make large what is passed around for every call, and their text is small mostly.
struct Views: Sendable {
    private var ids: Set<DefinitionID> = []

    init(_ program: Program, _ types: TypeResolver, _ modules: SwiftModules) {
        for document in program.documents {
            for case .service(let service) in document.definitions {
                for argument in service.functions.flatMap(\.arguments) {
                    // Another module's views are its own affair: it may have none.
                    guard case .structure(let id) = types.type(argument.type, in: document).resolved,
                        types.structure(id)?.kind == .structure,
                        modules.module(of: id.path) == modules.module(of: document.path)
                    else { continue }
                    ids.insert(id)
                }
            }
        }
    }

    func contains(_ id: DefinitionID) -> Bool { ids.contains(id) }

    /// How a field of `owner` lies in a view; of no struct, but the arguments of a function, where `owner` is nil.
    func form(_ field: SwiftField, of owner: DefinitionID?) -> ViewForm {
        switch field.type.resolved {
        // What is not in the message cannot be lent by it.
        case .base(.string), .base(.binary):
            isLent(field) ? (field.type.resolved == .base(.string) ? .text : .bytes) : .owned
        case .structure(let id): owner == nil && ids.contains(id) && !field.isValued ? .view(id) : .owned
        default: .owned
        }
    }

    private func isLent(_ field: SwiftField) -> Bool {
        guard case .valued(let value, _) = field.presence else { return true }
        return value == SwiftValue.zero(of: field.type)
    }
}
