internal import ArgumentParser
internal import Foundation
internal import Histogram
internal import Testing

@testable internal import needletail_load

/// The harness' checks of itself, at small scale, with wide margins on what is a matter of time.
@Suite(.serialized) struct SelfCheckTests {
    private static let keys = KeySpace(count: SelfCheckPlan.entries)

    private static let sources: String = {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appending(path: "LoadTests/SelfCheck").path
    }()

    private static func withServer<Result: Sendable>(
        _ body: @escaping @Sendable (ServerProcess) throws -> Result
    ) async throws -> Result {
        try await onOwnThread {
            let server = try ServerProcess(ServerPlan(.needletail, executable: EndToEndTests.needletail), on: nil)
            defer { server.stop() }
            let session = try LoadSession(
                title: "Needletail", server.address, .messagePack, connections: 5, keys, process: server.process,
                seed: 1)
            _ = try session.load()
            return try body(server)
        }
    }

    @Test("a server that does nothing answers every call of many connections, as the real one would")
    func nullServer() async throws {
        try await Self.withServer { server in
            for shape in [CallShape.get, .multiGet(20)] {
                let answer = try NullServer.recordAnswer(of: server.address, shape, Self.keys)
                let null = try NullServer(answering: answer, on: nil)
                let session = try LoadSession(
                    title: "null server", null.address, .messagePack, connections: 5, Self.keys, process: nil, seed: 1)
                for pace in [Pace.closed(inFlight: 3), .open(rate: 500)] {
                    let figures = try session.measure(shape, pace, seconds: 0.2).figures
                    #expect(figures.calls > 0)
                    #expect(figures.isClean)
                    #expect(figures.found == figures.calls * shape.keysPerCall)
                }
                try null.stop()
            }
        }
    }

    @Test("what is no answer with an id of four bytes cannot be repeated")
    func noAnswer() {
        #expect(throws: WrongAnswer.self) { try NullServer(answering: [0x94, 0x01, 0x05, 0xc0, 0x80], on: nil) }
    }

    private static let python = ChildProcess.find("python3")

