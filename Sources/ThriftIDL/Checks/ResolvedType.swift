/// A type once typedefs are followed.
struct ResolvedType {
    enum Kind {
        case base(TypeReference.Base)
        case list(TypeReference)
        case set(TypeReference)
        case map(key: TypeReference, value: TypeReference)
        case enumeration(Enumeration)
        case structure(Structure)
    }

    var kind: Kind
    /// Where the names within it mean something.
    var document: Document
}

extension Checker {
    /// What `type`, written in `document`, is; nil if that is nothing, or a circle: both are reported elsewhere.
    mutating func resolve(_ type: TypeReference, in document: Document) -> ResolvedType? {
        var type = type
        var document = document
        var passed: [NameUse] = []
        var result: ResolvedType?
        search: while true {
            switch type.kind {
            case .base(let base): result = ResolvedType(kind: .base(base), document: document)
            case .list(let element): result = ResolvedType(kind: .list(element), document: document)
            case .set(let element): result = ResolvedType(kind: .set(element), document: document)
            case .map(let key, let value):
                result = ResolvedType(kind: .map(key: key, value: value), document: document)
            case .named(let name):
                let use = NameUse(path: document.path, name: name)
                if let known = resolved[use] {
                    result = known
                    break search
                }
                // Stands until the search has ended: whoever comes here again goes round in a circle.
                resolved[use] = .some(nil)
                passed.append(use)
                guard let found = program.definition(of: name, in: document) else { break search }
                switch found.definition {
                case .typedef(let typedef):
                    (type, document) = (typedef.type, found.document)
                    continue search
                case .enumeration(let enumeration):
                    result = ResolvedType(kind: .enumeration(enumeration), document: found.document)
                case .structure(let structure):
                    result = ResolvedType(kind: .structure(structure), document: found.document)
                case .constant, .service: break
                }
            }
            break
        }
        for use in passed { resolved[use] = .some(result) }
        return result
    }

    /// The first definition that stands below `use`, if `type` needs one; see `SourceLocation.precedes`. Only for types that
    /// are something: a circle of typedefs would have no end here.
    func definitionBelow(
        _ use: SourceLocation, of type: TypeReference, in document: Document
    ) -> DefinitionHead? {
        guard document.path == use.file else { return nil }
        var type = type
        while case .named(let name) = type.kind, let found = program.definition(of: name, in: document),
            found.document.path == use.file
        {
            guard found.definition.head.location.precedes(use) else { return found.definition.head }
            guard case .typedef(let typedef) = found.definition else { break }
            type = typedef.type
        }
        return nil
    }
}

extension TypeReference {
    /// As a file writes it, without annotations.
    var description: String {
        switch kind {
        case .base(let base): base.rawValue
        case .list(let element): "list<\(element.description)>"
        case .set(let element): "set<\(element.description)>"
        case .map(let key, let value): "map<\(key.description), \(value.description)>"
        case .named(let name): name.shortened
        }
    }
}
