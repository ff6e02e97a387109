internal import Foundation
internal import Testing

@testable internal import needletail_load

/// Real servers that persist, with few entries.
@Suite(.serialized) struct PersistenceEndToEndTests {
    private static let keys = KeySpace(count: 2_000, keySize: 16, valueSize: 100)
    private static let hasRedis = ServerKind.redis.find() != nil

    @Test(
        "Redis loads what it was filled with, and says how long that took",
        .enabled(if: hasRedis, "redis-server is not installed"))
    func redisRecovery() async throws {
        try await onOwnThread {
            let contender = try RecoveryContender(ServerPlan(.redis, persistence: .logged), Self.keys, on: nil)
            #expect(contender.logBytes > Self.keys.count * (Self.keys.keySize + Self.keys.valueSize))
            let cores = CoreSet(Array(CoreSet.current().cores.prefix(1)))
            for verifies in [true, false] {
                let start = try contender.start(on: cores, verifies: verifies)
                #expect(start.firstReadSeconds > 0)
                #expect(start.emptySeconds > 0)
                #expect(start.reportedSeconds != nil)
            }
        }
    }

    @Test(
        "Redis is measured with its file, too", .enabled(if: hasRedis, "redis-server is not installed"),
        arguments: [Persistence.logged, .synced])
    func redisPuts(_ persistence: Persistence) async throws {
        try await onOwnThread {
            let contender = try Contender(
                .started(ServerPlan(.redis, persistence: persistence)), on: nil, connections: 4, Self.keys, seed: 1)
            defer { contender.stop() }
            let measurement = try contender.measure(
                .put(persistence), .closed(inFlight: 1), seconds: 0.1, warmUpSeconds: 0.1)
            #expect(measurement.figures.isClean)
            #expect(measurement.figures.calls > 0)
        }
    }

    @Test("a server that does not load what is asked for is given up when it ends")
    func deadServer() async throws {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let child = try ChildProcess("false", [], on: nil, output: directory.path("log"))
            let address = Address.loopback(try Socket.freePort())
            #expect(throws: ServerError.self) {
                try ReadProbe<RESPDriver>(Self.keys, entry: 1, isThere: true).wait(for: child, at: address)
            }
        }
    }
}
