import NIOCore
import NeedletailRPC
import StorageAPI
import Testing

@Suite struct RoutingTests {
    @Test func callsOfOneKeyGoToItsServer() async throws {
        try await TestServer.withSharded([.working, .working, .working]) { (client) async throws in
            for server in client.servers.indices {
                let key = ByteBuffer(string: client.placement.keys(of: server, count: 1)[0])
                let owner = client.servers[server]
                #expect(try await client.put(PutRequest(key: key, value: ByteBuffer(string: "7"))).applied)
                #expect(try await owner.get(GetRequest(key: key)).value?.text == "7")
                #expect(try await client.increment(IncrementRequest(key: key, delta: 2)).value == 9)
                #expect(try await client.touch(TouchRequest(key: key, ttlMillis: 60_000)).found)
                let got = try await client.get(GetRequest(key: key))
                #expect(got.value?.text == "9")
                #expect(try #require(got.ttlMillis) > 0)
                #expect(try await client.remove(RemoveRequest(key: key)).removed)
                #expect(try await owner.get(GetRequest(key: key)).value == nil)
            }
        }
    }

    @Test func aFailingServerDoesNotTouchTheKeysOfOthers() async throws {
        try await TestServer.withSharded([.gone, .working]) { (client) async throws in
            let keys = client.servers.indices.map { ByteBuffer(string: client.placement.keys(of: $0, count: 1)[0]) }
            await #expect(throws: CallFailure<StorageError>.self) { try await client.get(GetRequest(key: keys[0])) }
            #expect(try await client.get(GetRequest(key: keys[1])).value == nil)
        }
    }

    @Test func pingAsksAllServers() async throws {
        try await TestServer.withSharded([.working, .working]) { (client) async throws in
            #expect(try await client.ping() == "pong")
        }
        try await TestServer.withSharded([.working, .silent]) { (client) async throws in
            await #expect(throws: CallFailure<Never>.call(.timedOut(.read, .unknown))) {
                try await client.ping(options: CallOptions(timeout: .seconds(1)))
            }
        }
    }
}
