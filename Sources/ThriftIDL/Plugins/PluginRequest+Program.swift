//! From a checked program to what a plugin reads. Names are looked up here, so that plugins need not.

extension PluginRequest {
    /// Everything of `program`.
    public init(_ program: Program, options: [Option] = []) {
        let documents = program.documents.map { document in
            Document(document, isRoot: program.roots.contains(document.path), NameResolver(program, document))
        }
        self.init(options: options, documents: documents)
    }
}

/// Looks up names as they mean something in one document.
private struct NameResolver {
    let program: Program
    let document: Document

    init(_ program: Program, _ document: Document) {
        self.program = program
        self.document = document
    }

    /// In a checked program every name means something; what does not would be looked for in this document.
    func reference(_ name: String) -> PluginRequest.DefinitionReference {
        guard let found = program.definition(of: name, in: document) else {
            return PluginRequest.DefinitionReference(name: name, document: document.path)
        }
        return PluginRequest.DefinitionReference(name: found.definition.head.name, document: found.document.path)
    }

    func type(_ type: TypeReference) -> PluginRequest.TypeReference {
        let kind: PluginRequest.TypeReference.Kind =
            switch type.kind {
            case .base(let base): .base(base)
            case .list(let element): .list(self.type(element))
            case .set(let element): .set(self.type(element))
            case .map(let key, let value): .map(key: self.type(key), value: self.type(value))
            case .named(let name): .definition(reference(name))
            }
        return PluginRequest.TypeReference(kind: kind, annotations: annotations(type.annotations))
    }

    func value(_ value: ConstantValue) -> PluginRequest.Value {
        switch value.kind {
        case .integer(let number): .integer(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .identifier("true"): .bool(true)
        case .identifier("false"): .bool(false)
        case .identifier(let name): named(name)
        case .list(let elements): .list(elements.map(self.value))
        case .map(let pairs):
            .map(pairs.map { PluginRequest.Value.Pair(key: self.value($0.key), value: self.value($0.value)) })
        }
    }

    /// A constant, or a member of an enum, which may be called by a typedef's name.
    private func named(_ name: String) -> PluginRequest.Value {
        if program.definition(of: name, in: document) != nil { return .constant(reference(name)) }
        guard let dot = name.lastIndex(of: ".") else { return .constant(reference(name)) }
        var prefix = String(name[..<dot])
        let member = String(name[name.index(after: dot)...])
        var home = self
        while let found = program.definition(of: prefix, in: home.document),
            case .typedef(let typedef) = found.definition, case .named(let target) = typedef.type.kind
        {
            home = NameResolver(program, found.document)
            prefix = target
        }
        return .member(home.reference(prefix), name: member)
    }

    func annotations(_ annotations: [Annotation]) -> [PluginRequest.Annotation] {
        annotations.map { PluginRequest.Annotation(name: $0.name, value: $0.value) }
    }

    func location(_ location: SourceLocation) -> PluginRequest.Location {
        PluginRequest.Location(line: location.line, column: location.column)
    }

    func field(_ field: Field) -> PluginRequest.Field {
        let requiredness: PluginRequest.Field.Requiredness =
            switch field.requiredness {
            case .required: .required
            case .optional: .optional
            case .default: .default
            }
        return PluginRequest.Field(
            id: field.id, name: field.head.name, isExplicit: field.isExplicit, requiredness: requiredness,
            type: type(field.type), defaultValue: field.defaultValue.map(value),
            documentation: field.head.documentation, annotations: annotations(field.head.annotations),
            location: location(field.head.location))
    }

    func function(_ function: Function) -> PluginRequest.Function {
        PluginRequest.Function(
            name: function.head.name, isOneway: function.isOneway, returnType: function.returnType.map(type),
            arguments: function.arguments.map(field), exceptions: function.exceptions.map(field),
            documentation: function.head.documentation, annotations: annotations(function.head.annotations),
            location: location(function.head.location))
    }

    func member(_ member: Enumeration.Case) -> PluginRequest.Member {
        PluginRequest.Member(
            name: member.head.name, value: member.value, isExplicit: member.isExplicit,
            documentation: member.head.documentation, annotations: annotations(member.head.annotations),
            location: location(member.head.location))
    }
}

extension PluginRequest.Document {
    fileprivate init(_ document: Document, isRoot: Bool, _ names: NameResolver) {
        self.init(
            path: document.path, name: document.name, isRoot: isRoot, documentation: document.documentation,
            includes: document.includes.map {
                PluginRequest.Include(literal: $0.literal, path: $0.path, location: names.location($0.location))
            },
            namespaces: document.namespaces.map {
                PluginRequest.Namespace(
                    scope: $0.scope, name: $0.name, annotations: names.annotations($0.annotations),
                    location: names.location($0.location))
            },
            definitions: document.definitions.map { PluginRequest.Definition($0, names) })
    }
}

extension PluginRequest.Definition {
    fileprivate init(_ definition: Definition, _ names: NameResolver) {
        let head = definition.head
        let kind: Kind =
            switch definition {
            case .constant: .constant
            case .typedef: .typedef
            case .enumeration: .enumeration
            case .structure(let structure):
                switch structure.kind {
                case .structure: .structure
                case .union: .union
                case .exception: .exception
                }
            case .service: .service
            }
        self.init(
            kind: kind, name: head.name, documentation: head.documentation,
            annotations: names.annotations(head.annotations), location: names.location(head.location))
        switch definition {
        case .constant(let constant):
            type = names.type(constant.type)
            value = names.value(constant.value)
        case .typedef(let typedef): type = names.type(typedef.type)
        case .enumeration(let enumeration): members = enumeration.cases.map(names.member)
        case .structure(let structure): fields = structure.fields.map(names.field)
        case .service(let service):
            base = service.base.map { names.reference($0.text) }
            functions = service.functions.map(names.function)
        }
    }
}
