/// Writes the asynchronous side of a server: a protocol of async functions, and the service that runs each call in a task.
struct AsyncEmitter {
    let context: ServiceScope

    private var scope: FileScope { context.scope }
    private var service: SwiftService { context.service }

    func emit(to out: inout SourceWriter) {
        emitProtocol(to: &out)
        guard !service.all.isEmpty else { return }
        out.space()
        emitService(to: &out)
    }

    private func emitProtocol(to out: inout SourceWriter) {
        let base = service.base.map { scope.service($0, "AsyncHandler") } ?? scope.name(.sendable)
        let head = "public protocol \(context.type("AsyncHandler")): \(base)"
        out.documentation(context.documentation("Service `\(service.wireName)`, answered by async functions."))
        guard !service.own.isEmpty else { return out.line("\(head) {}") }
        out.block(head) { out in
            for function in service.own {
                out.documentation(function.documentation)
                let parameters = context.parameters(of: function) + ["_ context: \(scope.name(.callContext))"]
                let result = function.result.map { " -> \(scope.spelling($0))" } ?? ""
                out.line(
                    .group(
                        open: "func \(function.name)(", items: parameters.map { .text($0) },
                        close: ") async\(context.throwing(function))\(result)"))
            }
        }
    }

    private func emitService(to out: inout SourceWriter) {
        let (handler, loop) = (context.type("AsyncHandler"), scope.name(.eventLoop))
        let parameter = scope.parameter("Handler")
        out.documentation(
            "Serves the calls of one event loop through a `\(handler)`: each runs in a task of its own.")
        let head = "public final class \(context.type("AsyncService"))<\(parameter): \(handler)>"
        out.block("\(head): \(scope.name(.rpcService))") { out in
            out.line("private let handler: \(parameter)")
            out.line("private let eventLoop: any \(loop)")
            out.space()
            out.block("public init(_ handler: \(parameter), on eventLoop: any \(loop))") { out in
                out.line("self.handler = handler")
                out.line("self.eventLoop = eventLoop")
            }
            out.space()
            HandlerEmitter.emitMethodNames(context, to: &out)
            HandlerEmitter.emitFormats(context, isInlinable: false, to: &out)
            out.space()
            emitDispatch(to: &out)
        }
    }

    private func emitDispatch(to out: inout SourceWriter) {
        out.line("@_lifetime(reader: copy reader)")
        out.block(
            open: "private func dispatch", generics: [context.messageReader, context.messageWriter],
            items: context.incoming(reader: context.reader, writer: context.writer),
            close: ") throws(\(scope.name(.callRefusal))) -> \(scope.name(.callOutcome)) {"
        ) { out in
            HandlerEmitter.emitLookup(context, to: &out)
            out.line("let handler = handler")
            out.line("let reply =")
            out.indented { out in
                out.line("switch method {")
                for function in service.all { emitCase(function, to: &out) }
                out.line("}")
            }
            out.line("return \(scope.name(.callOutcome))(method, reply)")
        }
    }

    private func emitCase(_ function: SwiftFunction, to out: inout SourceWriter) {
        let arguments = ["\(context.descriptor(function)).self", "head", "times", "&reader", "&writer", "eventLoop"]
        let failure = context.failure(function) ?? scope.name(.never)
        out.line("case .\(function.name):")
        out.indented { out in
            out.block(open: "try serveLater(", items: arguments, close: ") {") { out in
                out.line("(arguments, context) async throws(\(failure)) in")
                let call = Layout.group(
                    open: "\(function.exceptions.isEmpty ? "" : "try ")await handler.\(function.name)(",
                    items: (context.passed(function, from: "arguments") + ["context"]).map { .text($0) }, close: ")")
                out.line(call)
                if function.result == nil { out.line("return \(scope.name(.noResult))()") }
            }
        }
    }
}
