//! That keys expire in Redis when the service said so: in Redis' own time, which passes by itself.

import NeedletailWire
import RedisProcesses
import StorageAPI
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

@Suite(.enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(1)))
struct RedisExpiryTests {
    @Test func anExpiredKeyIsMissing() async throws {
        let way = Way(place: .tcp, wire: RPCWire(.messagePack), isRedis: true)
        try await way.runOverRedis(clock: .system) { (storage) async throws in
            try await storage.put("k", "v", ttlMillis: 200)
            try await storage.put("stays", "v", ttlMillis: 600_000)
            // It is there with some of its time left, until it is not.
            while let ttlMillis = try await storage.get("k").ttlMillis { #expect(ttlMillis <= 200) }
            #expect(try await storage.get("k") == GetResponse())
            #expect(try await storage.multiGet(["k", "stays"]).statusBytes == [Status.missing, Status.found])
            #expect(try await storage.scanAll() == ["stays"])
            #expect(try await storage.touch("k", ttlMillis: 5) == TouchResponse(found: false))
            #expect(try await storage.put("k", "v", condition: .ifPresent) == PutResponse(applied: false))
            #expect(try await storage.remove("k").removed == false)
            #expect(try await storage.put("k", "w", condition: .ifAbsent).applied)
        }
    }
}
