/// Writes a struct or an exception: its properties, its initializer, its coders.
struct StructureEmitter {
    let scope: FileScope
    let values: ValueSpeller
    let validated: ValidatedTypes
    let structure: SwiftStructure
    let coder: CoderNames

    init(scope: FileScope, values: ValueSpeller, validated: ValidatedTypes, structure: SwiftStructure) {
        self.scope = scope
        self.values = values
        self.validated = validated
        self.structure = structure
        coder = CoderNames(scope, fields: structure.fields)
        scope.declareLocals(coder)
    }

    private var fields: [SwiftField] { structure.fields }

    func emit(to out: inout SourceWriter) {
        var conformances = [scope.name(.wireStruct), scope.name(.hashable)]
        if structure.isException { conformances.append(scope.name(.error)) }
        out.documentation(structure.documentation)
        let head = "public struct \(scope.name(structure.id)): \(conformances.joined(separator: ", "))"
        out.block(head) { out in
            emitTable(to: &out)
            emitDefaults(to: &out)
            emitProperties(to: &out)
            emitBoxes(to: &out)
            emitInitializer(to: &out)
            emitDecoder(to: &out)
            emitEncoder(to: &out)
            emitValidation(to: &out)
        }
    }

    private var validation: ValidationEmitter {
        ValidationEmitter(scope: scope, values: values, validated: validated, owner: "Self", fields: fields)
    }

    private func emitValidation(to out: inout SourceWriter) {
        guard structure.isValidated else { return }
        out.space()
        out.documentation(ValidationEmitter.documentation)
        validation.emit(fields, to: &out)
    }

    // MARK: What is stored

    private func emitTable(to out: inout SourceWriter) {
        out.line(Self.table(of: fields, scope))
    }

    /// The names of the fields, for formats whose maps are keyed by them.
    static func table(of fields: [SwiftField], _ scope: FileScope) -> Layout {
        .group(
            open: "@usableFromInline static let wireFields = \(scope.name(.fieldTable))(",
            items: fields.map { .text("(\"\($0.wireName)\", \($0.id))") }, close: ")")
    }

    /// Defaults that cost something to make are made once.
    private func emitDefaults(to out: inout SourceWriter) {
        for field in fields {
            guard let name = field.defaultName, let value = field.initialValue else { continue }
            let head = "@usableFromInline static let \(scope.declared(name)): \(scope.spelling(field.type)) = "
            out.line(.sequence([.text(head), values.layout(value, as: field.type)]))
        }
        validation.emit(structure.ruleConstants, to: &out)
    }

    private func emitProperties(to out: inout SourceWriter) {
        out.space()
        for field in fields where field.box == nil {
            out.documentation(field.documentation)
            out.line("public var \(scope.declared(field.name)): \(type(of: field))")
        }
        for field in fields {
            guard let box = field.box else { continue }
            let type = "\(scope.name(.indirect))<\(scope.spelling(field.type))>?"
            out.line("@usableFromInline var \(scope.declared(box)): \(type)")
        }
    }

    private func emitBoxes(to out: inout SourceWriter) {
        for field in fields {
            guard let box = field.box else { continue }
            out.space()
            out.documentation(field.documentation)
            out.line("@inlinable")
            out.block("public var \(scope.declared(field.name)): \(type(of: field))") { out in
                out.line("get { \(box)?.value }")
                out.line("set { \(box) = newValue.map { \(scope.name(.indirect))($0) } }")
            }
        }
    }

    /// The property's type.
    private func type(of field: SwiftField) -> String {
        scope.spelling(field.type) + (field.isOptional ? "?" : "")
    }

    // MARK: How it is made

    private func emitInitializer(to out: inout SourceWriter) {
        out.space()
        guard !fields.isEmpty else { return out.line("public init() {}") }
        let parameters = fields.map { field in
            let head = "\(field.name): \(type(of: field))"
            if field.isOptional { return "\(head) = nil" }
            return initialValue(of: field).map { "\(head) = \($0)" } ?? head
        }
        out.block(open: "public init(", items: parameters, close: ") {") { emitAssignments(to: &$0) }
    }

    /// What the field is before anything is known, as source.
    private func initialValue(of field: SwiftField) -> String? {
        if let name = field.defaultName { return "Self.\(name)" }
        return field.initialValue.map { values.layout($0, as: field.type).flat }
    }

    /// From locals or parameters of the same names, or, where a value is sure to be there, from `draft`.
    private func emitAssignments(from draft: String? = nil, to out: inout SourceWriter) {
        for field in fields {
            var source = field.name.description
            if let draft, field.isOptional || field.isValued { source = "\(draft).\(source)" }
            if let box = field.box {
                out.line("self.\(box) = \(source).map { \(scope.name(.indirect))($0) }")
            } else {
                out.line("self.\(field.name) = \(source)")
            }
        }
    }

