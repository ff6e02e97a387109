/// Which structs and unions have something to validate: rules of their own, or fields that hold such a struct somewhere.
struct ValidatedTypes: Sendable {
    private var ids: Set<DefinitionID> = []

    init(_ program: Program, _ values: ValueResolver) {
        var holders: [DefinitionID: [DefinitionID]] = [:]
        var waiting: [DefinitionID] = []
        for document in program.documents {
            for case .structure(let structure) in document.definitions {
                let id = DefinitionID(path: document.path, name: structure.head.name)
                var reader = RuleReader(values: values, document: document, taken: [])
                for field in structure.fields {
                    let type = values.types.type(field.type, in: document)
                    let rules = reader.rules(of: field, SwiftIdentifier(field.head.name), type)
                    if !rules.isEmpty, ids.insert(id).inserted { waiting.append(id) }
                    for held in Self.held(by: type, rules) { holders[held, default: []].append(id) }
                }
            }
        }
        while let id = waiting.popLast() {
            for holder in holders[id, default: []] where ids.insert(holder).inserted { waiting.append(holder) }
        }
    }

    func contains(_ id: DefinitionID) -> Bool { ids.contains(id) }

    /// Whether there is anything to ask of a value of `type`.
    func asks(_ rules: ValueRules, of type: SwiftType) -> Bool {
        !rules.isEmpty || Self.held(by: type, rules).contains { ids.contains($0) }
    }

    /// The structs and unions within a value that are asked for what they want themselves.
    private static func held(by type: SwiftType, _ rules: ValueRules) -> [DefinitionID] {
        if rules.isSkipped { return [] }
        return switch type.resolved {
        case .structure(let id), .union(let id): [id]
        case .list(let element), .set(let element): held(by: element, rules[.elements])
        case .map(let key, let value): held(by: key, rules[.keys]) + held(by: value, rules[.values])
        case .base, .binaryList, .enumeration, .alias: []
        }
    }
}
