/// From the syntax tree to what is to be written.
struct ModelBuilder: Sendable {
    let names: NameTable
    let types: TypeResolver
    let values: ValueResolver
    let recursion: Recursion
    let validated: ValidatedTypes
    let views: Views

    init(_ program: Program) {
        names = NameTable(program)
        types = TypeResolver(program: program)
        values = ValueResolver(types: types)
        recursion = Recursion(program)
        validated = ValidatedTypes(program, values)
        views = Views(program, types, names.modules)
    }

    func file(_ document: Document) -> SwiftFile {
        var diagnostics: [Diagnostic] = []
        let declarations = document.definitions.compactMap { declaration($0, in: document, &diagnostics) }
        return SwiftFile(
            name: "\(document.name).thrift.swift", source: "\(document.name).thrift", document: document,
            declarations: declarations, constants: document.definitions.compactMap { constant($0, in: document) },
            diagnostics: diagnostics)
    }

    private func declaration(
        _ definition: Definition, in document: Document, _ diagnostics: inout [Diagnostic]
    ) -> SwiftDeclaration? {
        let id = DefinitionID(path: document.path, name: definition.head.name)
        switch definition {
        case .typedef(let typedef):
            var reader = RuleReader(values: values, document: document, taken: [])
            reader.refuse(typedef.head.annotations + typedef.type.annotations, "a typedef")
            diagnostics += reader.diagnostics
            return .alias(
                SwiftAlias(
                    id: id, documentation: typedef.head.documentation, target: types.type(typedef.type, in: document)))
        case .enumeration(let enumeration): return .enumeration(self.enumeration(enumeration, id))
        case .structure(let structure):
            let resolved = self.structure(structure, id, in: document, &diagnostics)
            return structure.kind == .union ? .union(resolved) : .structure(resolved)
        case .service(let service): return .service(self.service(service, in: document, &diagnostics))
        case .constant: return nil
        }
    }

    private func constant(_ definition: Definition, in document: Document) -> SwiftConstant? {
        guard case .constant(let constant) = definition else { return nil }
        let type = types.type(constant.type, in: document)
        return SwiftConstant(
            name: names.constant(DefinitionID(path: document.path, name: constant.head.name)),
            documentation: constant.head.documentation, type: type,
            value: values.value(constant.value, as: type, in: document))
    }

    private func enumeration(_ enumeration: Enumeration, _ id: DefinitionID) -> SwiftEnumeration {
        let names = MemberNames.cases(of: enumeration)
        var first: [Int32: SwiftIdentifier] = [:]
        let cases = zip(enumeration.cases, names).map { written, name in
            let original = first[written.value]
            if original == nil { first[written.value] = name }
            return SwiftEnumeration.Case(
                name: name, wireName: written.head.name, documentation: written.head.documentation,
                number: written.value, original: original)
        }
        return SwiftEnumeration(id: id, documentation: enumeration.head.documentation, cases: cases)
    }

    private func structure(
        _ structure: Structure, _ id: DefinitionID, in document: Document, _ diagnostics: inout [Diagnostic]
    ) -> SwiftStructure {
        let names = MemberNames.fields(of: structure)
        var taken = Set(names.map(\.text))
        var reader = RuleReader(values: values, document: document, taken: taken)
        reader.refuse(structure.head.annotations, "a \(structure.kind.rawValue)")
        let fields = zip(structure.fields, names).map { field, name in
            var resolved = self.field(field, name, in: document)
            resolved.rules = reader.rules(of: field, name, resolved.type)
            if structure.kind == .union {
                resolved.presence = .required(nil)
                return resolved
            }
            if recursion.isBoxed(field.head.name, of: id) {
                resolved.box = SwiftIdentifier(SwiftNames.fresh(name.text + "Box", taken: &taken))
            }
            if let value = resolved.initialValue, !value.isPlain {
                resolved.defaultName = SwiftIdentifier(SwiftNames.fresh(name.text + "Default", taken: &taken))
            }
            return resolved
        }
        diagnostics += reader.diagnostics
        return SwiftStructure(
            id: id, documentation: structure.head.documentation, isException: structure.kind == .exception,
            isIndirect: recursion.indirectUnions.contains(id), fields: fields, ruleConstants: reader.constants,
            isValidated: validated.contains(id))
    }

    /// A field as the rules of the IDL have it: what is said of presence, and what is not.
    func field(_ field: Field, _ name: SwiftIdentifier, in document: Document) -> SwiftField {
        let type = types.type(field.type, in: document)
        let written = field.defaultValue.map { values.value($0, as: type, in: document) }
        let presence: SwiftField.Presence =
            switch (field.requiredness, written) {
            case (.required, _): .required(written)
            case (.optional, let value?): .valued(value, isAlwaysWritten: false)
            case (.optional, nil): .optional
            case (.default, let value?): .valued(value, isAlwaysWritten: true)
            case (.default, nil):
                type.hasZero ? .valued(SwiftValue.zero(of: type), isAlwaysWritten: true) : .optional
            }
        return SwiftField(
            wireName: field.head.name, id: field.id, name: name, documentation: field.head.documentation, type: type,
            presence: presence)
    }
}

/// The names of members, which depend on nothing but their type's definition.
enum MemberNames {
    static func fields(of structure: Structure) -> [SwiftIdentifier] {
        let isUnion = structure.kind == .union
        return SwiftNames.members(
            structure.fields.map(\.head.name), reserved: isUnion ? inherited.union(["unrecognized"]) : inherited)
    }

    static func cases(of enumeration: Enumeration) -> [SwiftIdentifier] {
        SwiftNames.members(
            enumeration.cases.map(\.head.name),
            reserved: inherited.union(["allCases", "description", "rawValue", "unrecognized"]))
    }

    /// What every generated type has.
    private static let inherited: Set<String> = [
        "encode", "hash", "hashValue", "messagePackSize", "thriftBinarySize", "thriftCompactSize", "validate",
        "wireFields",
        "wireType",
    ]
}
