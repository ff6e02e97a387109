extension ModelBuilder {
    func service(_ service: Service, in document: Document, _ diagnostics: inout [Diagnostic]) -> SwiftService {
        let id = DefinitionID(path: document.path, name: service.head.name)
        var reader = RuleReader(values: values, document: document, taken: [])
        reader.refuse(service.head.annotations + service.functions.flatMap(\.head.annotations), "a service")
        diagnostics += reader.diagnostics
        let base = base(of: service, in: document)
        var unused: [Diagnostic] = []
        let inherited = base.map { self.service($0.service, in: $0.document, &unused).all } ?? []
        let names = SwiftNames.members(
            service.functions.map(\.head.name), reserved: Self.reservedFunctions.union(inherited.map(\.name.text)))
        // None of these may hide a type that the descriptions name, or its module.
        var taken = Set(inherited.map(\.typeName))
        let own = zip(service.functions, names).map { function, name in
            var typeName = SwiftNames.type(name.text)
            while self.names.isDefined(typeName) || FileScope.Symbol(rawValue: typeName) != nil
                || self.names.modules.isOther(typeName, than: document.path)
            {
                typeName += "_"
            }
            typeName = SwiftNames.fresh(typeName, taken: &taken)
            return self.function(function, name, typeName, of: id, in: document, &diagnostics)
        }
        return SwiftService(
            id: id, wireName: service.head.name, documentation: service.head.documentation,
            base: base.map { DefinitionID(path: $0.document.path, name: $0.service.head.name) },
            inherited: inherited, own: own)
    }

    private func base(of service: Service, in document: Document) -> (service: Service, document: Document)? {
        guard let name = service.base,
            case (.service(let base), let home)? = types.program.definition(of: name.text, in: document)
        else { return nil }
        return (base, home)
    }

    private func function(
        _ function: Function, _ name: SwiftIdentifier, _ typeName: String, of service: DefinitionID,
        in document: Document, _ diagnostics: inout [Diagnostic]
    ) -> SwiftFunction {
        let names = SwiftNames.members(
            function.arguments.map(\.head.name), reserved: ["carry", "validate", "wireFields", "encode"])
        var taken = Set(names.map(\.text))
        var reader = RuleReader(values: values, document: document, taken: taken)
        let arguments = zip(function.arguments, names).map { field, name in
            var argument = self.field(field, name, in: document)
            argument.rules = reader.rules(of: field, name, argument.type)
            // A call's arguments are there unless the IDL says that they need not be.
            if argument.isOptional, field.requiredness != .optional { argument.presence = .required(nil) }
            if let value = argument.initialValue, !value.isPlain {
                argument.defaultName = SwiftIdentifier(SwiftNames.fresh(name.text + "Default", taken: &taken))
            }
            return argument
        }
        diagnostics += reader.diagnostics
        let exceptionNames = SwiftNames.members(
            function.exceptions.map(\.head.name), reserved: ["hash", "hashValue", "localizedDescription"])
        let exceptions = zip(function.exceptions, exceptionNames).map { self.field($0, $1, in: document) }
        return SwiftFunction(
            service: service, wireName: function.head.name, name: name, typeName: typeName,
            documentation: function.head.documentation, isOneway: function.isOneway,
            isReadOnly: isReadOnly(function, &diagnostics),
            result: function.returnType.map { types.type($0, in: document) }, arguments: arguments,
            metadataPlaces: arguments.compactMap(metadataPlace), exceptions: exceptions,
            ruleConstants: reader.constants,
            isValidated: arguments.contains { validated.asks($0.rules, of: $0.type) })
    }

    /// Whether the function is annotated with `readonly = "true"`; without a value an annotation's value is 1.
    private func isReadOnly(_ function: Function, _ diagnostics: inout [Diagnostic]) -> Bool {
        guard let annotation = function.head.annotations.last(where: { $0.name == "readonly" }) else { return false }
        switch annotation.value {
        case "true", "1": return true
        case "false", "0": return false
        default:
            diagnostics.append(
                Diagnostic(
                    severity: .error, message: "'readonly' must be true or false, not '\(annotation.value)'",
                    location: annotation.location))
            return false
        }
    }

    /// Whether the struct is one that carries metadata, only Swift's compiler knows: it may be another module's.
    private func metadataPlace(in argument: SwiftField) -> MetadataPlace? {
        guard case .structure(let id) = argument.type.resolved, !argument.isOptional,
            let structure = types.structure(id),
            structure.kind == .structure, let document = types.document(of: id),
            let index = structure.fields.firstIndex(where: { $0.id == MetadataPlace.fieldID })
        else { return nil }
        let field = self.field(structure.fields[index], MemberNames.fields(of: structure)[index], in: document)
        guard field.isOptional, case .structure = field.type.resolved else { return nil }
        return MetadataPlace(argument: argument.name, field: field.name)
    }

    /// What the generated methods, handlers and clients have themselves.
    private static let reservedFunctions: Set<String> = [
        "allCases", "answered", "anticipate", "call", "dispatch", "failure", "finishAnticipating", "finishGroup",
        "hash", "hashValue",
        "name", "options", "rawValue", "refused", "rpc", "timeout",
    ]
}
