import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import Testing

/// The code of the client's page does what the page says, against a server of this process.
@Suite struct SnippetTests {
    private func withStorage(_ body: (StorageClient) async throws -> Void) async throws {
        try await TestServer.with([.working]) { (clients) async throws in try await body(clients[0]) }
    }

    /// The page's timeouts are for a service, not for a machine that runs a thousand tests at once: one that was missed is given
    /// some more tries.
    private func onAnUnhurriedMachine(_ body: () async throws -> String) async throws -> String {
        for _ in 0..<9 {
            do { return try await body() } catch is RPCClientError { continue }
        }
        return try await body()
    }

    @Test func aValueIsStoredAndRead() async throws {
        try await TestServer.withWorking { (target) async throws in
            try await FirstCalls.first(target)
            let connection = try await RPCClient.connect(to: target)
            let answer = try await FirstCalls.options(connection, ByteBuffer(string: "user:1"))
            #expect(answer.value?.text == "Ada")
            let named = FirstCalls.metadata(connection)
            #expect(named.options.metadata.fromService == "orders")
            #expect(try await named.ping() == "pong")
            await connection.close()
        }
    }

    @Test func aClientIsWhatItsConfigurationSays() async throws {
        try await TestServer.withWorking { (target) async throws in
            #expect(try await onAnUnhurriedMachine { try await Connections.configured(target) } == "pong")
            let answer = try await onAnUnhurriedMachine {
                try await Tracing.$logID.withValue("4711") { try await Connections.intercepted(target) }
            }
            #expect(answer == "pong")
        }
    }

    @Test func manyKeysHaveAStatusEach() async throws {
        try await withStorage { (storage) async throws in
            #expect(try await FirstCalls.partial(storage, ["a", "b", "c"]) == [])
        }
    }

    @Test func aCancelledCallEnds() async throws {
        try await withStorage { (storage) async throws in
            await FirstCalls.cancelled(storage, ByteBuffer(string: "k"))
        }
    }

    @Test func anErrorSaysWhatItMeans() async throws {
        try await withStorage { (storage) async throws in
            let key = ByteBuffer(string: "n")
            #expect(await Writes.increment(storage, key) == "now 1")
            #expect(try await Writes.compareAndSet(storage, key))
            #expect(await Writes.increment(storage, key).hasPrefix("no number: "))
            await storage.rpc.close()
            let line = await Writes.increment(storage, key)
            #expect(line.hasPrefix("perhaps added") || line.hasPrefix("not added"))
        }
    }

    @Test func severalServersAreLikeOne() async throws {
        try await TestServer.withWorking { (first) async throws in
            try await TestServer.withWorking { (second) async throws in
                let answer = try await SeveralServers.calls([first, second])
                #expect(answer.complete)
                #expect(answer.texts == (1...100).map { "value of user:\($0)" })
            }
        }
        try await TestServer.withSharded([.working, .working]) { (client) async throws in
            for number in 0..<50 { try await client.put(key: "user:\(number)", "v") }
            #expect(try await SeveralServers.walk(client) == 50)
        }
    }
}
