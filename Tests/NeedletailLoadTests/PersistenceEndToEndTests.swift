internal import ArgumentParser
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
            let contender = try RecoveryContender(
                ServerPlan(.redis, persistence: .logged), Self.keys, on: nil, isMemoryReady: true)
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

    /// Runs a command, and reads what it wrote as JSON.
    private static func report<Report: Decodable & Sendable>(
        _ type: Report.Type, _ arguments: [String]
    ) async throws -> Report {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let json = directory.path("result.json")
            let common = ["--server-executable", EndToEndTests.needletail, "--keys", "2000", "--json", json]
            var command = try NeedletailLoad.parseAsRoot(arguments + common)
            try command.run()
            return try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: json)))
        }
    }

    @Test(
        "recovery runs, and compares with Redis where there is one",
        .enabled(if: hasRedis, "redis-server is not installed"))
    func recoveryCommand() async throws {
        let report = try await Self.report(
            RecoveryReport.self, ["recovery", "--rounds", "2", "--cores", "1"])
        #expect(report.results.map(\.cores) == [1])
        #expect(report.results[0].contenders.map(\.title) == ["Needletail", "Redis"])
        #expect(report.results[0].contenders.allSatisfy { $0.starts.count == 2 })
        #expect(report.results[0].contenders[0].starts.allSatisfy { $0.reportedSeconds != nil })
        #expect(report.results[0].verdict != nil)
        #expect(report.logBytes.values.allSatisfy { $0 > 2_000 * 116 })
    }

    @Test("snapshot runs")
    func snapshotCommand() async throws {
        let report = try await Self.report(
            SnapshotReport.self, ["snapshot", "--rounds", "1", "--seconds", "0.5", "--connections", "4"])
        #expect(report.windows.count == 1)
        #expect(report.windows[0].without.requests >= 10_000)
        #expect(report.windows[0].with.requests >= 10_000)
        #expect(report.windows[0].finishedSnapshots > 0)
        // So few entries are written before anybody looks, so that of latencies there is nothing to say.
        #expect(report.verdicts.contains { $0.figure.contains("memory") })
    }

    @Test("puts that persist are compared", .enabled(if: hasRedis, "redis-server is not installed"))
    func persistingRows() async throws {
        let report = try await Self.report(
            PeersRecord.self,
            ["peers", "--row", "put-logged", "put-synced", "--rounds", "1", "--seconds", "0.2", "--connections", "4"])
        #expect(report.rows.map(\.row) == ["put-logged", "put-synced"])
        #expect(report.rows.map(\.persistence) == [.logged, .synced])
        for row in report.rows { #expect(row.contenders.map(\.title) == ["Needletail", "Redis"]) }
        #expect(report.skipped.allSatisfy { $0.hasPrefix("memcached") })
    }
}
