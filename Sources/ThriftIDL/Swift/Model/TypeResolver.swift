/// Finds what the names of types mean.
struct TypeResolver: Sendable {
    let program: Program

    func type(_ reference: TypeReference, in document: Document) -> SwiftType {
        switch reference.kind {
        case .base(let base): return .base(base)
        case .list(let element):
            let element = type(element, in: document)
            return element.resolved == .base(.binary) ? .binaryList : .list(element)
        case .set(let element): return .set(type(element, in: document))
        case .map(let key, let value): return .map(key: type(key, in: document), value: type(value, in: document))
        case .named(let name):
            guard let (definition, home) = program.definition(of: name, in: document) else { return .base(.bool) }
            let id = DefinitionID(path: home.path, name: definition.head.name)
            switch definition {
            case .typedef(let typedef): return .alias(id, type(typedef.type, in: home))
            case .enumeration: return .enumeration(id)
            case .structure(let structure): return structure.kind == .union ? .union(id) : .structure(id)
            // No type; a checked program has none here.
            case .constant, .service: return .base(.bool)
            }
        }
    }

    func document(of id: DefinitionID) -> Document? { program.document(at: id.path) }

    func structure(_ id: DefinitionID) -> Structure? {
        guard let document = document(of: id),
            case .structure(let structure)? = program.definition(of: id.name, in: document)?.definition
        else { return nil }
        return structure
    }

    func enumeration(_ id: DefinitionID) -> Enumeration? {
        guard let document = document(of: id),
            case .enumeration(let enumeration)? = program.definition(of: id.name, in: document)?.definition
        else { return nil }
        return enumeration
    }
}
