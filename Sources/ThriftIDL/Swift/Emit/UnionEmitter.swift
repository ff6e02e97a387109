/// Writes a union: an enum with a case for each member, and one for what this version does not know.
struct UnionEmitter {
    let scope: FileScope
    let values: ValueSpeller
    let validated: ValidatedTypes
    let union: SwiftStructure
    let coder: CoderNames

    init(scope: FileScope, values: ValueSpeller, validated: ValidatedTypes, union: SwiftStructure) {
        self.scope = scope
        self.values = values
        self.validated = validated
        self.union = union
        // No member is a local of the coders.
        coder = CoderNames(scope, fields: [])
    }

    private var name: String { scope.name(union.id) }

    func emit(to out: inout SourceWriter) {
        out.documentation(union.documentation)
        let keyword = union.isIndirect ? "public indirect enum" : "public enum"
        var conformances = [scope.name(.wireStruct), scope.name(.hashable)]
        if union.isException { conformances.append(scope.name(.error)) }
        out.block("\(keyword) \(name): \(conformances.joined(separator: ", "))") { out in
            emitCases(to: &out)
            out.space()
            out.line(StructureEmitter.table(of: union.fields, scope))
            validation.emit(union.ruleConstants, to: &out)
            emitDecoder(to: &out)
            emitEncoder(to: &out)
            emitValidation(to: &out)
        }
    }

    private var validation: ValidationEmitter {
        ValidationEmitter(scope: scope, values: values, validated: validated, owner: "Self", fields: [])
    }

    /// Of the member that is set.
    private func emitValidation(to out: inout SourceWriter) {
        guard union.isValidated else { return }
        // The member that is there is not nil.
        let present = union.fields.map { field in
            var field = field
            field.rules.checks.removeAll { $0 == .present }
            return field
        }
        let asked = present.filter { validated.asks($0.rules, of: $0.type) }
        out.space()
        out.documentation(ValidationEmitter.documentation)
        out.line("@inlinable")
        out.block("public func validate() throws(\(scope.name(.validationError)))") { out in
            out.line("switch self {")
            for member in asked {
                out.line("case .\(member.name)(let \(coder.member)):")
                out.indented { out in
                    let place = ValidationEmitter.Place(value: coder.member, path: member.wireName)
                    validation.emit(member.rules, member.type, place, to: &out)
                }
            }
            // A union without other members still has what this version does not know.
            out.line("default: break")
            out.line("}")
        }
    }

    private func emitCases(to out: inout SourceWriter) {
        for member in union.fields {
            out.documentation(member.documentation)
            out.line("case \(scope.declared(member.name))(\(scope.spelling(member.type)))")
        }
        out.documentation(
            """
            A member that this version does not know; `id` is 0 where the message has only its name, or no member at all.
            Is written as a union without a member.
            """)
        out.line("case unrecognized(id: \(scope.name(.int16)))")
    }

    /// The last member that is known wins, as in Apache's readers.
    private func emitDecoder(to out: inout SourceWriter) {
        let head = coder.decoder(scope)
        let (reader, field) = (coder.reader, coder.field)
        out.space()
        out.line("@inlinable")
        out.block(open: head.open, items: head.items, close: head.close) { out in
            if !union.fields.isEmpty { out.line("var \(coder.member): \(name)?") }
            out.line("var \(coder.unknownID): \(scope.name(.int16)) = 0")
            out.line("var \(coder.scope) = try \(reader).beginStruct()")
            out.block("while let \(field) = try \(reader).nextField(&\(coder.scope), in: Self.wireFields)") { out in
                guard !union.fields.isEmpty else { return emitUnknown(to: &out) }
                out.line("switch \(field).id {")
                for member in union.fields {
                    let payload = "try \(scope.spelling(member.type))(from: &\(reader))"
                    out.matched(
                        "case \(member.id) where \(field).holds(.\(member.type.wireType))",
                        "\(coder.member) = \(name).\(member.name)(\(payload))")
                }
                out.line("default:")
                out.indented(emitUnknown)
                out.line("}")
            }
            let unknown = ".unrecognized(id: \(coder.unknownID))"
            out.line("self = \(union.fields.isEmpty ? unknown : "\(coder.member) ?? \(unknown)")")
        }
    }

    private func emitUnknown(to out: inout SourceWriter) {
        out.line("\(coder.unknownID) = \(coder.field).id")
        out.line("try \(coder.reader).skip(\(coder.field))")
    }

    private func emitEncoder(to out: inout SourceWriter) {
        let writer = coder.writer
        out.space()
        out.line("@inlinable")
        out.block(coder.encoder(scope)) { out in
            out.line("switch self {")
            for member in union.fields {
                out.line("case .\(member.name)(let \(coder.member)):")
                out.indented { out in
                    out.line("var \(coder.scope) = \(writer).beginStruct(fieldCount: 1)")
                    out.line(
                        .group(
                            open: "\(writer).writeField(",
                            items: [
                                .text("&\(coder.scope)"), .text("\(member.id)"), .text("\"\(member.wireName)\""),
                                .text("\(coder.member)"),
                            ], close: ")"))
                }
            }
            out.line("case .unrecognized: _ = \(writer).beginStruct(fieldCount: 0)")
            out.line("}")
            out.line("\(writer).endStruct()")
        }
    }
}
