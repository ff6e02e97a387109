/// Writes the client of a service.
struct ClientEmitter {
    let context: ServiceScope

    private var scope: FileScope { context.scope }
    private var service: SwiftService { context.service }

    func emit(to out: inout SourceWriter) {
        let options = scope.name(.callOptions)
        out.documentation(
            context.documentation(
                """
                Calls service `\(service.wireName)` over a connection. May be used by any number of tasks at once.

                A method throws `CallFailure.exception` with what the method declares, or `.call` where there is no such \
                answer. `options` of one call stand in the place of the client's.
                """))
        out.block("public struct \(context.type("Client")): \(scope.name(.sendable))") { out in
            out.documentation("The connection.")
            out.line("public let rpc: \(scope.name(.rpcClient))")
            out.documentation("What calls ask for that do not say themselves.")
            out.line("public var options: \(options)")
            out.space()
            out.block("public init(_ rpc: \(scope.name(.rpcClient)), options: \(options) = \(options)())") { out in
                out.line("self.rpc = rpc")
                out.line("self.options = options")
            }
            for function in service.all {
                out.space()
                emit(function, to: &out)
            }
        }
    }

    private func emit(_ function: SwiftFunction, to out: inout SourceWriter) {
        let onewayNote = function.isOneway ? "Returns when the call has been sent." : nil
        let notes = [function.documentation, onewayNote].compactMap { $0 }
        out.documentation(notes.isEmpty ? nil : notes.joined(separator: "\n\n"))
        let failure = "\(scope.name(.callFailure))<\(context.failure(function) ?? scope.name(.never))>"
        let result = function.result.map { " -> \(scope.spelling($0))" } ?? ""
        let options = optionsName(function)
        out.block(
            open: "public func \(function.name)(",
            items: context.parameters(of: function, hasDefaults: true)
                + ["\(options): \(scope.name(.callOptions))? = nil"],
            close: ") async throws(\(failure))\(result) {"
        ) { out in
            let arguments = function.arguments.map { Layout.text("\($0.name.label): \($0.name)") }
            let items: [Layout] = [
                .text("\(context.descriptor(function)).self"),
                .group(open: ".init(", items: arguments, close: ")"),
                .text("options: \(options) ?? self.options"),
            ]
            let ignored = function.result == nil && !function.isOneway ? "_ = " : ""
            out.line(
                .group(
                    open: "\(ignored)try await self.rpc.\(function.isOneway ? "send" : "call")(",
                    items: items, close: ")"))
        }
    }

    /// What the parameter with a call's options is called: an argument of the IDL may be called `options`.
    private func optionsName(_ function: SwiftFunction) -> SwiftIdentifier {
        var taken = Set(function.arguments.map(\.name.text))
        guard taken.contains("options") else { return SwiftIdentifier("options") }
        return scope.declared(SwiftIdentifier(SwiftNames.fresh("callOptions", taken: &taken)))
    }
}
