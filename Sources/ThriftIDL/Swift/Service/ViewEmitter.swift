/// Writes a view: a struct, or the arguments of a function, as it lies in a message. Text and bytes are spans of the
/// message, nothing is copied or retained for them.
struct ViewEmitter {
    let scope: FileScope
    let values: ValueSpeller
    let validated: ValidatedTypes
    let views: Views
    let fields: [SwiftField]
    /// The struct that it is a view of; nil for the arguments of a function.
    let structure: DefinitionID?
    let coder: CoderNames

    init(
        scope: FileScope, values: ValueSpeller, validated: ValidatedTypes, views: Views, fields: [SwiftField],
        structure: DefinitionID?
    ) {
        self.scope = scope
        self.values = values
        self.validated = validated
        self.views = views
        self.fields = fields
        self.structure = structure
        coder = CoderNames(scope, fields: fields)
        scope.declareLocals(coder)
    }

    /// What holds the table of fields and the constants.
    private var owner: String { structure.map { scope.name($0) } ?? "Arguments" }

    /// - Parameter isTransparent: as in `ValidationEmitter`.
    func emit(isValidated: Bool, isTransparent: Bool = false, to out: inout SourceWriter) {
        out.block("public struct View: ~\(scope.name(.escapable))") { out in
            for field in fields {
                out.documentation(field.documentation)
                let optional = field.isOptional ? "?" : ""
                out.line("public let \(scope.declared(field.name)): \(type(of: field))\(optional)")
            }
            emitDecoder(to: &out)
            guard isValidated else { return }
            out.space()
            out.documentation(ValidationEmitter.documentation)
            var validation = ValidationEmitter(
                scope: scope, values: values, validated: validated, owner: owner, fields: fields)
            validation.isTransparent = isTransparent
            validation.emit(fields, form: { form($0).validation }, to: &out)
        }
    }

    /// The struct's own initializer from its view.
    func emitCopy(to out: inout SourceWriter) {
        out.documentation("A copy of its own.")
        out.line("@inlinable")
        out.block("public init(copying view: borrowing View)") { out in
            let arguments = fields.map { field in
                let value =
                    switch form(field) {
                    case .text: "\(scope.name(.string))(copying: view.\(field.name))"
                    case .bytes: "\(scope.name(.byteBuffer))(copying: view.\(field.name))"
                    case .owned, .view: "view.\(field.name)"
                    }
                return Layout.text("\(field.name.label): \(value)")
            }
            out.line(.group(open: "self.init(", items: arguments, close: ")"))
        }
    }

    private func form(_ field: SwiftField) -> ViewForm { views.form(field, of: structure) }

    private func type(of field: SwiftField) -> String {
        switch form(field) {
        case .owned: scope.spelling(field.type)
        case .text: scope.name(.utf8Span)
        case .bytes: scope.name(.rawSpan)
        case .view(let id): "\(scope.name(id)).View"
        }
    }

    private func emitDecoder(to out: inout SourceWriter) {
        let isStructure = structure != nil
        let kind = scope.reader(isStructure ? .wireReader : .messageReader)
        out.space()
        out.line("@inlinable")
        out.line("@_lifetime(copy \(coder.reader))")
        out.line("@_lifetime(\(coder.reader): copy \(coder.reader))")
        out.block(
            open: "public init<\(coder.readerType): \(kind)>(",
            items: ["\(isStructure ? "from" : "arguments") \(coder.reader): inout \(coder.readerType)"],
            close: ") throws(\(scope.name(.wireError))) {"
        ) { out in
            if let field = onlyView { return emitOnly(field, to: &out) }
            for field in fields { out.line(local(field)) }
            emitLoop(to: &out)
            for field in fields {
                guard case .required = field.presence else { continue }
                out.short("guard let \(field.name) else", "throw .missingField(\"\(field.wireName)\")")
            }
            for field in fields { emitAssignment(field, to: &out) }
        }
    }

    /// The argument of a function that takes one struct and nothing else, as most do.
    private var onlyView: SwiftField? {
        guard structure == nil, fields.count == 1, let field = fields.first, case .required = field.presence,
            case .view = form(field)
        else { return nil }
        return field
    }

    /// Reads it where it stands: an optional in between would cost a copy of the whole view.
    private func emitOnly(_ field: SwiftField, to out: inout SourceWriter) {
        let (reader, scope) = (coder.reader, coder.scope)
        out.line("var \(scope) = try \(reader).beginArguments()")
        out.line(
            "let isThere = try \(reader).find(\(field.id), .structure, &\(scope), in: \(owner).wireFields)")
        out.short("guard isThere else", "throw .missingField(\"\(field.wireName)\")")
        out.line("self.\(field.name) = try \(type(of: field))(from: &\(reader))")
        out.line("try \(reader).endArguments(&\(scope), in: \(owner).wireFields)")
    }

    private func local(_ field: SwiftField) -> String {
        let head = "var \(field.name): \(type(of: field))"
        guard form(field) == .owned else { return "\(head)? = nil" }
        guard field.isValued, let value = field.initialValue else { return "\(head)?" }
        if let name = field.defaultName { return "\(head) = \(owner).\(name)" }
        return "\(head) = \(values.layout(value, as: field.type).flat)"
    }

    private func emitLoop(to out: inout SourceWriter) {
        let (begin, next) = structure == nil ? ("beginArguments", "nextArgument") : ("beginStruct", "nextField")
        let (reader, field) = (coder.reader, coder.field)
        out.line("var \(coder.scope) = try \(reader).\(begin)()")
        let loop = "while let \(field) = try \(reader).\(next)(&\(coder.scope), in: \(owner).wireFields)"
        guard !fields.isEmpty else { return out.short(loop, "try \(reader).skip(\(field))") }
        out.block(loop) { out in
            out.line("switch \(field).id {")
            for member in fields {
                out.matched(
                    "case \(member.id) where \(field).holds(.\(member.type.wireType))",
                    "\(member.name) = \(read(member))")
            }
            out.line("default: try \(reader).skip(\(field))")
            out.line("}")
        }
    }

    private func read(_ field: SwiftField) -> String {
        switch form(field) {
        case .owned, .view: "try \(type(of: field))(from: &\(coder.reader))"
        case .text: "try \(coder.reader).readText()"
        case .bytes: "try \(coder.reader).readSpan()"
        }
    }

    private func emitAssignment(_ field: SwiftField, to out: inout SourceWriter) {
        let name = field.name
        guard field.isValued, form(field) != .owned else { return out.line("self.\(name) = \(name)") }
        let empty = form(field) == .text ? "emptyText" : "emptySpan"
        out.line("self.\(name) = if let \(name) { \(name) } else { \(coder.reader).\(empty)() }")
    }
}