    // MARK: Off the wire

    private func emitDecoder(to out: inout SourceWriter) {
        let head = coder.decoder(scope)
        if isDrafted { emitDraft(to: &out) }
        out.space()
        out.line("@inlinable")
        out.block(open: head.open, items: head.items, close: head.close) { out in
            if isDrafted {
                emitDraftedDecoder(to: &out)
            } else {
                for field in fields { out.line(local(field)) }
                emitLoop(to: &out)
            }
            for field in fields {
                guard case .required = field.presence else { continue }
                let source = isDrafted ? " = \(coder.draft).\(field.name)" : ""
                out.short("guard let \(field.name)\(source) else", "throw .missingField(\"\(field.wireName)\")")
            }
            emitAssignments(from: isDrafted ? coder.draft : nil, to: &out)
        }
    }

    /// What a field's value is kept in while others are read.
    func local(_ field: SwiftField) -> String {
        let type = scope.spelling(field.type)
        if case .valued = field.presence, let value = initialValue(of: field) {
            // Within the draft, `Self` is the draft.
            let owner = field.defaultName.map { "\(scope.name(structure.id)).\($0)" }
            return "var \(field.name): \(type) = \(isDrafted ? owner ?? value : value)"
        }
        return "var \(field.name): \(type)?"
    }

    private func emitLoop(to out: inout SourceWriter) {
        let (reader, field) = (coder.reader, coder.field)
        out.line("var \(coder.scope) = try \(reader).beginStruct()")
        let loop = "while let \(field) = try \(reader).nextField(&\(coder.scope), in: Self.wireFields)"
        guard !fields.isEmpty else { return out.short(loop, "try \(reader).skip(\(field))") }
        out.block(loop) { emitSwitch(to: &$0) }
    }

    /// Reads the field that was met into the local, or property, of its name.
    func emitSwitch(to out: inout SourceWriter) {
        let (reader, field) = (coder.reader, coder.field)
        out.line("switch \(field).id {")
        for member in fields {
            out.matched(
                "case \(member.id) where \(field).holds(.\(member.type.wireType))",
                "\(member.name) = try \(scope.spelling(member.type))(from: &\(reader))")
        }
        out.line("default: try \(reader).skip(\(field))")
        out.line("}")
    }

    // MARK: Onto the wire

    private func emitEncoder(to out: inout SourceWriter) {
        out.space()
        out.line("@inlinable")
        out.block(coder.encoder(scope)) { out in
            let writer = coder.writer
            guard !fields.isEmpty else {
                out.line("_ = \(writer).beginStruct(fieldCount: 0)")
                return out.line("\(writer).endStruct()")
            }
            emitCount(to: &out)
            for field in fields { emitWriting(field, to: &out) }
            out.line("\(writer).endStruct()")
        }
    }

    /// Opens the struct with the number of the fields that will be written.
    private func emitCount(to out: inout SourceWriter) {
        let conditions = fields.compactMap(condition)
        let always = fields.count - conditions.count
        var count = String(always)
        if !conditions.isEmpty {
            count = coder.fieldCount
            out.line("var \(count) = \(always)")
            for condition in conditions { out.short("if \(condition)", "\(count) += 1") }
        }
        out.line("var \(coder.scope) = \(coder.writer).beginStruct(fieldCount: \(count))")
    }

    /// What must hold for the field to be written; nil if it always is.
    private func condition(_ field: SwiftField) -> String? {
        switch field.presence {
        case .required, .valued(_, isAlwaysWritten: true): nil
        case .optional: "\(field.box ?? field.name) != nil"
        case .valued(let value, isAlwaysWritten: false): differs(field, from: value)
        }
    }

    private func differs(_ field: SwiftField, from value: SwiftValue) -> String {
        switch value {
        case .bool(let value): value ? "!\(field.name)" : "\(field.name)"
        case .list(let elements) where elements.isEmpty: "!\(field.name).isEmpty"
        case .map(let pairs) where pairs.isEmpty: "!\(field.name).isEmpty"
        default: "\(field.name) != \(initialValue(of: field) ?? "nil")"
        }
    }

    private func emitWriting(_ field: SwiftField, to out: inout SourceWriter) {
        let call = Layout.group(
            open: "\(coder.writer).writeField(",
            items: [
                .text("&\(coder.scope)"), .text("\(field.id)"), .text("\"\(field.wireName)\""), .text("\(field.name)"),
            ], close: ")")
        // An optional is looked at by `writeField` itself.
        if case .valued(let value, isAlwaysWritten: false) = field.presence {
            out.short("if \(differs(field, from: value))", call)
        } else {
            out.line(call)
        }
    }
}
