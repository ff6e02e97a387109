import NeedletailRPC

/// Answers the calls of service `Greeter`, each in a task of its own. One value answers for all connections.
public struct GreeterImplementation: GreeterAsyncHandler {
    public init() {}

    /// Greets somebody.
    public func greet(_ request: GreetRequest, _ context: CallContext) async throws(NotWelcome) -> GreetResponse {
        if request.name == "Nobody" { throw NotWelcome(name: request.name) }
        let word = request.language == .finnish ? "Terve" : "Hello"
        return GreetResponse(text: "\(word), \(request.name)!")
    }

    /// What `greet` speaks.
    public func languages(_ context: CallContext) async -> [Language] { Language.allCases }
}
