import Greeter
import NeedletailRPC
import Testing

@Suite("Greeter, over a connection")
struct GreeterTests {
    @Test("greet greets, in the language that was asked for")
    func greet() async throws {
        try await withClient { client in
            let hello = try await client.greet(GreetRequest(name: "Ada"))
            #expect(hello.text == "Hello, Ada!")
            let terve = try await client.greet(GreetRequest(name: "Linus", language: .finnish))
            #expect(terve.text == "Terve, Linus!")
        }
    }

    @Test("what greet throws arrives as it was thrown")
    func notWelcome() async throws {
        try await withClient { client in
            await #expect(throws: CallFailure.exception(NotWelcome(name: "Nobody"))) {
                try await client.greet(GreetRequest(name: "Nobody"))
            }
        }
    }

    @Test("a request that breaks the rules of the IDL never reaches greet")
    func rules() async throws {
        try await withClient { client in
            let error = await #expect(throws: CallFailure<NotWelcome>.self) {
                try await client.greet(GreetRequest(name: ""))
            }
            #expect("\(error, default: "nothing")".contains("name has 0 bytes; vt.min_size is 1"))
        }
    }

    @Test("languages are those of the IDL")
    func languages() async throws {
        try await withClient { client in
            let languages = try await client.languages()
            #expect(languages == [.english, .finnish])
        }
    }
}

/// Runs `body` with a client of a server of its own.
private func withClient(_ body: (GreeterClient) async throws -> Void) async throws {
    let implementation = GreeterImplementation()
    let server = try await RPCServer.start(RPCServerConfiguration(port: 0)) { _, eventLoop in
        GreeterAsyncService(implementation, on: eventLoop)
    }
    let connection = try await RPCClient.connect(to: .tcp(host: "127.0.0.1", port: server.port))
    do {
        try await body(GreeterClient(connection))
    } catch {
        Issue.record(error)
    }
    await connection.close()
    await server.shutDown(within: .seconds(5))
}
