//! Whether types exist, and may be used where they are.

extension Checker {
    /// - Parameter isAlias: whether a typedef only gives the type another name.
    mutating func checkType(_ type: TypeReference, isAlias: Bool = false, in document: Document) {
        switch type.kind {
        case .base: break
        case .list(let element), .set(let element): checkType(element, in: document)
        case .map(let key, let value):
            checkType(key, in: document)
            checkType(value, in: document)
        case .named(let name):
            guard let found = program.definition(of: name, in: document) else {
                log.error("unknown type '\(name.shortened)'" + hint(for: name, in: document), at: type.location)
                return
            }
            switch found.definition {
            case .constant, .service:
                log.error(
                    "expected a type, found the \(found.definition.noun) '\(name.shortened)'", at: type.location)
            case .typedef, .enumeration, .structure:
                guard !isAlias, case .structure(let structure)? = resolve(type, in: document)?.kind,
                    structure.kind == .exception
                else { return }
                log.warning(
                    "'\(name.shortened)' is an exception: expected it after 'throws' only", at: type.location)
            }
        }
    }

    mutating func checkFields(_ fields: [Field], in document: Document) {
        for field in fields {
            checkType(field.type, in: document)
            checkDefault(of: field, in: document)
        }
    }

    mutating func checkDefault(of field: Field, in document: Document) {
        guard let value = field.defaultValue else { return }
        _ = check(value, against: field.type, in: document, use: ValueUse(field.head.location, document))
    }

    /// What might have been meant by a name that means nothing.
    func hint(for name: String, in document: Document) -> String {
        if let dot = name.lastIndex(of: ".") {
            let file = name[..<dot]
            let isKnown = document.includes.contains { FilePath.name($0.path) == file }
            return isKnown ? "" : ": no included file is called '\(String(file).shortened)'"
        }
        for include in document.includes {
            let qualified = "\(FilePath.name(include.path)).\(name)"
            if program.definition(of: qualified, in: document) != nil { return ": did you mean '\(qualified)'?" }
        }
        return ""
    }

    /// Types of included files with the names of our own, if no namespace keeps them apart in any language.
    mutating func checkCollisions(of document: Document) {
        let namespaces = document.namespacesByScope
        for path in Set(document.includes.map(\.path)) {
            guard let included = program.document(at: path), included.namespacesByScope == namespaces else { continue }
            let names = Dictionary(included.definitions.map { ($0.head.name, $0) }) { first, _ in first }
            for definition in document.definitions {
                guard let other = names[definition.head.name], !other.isConstant, !definition.isConstant else {
                    continue
                }
                log.error(
                    "the \(other.noun) '\(other.head.name.shortened)' of the included '\(included.path)' is in the same namespace",
                    at: definition.head.location)
            }
        }
    }
}

extension Document {
    fileprivate var namespacesByScope: [String: String] {
        Dictionary(namespaces.map { ($0.scope, $0.name) }) { $1 }
    }
}

extension Definition {
    fileprivate var isConstant: Bool {
        if case .constant = self { true } else { false }
    }
}
