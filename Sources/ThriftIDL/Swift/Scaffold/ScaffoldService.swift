/// A service to be begun: its handler with every method, and tests that call each.
struct ScaffoldService {
    private let service: SwiftService
    private let document: Document
    private let builder: ModelBuilder

    init(_ service: Service, in document: Document, _ builder: ModelBuilder) {
        // What is wrong with its rules has been said when it was generated.
        var diagnostics: [Diagnostic] = []
        self.service = builder.service(service, in: document, &diagnostics)
        self.document = document
        self.builder = builder
    }

    /// What its types' names begin with.
    var name: String { builder.names.type(service.id) }

    var isEmpty: Bool { service.all.isEmpty }

    /// What the last parameter is called inside: an argument may have its name.
    private func contextName(_ function: SwiftFunction) -> String {
        var taken = Set(function.arguments.map(\.name.text))
        return SwiftNames.fresh("context", taken: &taken)
    }

    private func context() -> ServiceScope {
        let scope = FileScope(names: builder.names, document: document)
        return ServiceScope(
            scope: scope, values: ValueSpeller(scope: scope, types: builder.types), validated: builder.validated,
            views: builder.views, service: service)
    }

    // MARK: The handler

    var implementation: String {
        let context = context()
        let scope = context.scope
        var out = SourceWriter()
        out.documentation(
            "Answers the calls of service `\(name)`, each in a task of its own. One value answers for all connections.")
        out.block("public struct \(name)Implementation: \(name)AsyncHandler") { out in
            out.line("public init() {}")
            for function in service.all {
                out.space()
                out.documentation(function.documentation)
                let result = function.result.map { " -> \(scope.spelling($0))" } ?? ""
                let parameters =
                    context.parameters(of: function) + ["_ \(contextName(function)): \(scope.name(.callContext))"]
                out.block(
                    open: "public func \(function.name)(", items: parameters,
                    close: ") async\(context.throwing(function))\(result) {"
                ) { out in
                    out.line("// To be written.")
                    guard let result = function.result else { return }
                    let value = PlaceholderValues(builder: builder).value(of: result)
                    out.line(context.values.layout(value, as: result))
                }
            }
        }
        return imports(scope.imports) + out.text
    }

    private func imports(_ modules: Set<String>) -> String {
        modules.sorted().map { "import \($0)\n" }.joined() + "\n"
    }

    // MARK: Tests

    func tests(of module: String) -> String {
        let context = context()
        let placeholders = PlaceholderValues(builder: builder)
        var out = SourceWriter()
        out.line("@Suite(\"\(name), over a connection\")")
        out.block("struct \(name)Tests") { out in
            for function in service.all {
                out.space()
                // A placeholder may break the rules, and then the call is refused.
                let trait = ".disabled(\"its arguments have rules: choose some that obey them\")"
                let traits = ["\"\(function.wireName) is answered\""] + (function.isValidated ? [trait] : [])
                out.line(.group(open: "@Test(", items: traits.map { .text($0) }, close: ")"))
                out.block("func \(function.name)() async throws") { out in
                    out.line("try await withClient { client in")
                    let arguments = function.arguments.filter { !$0.isOptional }.map { argument in
                        let label = context.label(argument, of: function).map { "\($0): " } ?? ""
                        let value = argument.initialValue ?? placeholders.value(of: argument.type)
                        return Layout.sequence([.text(label), context.values.layout(value, as: argument.type)])
                    }
                    let head = (function.result == nil ? "" : "_ = ") + "try await client.\(function.name)("
                    out.indented { $0.line(.group(open: head, items: arguments, close: ")")) }
                    out.line("}")
                }
            }
        }
        let modules = context.scope.imports.union([module, "NeedletailRPC", "Testing"])
        return imports(modules) + out.text + "\n" + withClient
    }

    private var withClient: String {
        """
        /// Runs `body` with a client of a server of its own.
        private func withClient(_ body: (\(name)Client) async throws -> Void) async throws {
            let implementation = \(name)Implementation()
            let server = try await RPCServer.start(RPCServerConfiguration(port: 0)) { _, eventLoop in
                \(name)AsyncService(implementation, on: eventLoop)
            }
            let connection = try await RPCClient.connect(to: .tcp(host: "127.0.0.1", port: server.port))
            do {
                try await body(\(name)Client(connection))
            } catch {
                Issue.record(error)
            }
            await connection.close()
            await server.shutDown(within: .seconds(5))
        }

        """
    }
}
