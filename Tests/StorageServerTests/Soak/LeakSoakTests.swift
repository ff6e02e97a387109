//! Nothing of a call stays when it has ended, however it did: many calls with random cancellations, deadlines and
//! disconnects, over both engines, through real sockets.
//!
//! `TEST_SCALE=full` makes 1,000,000 calls over each engine, and then looks at the process's memory, too, for which these
//! tests have to run alone: `TEST_SCALE=full swift test --filter LeakSoakTests`.

import Foundation
import MemoryEngine
import NIOCore
import RedisEngine
import RedisProcesses
import Testing
import WriteAheadLog

@Suite(.serialized, .timeLimit(.minutes(120))) struct LeakSoakTests {
    private static let calls = TestScale.isFull ? 1_000_000 : 20_000
    private static let memoryGrowthMax = 32 << 20

    @Test func nothingLeaksOverTheEmbeddedEngine() async throws {
        let tree = try TemporaryTree()
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(isLogged: true))
        let log = try Way.startLog(engine, in: tree.path)
        defer { _ = log.stop() }
        try await soak(try await SoakServer(over: engine), "embedded")
    }

    @Test(.enabled(if: RedisServer.isInstalled, "redis-server is not installed"))
    func nothingLeaksOverRedis() async throws {
        let redis = try RedisServer()
        let configuration = RedisEngineConfiguration(endpoints: [RedisEndpoint(host: "127.0.0.1", port: redis.port)])
        try await soak(try await SoakServer(over: RedisEngine(configuration)), "redis")
    }

    private func soak(_ server: SoakServer, _ name: String) async throws {
        let load = SoakLoad(port: server.port)
        // Until pools and caches have what they keep.
        _ = await load.run(count: Self.calls / 10)
        try await expectNothingLeft(of: server)
        let before = try residentBytes()
        let tally = await load.run(count: Self.calls)
        try await expectNothingLeft(of: server)
        let growth = try residentBytes() - before
        print("\(name): \(tally.count) calls: \(tally); memory grew by \(growth >> 10) KiB from \(before >> 20) MiB")
        #expect(tally.count >= Self.calls)
        // A third has a second or more, and of those a quarter is cancelled: so many are answered at any pace.
        #expect(tally.answered > Self.calls / 6)
        #expect(tally.cancelled > Self.calls / 100 && tally.disconnected > 0)
        if TestScale.isFull { #expect(growth <= Self.memoryGrowthMax) }
        try await server.stop()
    }

    /// Cancellations and ends of connections are on their way, and a log's writes have one timer for all.
    private func expectNothingLeft(of server: SoakServer) async throws {
        let end = ContinuousClock.now + .seconds(70)
        var remains = try await server.remains()
        while remains != SoakServer.Remains(), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
            remains = try await server.remains()
        }
        #expect(remains == SoakServer.Remains())
    }

    /// What the process holds in memory.
    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
