//! Values that have parts: literals of structs, and constants of container types used by name.

extension Checker {
    /// `{"x": 1, "y": 2}` for a struct.
    mutating func checkLiteral(
        _ value: ConstantValue, of structure: Structure, _ type: TypeReference, in document: Document, use: ValueUse
    ) {
        guard case .map(let pairs) = value.kind else {
            let isNamed = if case .identifier = value.kind { true } else { false }
            log.error(
                "\(expectation(of: type)), found \(value.description)"
                    + (isNamed ? ": a \(structure.kind.rawValue) is written out, as in {\"name\": value}" : ""),
                at: value.location)
            return
        }
        let fields = Dictionary(structure.fields.map { ($0.head.name, $0) }) { first, _ in first }
        var known: Set<String> = []
        for pair in pairs {
            guard case .string(let name) = pair.key.kind else {
                log.error(
                    "expected the name of a field of \(type.description) in quotes, found \(pair.key.description)",
                    at: pair.key.location)
                continue
            }
            guard let field = fields[name] else {
                log.error("\(type.description) has no field '\(name.shortened)'", at: pair.key.location)
                continue
            }
            if !known.insert(name).inserted {
                log.error("the field '\(name.shortened)' has a value already", at: pair.key.location)
            }
            _ = check(pair.value, against: field.type, in: document, use: use)
        }
        if structure.kind == .union {
            guard pairs.count != 1 else { return }
            log.error(
                "expected the value of one member of the union \(type.description), found \(pairs.count)",
                at: value.location)
            return
        }
        for field in structure.fields
        where field.requiredness == .required && field.defaultValue == nil && !known.contains(field.head.name) {
            log.error(
                "expected the required field '\(field.head.name.shortened)' of \(type.description)", at: value.location)
        }
    }

    /// Whether `value` is the name of a constant of the container type `expected`. One of another type is reported as
    /// well, and nothing more is to be said then.
    mutating func acceptsReference(
        _ value: ConstantValue, to expected: ResolvedType, _ type: TypeReference, use: ValueUse
    ) -> Bool {
        guard case .identifier(let name) = value.kind,
            let (definition, document) = program.definition(of: name, in: use.document),
            case .constant(let constant) = definition
        else { return false }
        guard constant.head.location.precedes(use.location) else {
            reportBelow(constant.head, "constant", at: value.location)
            return true
        }
        var steps = 1000
        guard let found = resolve(constant.type, in: document), isSame(found, expected, steps: &steps) else {
            log.error(
                "\(expectation(of: type)), found \(value.description) of type \(constant.type.description)",
                at: value.location)
            return true
        }
        return true
    }

    /// Whether two types are the same once typedefs are followed. Typedefs of typedefs can make types of any size, so the
    /// comparison ends after so many steps, with yes.
    private mutating func isSame(_ one: ResolvedType, _ other: ResolvedType, steps: inout Int) -> Bool {
        steps -= 1
        guard steps > 0 else { return true }
        switch (one.kind, other.kind) {
        case (.base(let first), .base(let second)): return first == second
        case (.enumeration(let first), .enumeration(let second)): return first.head.location == second.head.location
        case (.structure(let first), .structure(let second)): return first.head.location == second.head.location
        case (.list(let first), .list(let second)), (.set(let first), .set(let second)):
            return isSame(first, in: one.document, second, in: other.document, steps: &steps)
        case (.map(let firstKey, let firstValue), .map(let secondKey, let secondValue)):
            return isSame(firstKey, in: one.document, secondKey, in: other.document, steps: &steps)
                && isSame(firstValue, in: one.document, secondValue, in: other.document, steps: &steps)
        default: return false
        }
    }

    private mutating func isSame(
        _ one: TypeReference, in document: Document, _ other: TypeReference, in otherDocument: Document,
        steps: inout Int
    ) -> Bool {
        guard let first = resolve(one, in: document), let second = resolve(other, in: otherDocument) else {
            return true
        }
        return isSame(first, second, steps: &steps)
    }
}
