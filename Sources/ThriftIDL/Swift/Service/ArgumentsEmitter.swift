/// Writes the arguments of a function as a struct of its own: what a client sends, and an async handler is given.
struct ArgumentsEmitter {
    let context: ServiceScope
    let function: SwiftFunction
    let coder: CoderNames

    init(context: ServiceScope, function: SwiftFunction) {
        self.context = context
        self.function = function
        coder = CoderNames(context.scope, fields: function.arguments)
        context.scope.declareLocals(coder)
    }

    private var scope: FileScope { context.scope }
    private var arguments: [SwiftField] { function.arguments }

    func emit(to out: inout SourceWriter) {
        var validation = ValidationEmitter(
            scope: scope, values: context.values, validated: context.validated, owner: "Self", fields: arguments)
        validation.isTransparent = context.hasOnlyStructure(function)
        out.block("public struct Arguments: \(scope.name(.rpcArguments))") { out in
            out.line(StructureEmitter.table(of: arguments, scope))
            for argument in arguments {
                guard let name = argument.defaultName, let value = argument.initialValue else { continue }
                let head = "@usableFromInline static let \(scope.declared(name)): \(scope.spelling(argument.type)) = "
                out.line(.sequence([.text(head), context.values.layout(value, as: argument.type)]))
            }
            validation.emit(function.ruleConstants, to: &out)
            out.space()
            for argument in arguments {
                out.documentation(argument.documentation)
                out.line("public var \(scope.declared(argument.name)): \(context.ownedType(of: argument))")
            }
            emitInitializer(to: &out)
            emitDecoder(to: &out)
            emitEncoder(to: &out)
            emitCarrying(to: &out)
            guard function.isValidated else { return }
            out.space()
            out.documentation(ValidationEmitter.documentation)
            validation.emit(arguments, to: &out)
        }
    }

    private func emitInitializer(to out: inout SourceWriter) {
        out.space()
        out.line("@inlinable")
        let parameters = arguments.map { "\($0.name): \(context.ownedType(of: $0))" }
        out.block(open: "public init(", items: parameters, close: ") {") { out in
            for argument in arguments { out.line("self.\(argument.name) = \(argument.name)") }
        }
    }

    private func emitDecoder(to out: inout SourceWriter) {
        let (reader, field) = (coder.reader, coder.field)
        out.space()
        out.line("@inlinable")
        out.line("@_lifetime(\(reader): copy \(reader))")
        out.block(
            open: "public init<\(coder.readerType): \(scope.reader(.messageReader))>(",
            items: ["arguments \(reader): inout \(coder.readerType)"],
            close: ") throws(\(scope.name(.wireError))) {"
        ) { out in
            for argument in arguments { out.line(local(argument)) }
            out.line("var \(coder.scope) = try \(reader).beginArguments()")
            out.block("while let \(field) = try \(reader).nextArgument(&\(coder.scope), in: Self.wireFields)") { out in
                out.line("switch \(field).id {")
                for argument in arguments {
                    out.matched(
                        "case \(argument.id) where \(field).holds(.\(argument.type.wireType))",
                        "\(argument.name) = try \(scope.spelling(argument.type))(from: &\(reader))")
                }
                out.line("default: try \(reader).skip(\(field))")
                out.line("}")
            }
            for argument in arguments {
                guard case .required = argument.presence else { continue }
                out.short("guard let \(argument.name) else", "throw .missingField(\"\(argument.wireName)\")")
            }
            for argument in arguments { out.line("self.\(argument.name) = \(argument.name)") }
        }
    }

    private func local(_ argument: SwiftField) -> String {
        let head = "var \(argument.name): \(scope.spelling(argument.type))"
        guard argument.isValued, let value = argument.initialValue else { return "\(head)?" }
        if let name = argument.defaultName { return "\(head) = Self.\(name)" }
        return "\(head) = \(context.values.layout(value, as: argument.type).flat)"
    }

    private func emitEncoder(to out: inout SourceWriter) {
        let writer = coder.writer
        out.space()
        out.line("@inlinable")
        let constraints = "\(coder.writerType): \(scope.writer(.messageWriter))"
        out.block("public func encode<\(constraints)>(arguments \(writer): inout \(coder.writerType))") { out in
            out.line("var \(coder.scope) = \(writer).beginArguments(count: \(arguments.count))")
            for argument in arguments {
                out.line(
                    .group(
                        open: "\(writer).writeArgument(",
                        items: [
                            .text("&\(coder.scope)"), .text("\(argument.id)"), .text("\"\(argument.wireName)\""),
                            .text("\(argument.name)"),
                        ], close: ")"))
            }
            out.line("\(writer).endArguments()")
        }
    }

    /// The library's function has a way for structs that carry metadata and one for those that do not.
    private func emitCarrying(to out: inout SourceWriter) {
        guard !function.metadataPlaces.isEmpty else { return }
        let metadata = scope.name(.callMetadata)
        out.space()
        out.documentation("Says in field \(MetadataPlace.fieldID) what a header would.")
        out.block("public mutating func carry(_ metadata: \(metadata))") { out in
            for place in function.metadataPlaces {
                let module = FileScope.Symbol.callMetadata.module
                out.line("\(module).carry(metadata, in: &self.\(place.argument).\(place.field))")
            }
        }
    }
}
