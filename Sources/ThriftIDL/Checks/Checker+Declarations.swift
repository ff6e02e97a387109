//! What can be said of each definition by itself: names, numbers, ids.

extension Checker {
    mutating func checkDeclarations(of document: Document) {
        checkNames(document.definitions.map(\.head), "definition")
        checkNamespaces(of: document)
        for definition in document.definitions {
            // A type since Thrift 0.18.
            if definition.head.name == "uuid" {
                log.error("'uuid' is a type by itself: expected another name", at: definition.head.location)
            }
            switch definition {
            case .constant, .typedef: break
            case .enumeration(let enumeration): checkCases(of: enumeration)
            case .structure(let structure):
                checkFieldDeclarations(structure.fields, "field")
                if structure.kind == .union { checkDefaults(ofUnion: structure) }
            case .service(let service):
                checkNames(service.functions.map(\.head), "function")
                for function in service.functions { checkDeclaration(of: function) }
            }
        }
    }

    /// Names of one kind, which stand in one scope.
    private mutating func checkNames(_ heads: [DefinitionHead], _ noun: String) {
        var places: [String: SourceLocation] = [:]
        for head in heads {
            let name = head.name.shortened
            if head.name.contains(".") {
                log.error("'\(name)' has a dot: expected a name without", at: head.location)
            } else if ReservedWords.all.contains(head.name) || ReservedWords.formerHeaders[head.name] != nil {
                log.error("'\(name)' is a reserved word: expected another name", at: head.location)
            }
            if let first = places[head.name] {
                let place = first.place(from: head.location)
                log.error("duplicate \(noun) '\(name)': the first is at \(place)", at: head.location)
            } else {
                places[head.name] = head.location
            }
        }
    }

    private mutating func checkNamespaces(of document: Document) {
        var scopes: Set<String> = []
        for namespace in document.namespaces where !scopes.insert(namespace.scope).inserted {
            log.warning("duplicate namespace for '\(namespace.scope)'", at: namespace.location)
        }
    }

    private mutating func checkCases(of enumeration: Enumeration) {
        checkNames(enumeration.cases.map(\.head), "member")
        var names: [Int32: String] = [:]
        for member in enumeration.cases {
            if let other = names[member.value] {
                log.error(
                    "'\(member.head.name.shortened)' has the number \(member.value), which '\(other.shortened)' has",
                    at: member.head.location)
            } else {
                names[member.value] = member.head.name
            }
        }
    }

    private mutating func checkFieldDeclarations(_ fields: [Field], _ noun: String) {
        checkNames(fields.map(\.head), noun)
        var names: [Int16: String] = [:]
        for field in fields {
            if let other = names[field.id] {
                log.error(
                    "'\(field.head.name.shortened)' has the id \(field.id), which '\(other.shortened)' has",
                    at: field.head.location)
            } else {
                names[field.id] = field.head.name
            }
        }
    }

    private mutating func checkDefaults(ofUnion union: Structure) {
        let members = union.fields.filter { $0.defaultValue != nil }
        guard let first = members.first else { return }
        for member in members.dropFirst() {
            log.error(
                "'\(member.head.name.shortened)' has a default, and '\(first.head.name.shortened)' has: expected one"
                    + " at most in a union", at: member.head.location)
        }
    }

    private mutating func checkDeclaration(of function: Function) {
        checkFieldDeclarations(function.arguments, "argument")
        checkFieldDeclarations(function.exceptions, "exception")
        guard function.isOneway else { return }
        let name = function.head.name.shortened
        if let type = function.returnType {
            log.error("the oneway function '\(name)' returns a value: expected 'void'", at: type.location)
        }
        if let exception = function.exceptions.first {
            log.error("the oneway function '\(name)' throws: nobody would be told", at: exception.type.location)
        }
    }
}
