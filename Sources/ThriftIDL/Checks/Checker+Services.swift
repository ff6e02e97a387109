//! Services and their functions.

extension Checker {
    mutating func checkBase(of service: Service, in document: Document) {
        guard let base = service.base else { return }
        guard let found = program.definition(of: base.text, in: document) else {
            log.error(
                "unknown service '\(base.text.shortened)'" + hint(for: base.text, in: document), at: base.location)
            return
        }
        guard case .service(var ancestor) = found.definition else {
            log.error(
                "expected a service, found the \(found.definition.noun) '\(base.text.shortened)'", at: base.location)
            return
        }
        guard found.definition.head.location.precedes(base.location) else {
            reportBelow(found.definition.head, "service", at: base.location)
            return
        }
        // Each ancestor stands above the one before, or in a file included by it, so this ends.
        var own = Dictionary(service.functions.map { ($0.head.name, $0.head.location) }) { first, _ in first }
        var home = found.document
        while !own.isEmpty {
            for function in ancestor.functions {
                guard let location = own.removeValue(forKey: function.head.name) else { continue }
                log.error(
                    "'\(function.head.name.shortened)' is already a function of '\(ancestor.head.name.shortened)',"
                        + " which '\(service.head.name.shortened)' extends", at: location)
            }
            guard let next = ancestor.base, let found = program.definition(of: next.text, in: home),
                case .service(let definition) = found.definition,
                definition.head.location.precedes(ancestor.head.location)
            else { return }
            (ancestor, home) = (definition, found.document)
        }
    }

    mutating func checkFunction(_ function: Function, in document: Document) {
        if let type = function.returnType { checkType(type, in: document) }
        checkFields(function.arguments, in: document)
        for exception in function.exceptions {
            checkThrown(exception.type, in: document)
            checkDefault(of: exception, in: document)
        }
    }

    private mutating func checkThrown(_ type: TypeReference, in document: Document) {
        if case .named(let name) = type.kind, program.definition(of: name, in: document) == nil {
            log.error("unknown exception '\(name.shortened)'" + hint(for: name, in: document), at: type.location)
            return
        }
        guard case .structure(let structure)? = resolve(type, in: document)?.kind, structure.kind == .exception else {
            log.error("expected an exception, found '\(type.description)'", at: type.location)
            return
        }
        if let head = definitionBelow(type.location, of: type, in: document) {
            reportBelow(head, "exception", at: type.location)
        }
    }

    /// See `SourceLocation.precedes`.
    mutating func reportBelow(_ head: DefinitionHead, _ noun: String, at location: SourceLocation) {
        log.error(
            "the \(noun) '\(head.name.shortened)' is defined only below, at line \(head.location.line): expected it"
                + " before its use", at: location)
    }
}
