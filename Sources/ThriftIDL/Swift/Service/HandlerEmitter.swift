/// Writes the synchronous side of a server: a protocol whose methods are called where their calls arrive, and what leads
/// from a call to its method.
struct HandlerEmitter {
    let context: ServiceScope

    private var scope: FileScope { context.scope }
    private var service: SwiftService { context.service }
    private var handler: String { context.type("Handler") }

    func emit(to out: inout SourceWriter) {
        emitProtocol(to: &out)
        guard !service.all.isEmpty else { return }
        out.space()
        emitExtension(to: &out)
        out.space()
        emitService(to: &out)
    }

    // MARK: The protocol

    private func emitProtocol(to out: inout SourceWriter) {
        out.documentation(
            context.documentation(
                """
                Service `\(service.wireName)`, answered where its calls arrive: on the connection's event loop, which no \
                method may block.
                A method answers through its call, at once (`call.answer`) or later (`call.later()`).
                """))
        let base = service.base.map { scope.service($0, "Handler") } ?? scope.name(.rpcHandler)
        guard !service.own.isEmpty else { return out.line("public protocol \(handler): \(base) {}") }
        out.block("public protocol \(handler): \(base)") { out in
            for function in service.own {
                out.documentation(function.documentation ?? (function.isOneway ? Self.onewayNote : nil))
                out.line(requirement(function))
            }
            for failure in failures {
                out.space()
                out.documentation(
                    "The exception to answer where a call's arguments cannot be used. nil: the protocol's own error.")
                out.line(refusal(failure, end: ""))
            }
        }
    }

    private static let onewayNote = "Nobody waits: there is nothing to answer."

    private func requirement(_ function: SwiftFunction) -> Layout {
        if function.isOneway {
            return list("func \(function.name)(", viewed(function) + ["_ times: \(scope.name(.callTimes))"], ")")
        }
        return list(
            "func \(function.name)<\(context.messageWriter)>(",
            viewed(function) + [
                "_ call: \(scope.name(.call))<\(context.descriptor(function))>", "_ writer: inout \(context.writer)",
            ], ")\(context.throwing(function)) -> \(scope.name(.reply))")
    }

    private func list(_ open: String, _ items: [String], _ close: String) -> Layout {
        .group(open: open, items: items.map { .text($0) }, close: close)
    }

    /// The arguments as parameters, lent where they can be.
    private func viewed(_ function: SwiftFunction) -> [String] {
        function.arguments.map { argument in
            let optional = argument.isOptional ? "?" : ""
            let type =
                switch context.views.form(argument, of: nil) {
                case .owned: context.ownedType(of: argument)
                case .text: scope.name(.utf8Span) + optional
                case .bytes: scope.name(.rawSpan) + optional
                case .view(let id): "borrowing \(scope.name(id)).View\(optional)"
                }
            return "\(context.label(argument, of: function) ?? "_ \(argument.name)"): \(type)"
        }
    }

    /// What the service's own functions throw, but for what a base has said already.
    private var failures: [String] {
        var seen = Set(service.inherited.compactMap(canonicalFailure))
        return service.own.compactMap { function in
            guard let failure = canonicalFailure(function), seen.insert(failure).inserted else { return nil }
            return context.failure(function)
        }
    }

    /// What a function throws, called as nothing else is: a typedef of it is the same type.
    private func canonicalFailure(_ function: SwiftFunction) -> String? {
        if function.exceptions.count == 1 { return scope.spelling(function.exceptions[0].type.canonical) }
        return context.failure(function)
    }

    private func refusal(_ failure: String, end: String) -> Layout {
        list(
            "\(end.isEmpty ? "" : "public ")func failure(",
            ["_ type: \(failure).Type", "for refusal: \(scope.name(.callRefusal))"], ") -> \(failure)?\(end)")
    }

    // MARK: From a call to its method

    private func emitExtension(to out: inout SourceWriter) {
        out.block("extension \(handler)") { out in
            for failure in failures {
                out.space()
                out.line("@inlinable")
                out.line(refusal(failure, end: " { nil }"))
            }
            out.space()
            emitDispatch(to: &out)
            for function in service.own {
                out.space()
                emitServing(function, to: &out)
            }
        }
    }

