internal import ArgumentParser
internal import Foundation
internal import Histogram
internal import Testing

@testable internal import needletail_load

/// Real servers, started and ended by the harness, with little load.
@Suite(.serialized) struct EndToEndTests {
    private static let keys = KeySpace(count: 2_000, keySize: 16, valueSize: 100)

    /// The command: what `NEEDLETAIL_TEST_BINARY` names, or what was built with the tests.
    static let needletail: String = {
        if let path = ProcessInfo.processInfo.environment["NEEDLETAIL_TEST_BINARY"] { return path }
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let beside = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "needletail")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside.path }
        return root.appending(path: ".build/debug/needletail").path
    }()

    private static func session(_ server: ServerProcess, _ spoken: LoadProtocol) throws -> LoadSession {
        try LoadSession(
            title: server.kind.title, server.address, spoken, connections: 5, keys, process: server.process, seed: 1)
    }

    /// Loads, warms up with every answer checked, and measures a little of everything.
    private static func exercise(_ server: ServerProcess, _ spoken: LoadProtocol) throws {
        let session = try session(server, spoken)
        _ = try session.load()
        for shape in [CallShape.get, .multiGet(10), .put] {
            try session.warmUp(shape, inFlight: 2, seconds: 0.1)
            let closed = try session.measure(shape, .closed(inFlight: 2), seconds: 0.1)
            #expect(closed.figures.calls > 0)
            #expect(closed.figures.isClean)
            #expect(closed.figures.found == closed.figures.calls * shape.keysPerCall)
            #expect(closed.serverCPUSeconds != nil)
            let open = try session.measure(shape, .open(rate: 500), seconds: 0.2)
            #expect(open.figures.isClean)
            #expect(open.figures.latencyFromSend?.totalCount == open.figures.latency.totalCount)
            #expect(open.lines.contains { $0.contains("open loop") })
        }
    }

    @Test("Needletail, in each of its protocols")
    func needletail() async throws {
        try await onOwnThread {
            let server = try ServerProcess(ServerPlan(.needletail, executable: Self.needletail), on: nil)
            defer { server.stop() }
            for spoken in LoadProtocol.allCases where spoken.server == .needletail {
                try Self.exercise(server, spoken)
            }
            let adminPort = try #require(server.adminPort)
            let contended = try ServerMetrics.value("needletail_contended_locks_total", adminPort: adminPort)
            #expect(contended != nil)
        }
    }

    @Test(.enabled(if: ServerKind.redis.find() != nil, "redis-server is not installed"))
    func redis() async throws {
        try await onOwnThread {
            let server = try ServerProcess(ServerPlan(.redis), on: nil)
            defer { server.stop() }
            try Self.exercise(server, .redis)
        }
    }

    @Test(.enabled(if: ServerKind.memcached.find() != nil, "memcached is not installed"))
    func memcached() async throws {
        try await onOwnThread {
            let server = try ServerProcess(ServerPlan(.memcached), on: nil)
            defer { server.stop() }
            try Self.exercise(server, .memcached)
        }
    }

    @Test("the commands run, and write what they found")
    func commands() async throws {
        try await onOwnThread {
            let directory = try TemporaryDirectory()
            let json = directory.path("result.json")
            let common = [
                "--server-executable", Self.needletail, "--keys", "2000", "--seconds", "0.2", "--connections", "4",
                "--json", json,
            ]
            var workload = try NeedletailLoad.parseAsRoot(common + ["--warm-up-seconds", "0.1"])
            try workload.run()
            let report = try JSONDecoder().decode(WorkloadReport.self, from: Data(contentsOf: URL(filePath: json)))
            #expect(report.result.loop == "closed loop")
            #expect(report.result.found == report.result.requests * 100)
            #expect(report.head.versions["needletail"] != nil)
            var peers = try NeedletailLoad.parseAsRoot(
                ["peers", "--rounds", "1", "--peer", "redis", "--row", "get", "memory", "open-loop", "event-loops"]
                    + common)
            // What is built for debugging may not keep up with Redis: that row says so, and the others are there.
            do { try peers.run() } catch { #expect(error is RunFailure) }
            let record = try JSONDecoder().decode(PeersRecord.self, from: Data(contentsOf: URL(filePath: json)))
            #expect(record.rows.map(\.row) == ["get", "memory", "open-loop", "event-loops"])
            #expect(record.rows[0].contenders[0].rounds.count == 1)
            let openLoop = record.rows[2]
            #expect(
                ServerKind.redis.find() == nil || openLoop.failure != nil
                    || openLoop.notes.contains { $0.hasPrefix("too few samples: 1 of 1 rounds") })
            #expect(record.rows[3].contenders.map(\.title) == ["2 event loops", "1 event loop"])
            #expect(!record.interrupted)
        }
    }

    @Test("a server that stands still for 200 ms shows in the open loop's P99")
    func frozenServer() async throws {
        let p99 = try await onOwnThread {
            let server = try ServerProcess(ServerPlan(.needletail, executable: Self.needletail), on: nil)
            defer { server.stop() }
            let session = try Self.session(server, .messagePack)
            _ = try session.load()
            let process = server.process
            Thread {
                Thread.sleep(forTimeInterval: 0.3)
                kill(process, SIGSTOP)
                Thread.sleep(forTimeInterval: 0.2)
                kill(process, SIGCONT)
            }.start()
            let measurement = try session.measure(.get, .open(rate: 1_000), seconds: 1)
            return Double(measurement.figures.latency.valueAtPercentile(99)) / 1e6
        }
        #expect(p99 > 150)
    }

    @Test("a server and its directory are gone when their owner is")
    func cleaning() async throws {
        let process = try await onOwnThread {
            let server = try ServerProcess(ServerPlan(.needletail, executable: Self.needletail), on: nil)
            #expect(ProcessSample.take(of: server.process) != nil)
            return server.process
        }
        #expect(ProcessSample.take(of: process) == nil)
    }

    @Test("what is not installed is said by name")
    func missing() {
        #expect {
            try ServerProcess(ServerPlan(.needletail, executable: "/nonexistent/needletail"), on: nil)
        } throws: {
            "\($0)".contains("/nonexistent/needletail")
        }
    }
}