    @Test("the client in Python sees the same values, and wrong ones", .enabled(if: python != nil, "no python3"))
    func pythonClient() async throws {
        try await Self.withServer { server in
            let client = try PythonClient("python3", sources: Self.sources, Self.keys, on: nil)
            let figures = try client.measure(server.address, rate: 200, seconds: 0.5, seed: 1, isNull: false)
            #expect(figures.samples == 100)
            #expect(figures.p50 > 0)
            #expect(figures.p99 >= figures.p50)
            let null = try NullServer(
                answering: NullServer.recordAnswer(of: server.address, .get, Self.keys), on: nil)
            _ = try client.measure(null.address, rate: 200, seconds: 0.5, seed: 1, isNull: true)
            #expect(throws: WrongAnswer.self, "the same answer to everything is wrong for most keys") {
                try client.measure(null.address, rate: 200, seconds: 0.5, seed: 1, isNull: false)
            }
            try null.stop()
        }
    }

    @Test("a Python that is not installed is left out by name")
    func noPython() throws {
        let error = try #require(throws: ServerError.self) {
            try PythonClient("no-such-python", sources: Self.sources, Self.keys, on: nil)
        }
        #expect(error.description.contains("no-such-python"))
    }

    @Test("the command runs, and shows the pause in the open loop and hardly in the closed one")
    func command() async throws {
        let (report, throttled) = try await onOwnThread {
            let throttledBefore = Throttling.count()
            let directory = try TemporaryDirectory()
            let json = directory.path("result.json")
            var check = try NeedletailLoad.parseAsRoot([
                "self-check", "--rounds", "1", "--seconds", "1", "--rate", "300", "--freeze-millis", "300",
                "--connections", "5", "--json", json, "--sources", Self.sources, "--server-executable",
                EndToEndTests.needletail,
            ])
            // Other work on the machine may make it miss a limit; it has come to its end all the same.
            do { try check.run() } catch { #expect(error as? ExitCode == ExitCode(ExitStatus.wrong.rawValue)) }
            let report = try JSONDecoder().decode(SelfCheckReport.self, from: Data(contentsOf: URL(filePath: json)))
            return (report, Throttling.count() - throttledBefore)
        }
        let freeze = try #require(report.freezes.first)
        #expect(freeze.openFrozen.latencyMicroseconds.p99 > 150_000)
        #expect(freeze.closedFrozen.latencyMicroseconds.max > 150_000)
        #expect(freeze.closedFrozen.latencyMicroseconds.p90 < freeze.openFrozen.latencyMicroseconds.p99)
        #expect(report.pauses.count == min(CoreSet.current().cores.count, 2))
        #expect(report.pauses.allSatisfy { $0.perSecond >= 0 && $0.share >= 0 && $0.share < 1 })
        #expect(report.floors.map(\.shape.keysPerCall) == [1, SelfCheckPlan.manyKeys])
        #expect(report.floors.allSatisfy { $0.nullHighest.allSatisfy { $0.requests > 0 && $0.failed == 0 } })
        #expect(report.pythons.count == (Self.python == nil ? 0 : 1))
        // A round that was throttled has none.
        #expect(throttled > 0 || report.verdicts.count == (Self.python == nil ? 6 : 8))
    }

    /// On a thread of its own, whose cores nobody else needs.
    @Test("a thread that another one keeps from its core has pauses, and is left on its cores")
    func pauses() async throws {
        try await onOwnThread {
            let before = CoreSet.current()
            let core = try #require(before.cores.first)
            // Takes the core in turns with us.
            let child = try ChildProcess(
                "/bin/sh", ["-c", "while :; do :; done"], on: CoreSet([core]), output: "/dev/null")
            defer { child.endAtOnce() }
            var pauses = CorePauses(core: core)
            pauses.measure(seconds: 0.5)
            #expect(pauses.core == core)
            #expect(pauses.seconds >= 0.5)
            #expect(pauses.share > 0.1 && pauses.share < 1)
            #expect(pauses.lengths.max >= 1_000_000)
            #expect(CoreSet.current() == before)
        }
    }

    private static func measurement(_ pace: Pace, millis: Int64, throttled: Int = 0) -> needletail_load.Measurement {
        var figures = RunFigures(.get, pace)
        figures.calls = 1
        figures.latency.record(nanoseconds: millis * 1_000_000)
        return needletail_load.Measurement(figures: figures, serverCPUSeconds: nil, throttled: throttled)
    }

    private static func freezes(_ rounds: [(openMillis: Int64, throttled: Int)]) -> SelfCheckResult {
        var result = SelfCheckResult(
            plan: SelfCheckPlan(rounds: 2, seconds: 3, rate: 500, connections: 5, freezeMillis: 200, seed: 1))
        result.freezes = rounds.map { round in
            FreezeRound(
                open: measurement(.open(rate: 500), millis: 1),
                openFrozen: measurement(.open(rate: 500), millis: round.openMillis, throttled: round.throttled),
                closed: measurement(.closed(inFlight: 1), millis: 1),
                closedFrozen: measurement(.closed(inFlight: 1), millis: 1))
        }
        return result
    }

    @Test("rounds that were throttled do not count, and without others nothing is kept")
    func throttled() {
        let one = Self.freezes([(190, 0), (5, 1)])
        #expect(one.isKept)
        #expect(one.markdown.contains { $0.hasPrefix("DOES NOT COUNT: 1 of the rounds") })
        let all = Self.freezes([(190, 1), (190, 1)])
        #expect(all.verdicts.isEmpty)
        #expect(!all.isKept)
    }

    @Test("a pause that a P99 cannot show is refused")
    func shortFreeze() throws {
        let error = try #require(throws: (any Error).self) {
            try NeedletailLoad.parseAsRoot(["self-check", "--seconds", "10", "--freeze-millis", "299"])
        }
        #expect(NeedletailLoad.fullMessage(for: error).contains("--freeze-millis is 299"))
        let fits = ["self-check", "--seconds", "10", "--freeze-millis", "300", "--sources", Self.sources]
        _ = try NeedletailLoad.parseAsRoot(fits)
    }

    @Test("the folder of the client has to be there")
    func sources() throws {
        let error = try #require(throws: (any Error).self) {
            try NeedletailLoad.parseAsRoot(["self-check", "--sources", "/nonexistent"])
        }
        #expect(NeedletailLoad.fullMessage(for: error).contains("--sources"))
    }
}