    private func emitDispatch(to out: inout SourceWriter) {
        out.documentation("Reads a call, runs its method, writes the answer.")
        out.line("@inlinable")
        out.line("@_lifetime(reader: copy reader)")
        out.block(
            open: "public func dispatch", generics: [context.messageReader, context.messageWriter],
            items: context.incoming(reader: context.reader, writer: context.writer),
            close: ") throws(\(scope.name(.callRefusal))) -> \(scope.name(.callOutcome)) {"
        ) { out in
            Self.emitLookup(context, to: &out)
            out.line("let served =")
            out.indented { out in
                out.line("switch method {")
                for function in service.all {
                    out.matched(
                        "case .\(function.name)", "try \(Self.serving(function))(head, times, &reader, &writer)")
                }
                out.line("}")
            }
            out.line(
                "if served.isAnswered { answered(method.rawValue, \(context.writer).format, threw: served.failure) }")
            out.line("return \(scope.name(.callOutcome))(method, served.reply)")
        }
    }

    static func emitLookup(_ context: ServiceScope, to out: inout SourceWriter) {
        out.line(
            .sequence([
                .text("guard head.isFor(\"\(context.service.wireName)\"), "),
                .text("let method = \(context.type("Method"))(head.method) else { throw head.unknownMethod }"),
            ]))
    }

    private static func serving(_ function: SwiftFunction) -> String { "serve\(function.typeName)" }

    private func emitServing(_ function: SwiftFunction, to out: inout SourceWriter) {
        out.line("@inlinable")
        out.line("@_lifetime(reader: copy reader)")
        out.block(
            open: "public func \(Self.serving(function))", generics: [context.messageReader, context.messageWriter],
            items: context.incoming(reader: context.reader, writer: context.writer),
            close: ") throws(\(scope.name(.callRefusal))) -> \(scope.name(.servedCall)) {"
        ) { out in
            if function.exceptions.isEmpty { emitPlain(function, to: &out) } else { emitThrowing(function, to: &out) }
        }
    }

    /// What is made of the arguments: their view, or themselves.
    private func arguments(of function: SwiftFunction) -> String {
        "\(context.descriptor(function)).\(context.isViewed(function) ? "View" : "Arguments")"
    }

    /// Of a function without exceptions: arguments that cannot be used are the protocol's affair.
    private func emitPlain(_ function: SwiftFunction, to out: inout SourceWriter) {
        let wireError = scope.name(.wireError)
        if function.arguments.isEmpty {
            out.line("do throws(\(wireError)) { try reader.skipArguments() } catch { throw .undecodable(error) }")
        } else {
            out.line("let arguments: \(arguments(of: function))")
            out.block("do throws(\(wireError))") { out in
                out.line(list("arguments = try \(arguments(of: function))(", ["arguments: &reader"], ")"))
            }
            out.continueBlock("catch") { $0.line("throw .undecodable(error)") }
        }
        if function.isValidated {
            let error = scope.name(.validationError)
            out.line("do throws(\(error)) { try arguments.validate() } catch { throw .invalid(error) }")
        }
        guard function.isOneway else {
            let call = "\(scope.name(.call))(head, times, reader, writer)"
            let inner = invocation(function, function.arguments.isEmpty ? nil : "arguments", call: call)
            return out.line(.group(open: "return \(scope.name(.servedCall))(", items: [inner], close: ")"))
        }
        out.line(list("\(callee(function))(", context.passed(function, from: "arguments") + ["times"], ")"))
        let call = "\(scope.name(.call))<\(context.descriptor(function))>(head, times, reader, writer)"
        out.line("// A oneway method that was called like any other is answered like one without a result.")
        out.line(
            .group(open: "return \(scope.name(.servedCall))(", items: [.text("\(call).answer(&writer)")], close: ")"))
    }

    /// The handler's method; bare, unless a local has its name.
    private func callee(_ function: SwiftFunction) -> String {
        Self.locals.contains(function.name.text) ? "self.\(function.name)" : function.name.description
    }

    private static let locals: Set<String> = [
        "arguments", "call", "error", "failure", "head", "mark", "reader", "refusal", "start", "times", "writer",
    ]

    private func invocation(_ function: SwiftFunction, _ arguments: String?, call: String) -> Layout {
        list("\(callee(function))(", context.passed(function, from: arguments) + [call, "&writer"], ")")
    }

    /// Of a function with exceptions: the handler may make one of them of arguments that cannot be used.
    private func emitThrowing(_ function: SwiftFunction, to out: inout SourceWriter) {
        let failure = context.failure(function) ?? ""
        let call = "\(scope.name(.call))<\(context.descriptor(function))>(head, times, reader, writer)"
        out.line("let start = reader.offset")
        out.line("let mark = writer.mark")
        out.line("let refusal: \(scope.name(.callRefusal))")
        out.block("do throws(\(scope.name(.wireError)))") { out in
            if function.arguments.isEmpty {
                out.line("try reader.skipArguments()")
            } else {
                out.line("let arguments = try \(arguments(of: function))(arguments: &reader)")
            }
            out.line("let call = \(call)")
            guard function.isValidated else { return emitAttempt(function, failure, to: &out) }
            out.block("do throws(\(scope.name(.validationError)))") { out in
                out.line("try arguments.validate()")
                emitAttempt(function, failure, to: &out)
            }
            out.continueBlock("catch") { $0.line("refusal = .invalid(error)") }
        }
        out.continueBlock("catch") { $0.line("refusal = .undecodable(error)") }
        out.short("guard let failure = failure(\(failure).self, for: refusal) else", "throw refusal")
        out.line("try reader.passOverArguments(from: start)")
        out.line(list("return \(call).fail(", ["failure", "from: mark", "&writer"], ")"))
    }

    private func emitAttempt(_ function: SwiftFunction, _ failure: String, to out: inout SourceWriter) {
        out.block("do throws(\(failure))") { out in
            let call = invocation(function, function.arguments.isEmpty ? nil : "arguments", call: "call")
            out.line(
                .group(
                    open: "return \(scope.name(.servedCall))(", items: [.sequence([.text("try "), call])], close: ")"))
        }
        out.continueBlock("catch") { $0.line("return call.fail(error, from: mark, &writer)") }
    }

    // MARK: As a service

    private func emitService(to out: inout SourceWriter) {
        out.documentation("A `\(handler)` that is the service of an event loop.")
        out.block("extension \(handler) where Self: \(scope.name(.rpcService))") { out in
            Self.emitMethodNames(context, to: &out)
            Self.emitFormats(context, isInlinable: true, to: &out)
        }
    }

    static func emitMethodNames(_ context: ServiceScope, to out: inout SourceWriter) {
        let names = "\(context.type("Method")).allCases.map { \"\\($0.name)\" }"
        out.line("public static var methodNames: [\(context.scope.name(.string))] { \(names) }")
    }

    /// One function for each format: a call to these is specialised, a generic one through a protocol would not be.
    static func emitFormats(_ context: ServiceScope, isInlinable: Bool, to out: inout SourceWriter) {
        let formats: [(reader: FileScope.Symbol, writer: FileScope.Symbol)] = [
            (.messagePackReader, .messagePackWriter), (.thriftBinaryReader, .thriftBinaryWriter),
            (.thriftCompactReader, .thriftCompactWriter),
        ]
        let scope = context.scope
        for format in formats {
            out.space()
            if isInlinable { out.line("@inlinable") }
            out.line("@_lifetime(reader: copy reader)")
            let incoming = context.incoming(reader: scope.name(format.reader), writer: scope.name(format.writer))
            out.line(
                .group(
                    open: "public func call(", items: incoming.map { .text($0) },
                    close: ") throws(\(scope.name(.callRefusal))) -> \(scope.name(.callOutcome)) { "
                        + "try dispatch(head, times, &reader, &writer) }"))
        }
    }
}
