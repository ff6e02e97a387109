internal import Histogram
internal import Testing

@testable internal import needletail_load

/// Mixes of calls against real servers, every answer compared.
@Suite(.serialized) struct MixEndToEndTests {
    private static func exercise(_ kind: ServerKind, _ spoken: [LoadProtocol]) async throws {
        try await onOwnThread {
            var plan = ServerPlan(kind, executable: kind == .needletail ? EndToEndTests.needletail : nil)
            plan.holdsLargeValues = true
            let server = try ServerProcess(plan, on: nil)
            defer { server.stop() }
            for spoken in spoken { try exercise(server, spoken) }
        }
    }

    private static func exercise(_ server: ServerProcess, _ spoken: LoadProtocol) throws {
        for workload in Workload.allCases {
            let keys = workload.sizes.map { KeySpace(count: 500, $0) } ?? KeySpace(count: 500)
            let session = try LoadSession(
                title: server.kind.title, server.address, spoken, connections: 4, keys, process: server.process,
                seed: 3)
            _ = try session.load()
            let mix = workload.mix(keysPerCall: 10).withoutBudgets
            // Every answer is decoded and compared; what is wrong is thrown.
            try session.warmUp(mix, inFlight: 3, seconds: 0.1)
            for pace in [Pace.closed(inFlight: 2), .ramp(from: 100, to: 900)] {
                let figures = try session.measure(mix, pace, seconds: 0.1).figures
                #expect(figures.isClean, "\(workload), \(pace): \(figures.firstProblem ?? "")")
                #expect(figures.calls > 0)
                #expect(Int(figures.latency.totalCount) == figures.calls)
                #expect(mix.titles.count == 1 || figures.operations.reduce(0) { $0 + $1.calls } == figures.calls)
            }
        }
        try disturbed(server, spoken)
        try removing(server, spoken)
    }

    /// Large values on connections of their own.
    private static func disturbed(_ server: ServerProcess, _ spoken: LoadProtocol) throws {
        let large = LargeValues(size: 500_000)
        let session = try LoadSession(
            title: server.kind.title, server.address, spoken, connections: 3, KeySpace(count: 500), large: large,
            process: server.process, seed: 3)
        _ = try session.load()
        let mix = CallMix(.get).with(large, perCall: 0.1)
        try session.warmUp(mix, inFlight: 1, seconds: 0.1)
        let figures = try session.measure(mix, .open(rate: 300), seconds: 0.5).figures
        #expect(figures.isClean, "\(figures.firstProblem ?? "")")
        #expect(figures.operations.map(\.title) == ["get", "get of 500,000 bytes"])
        #expect(figures.operations.allSatisfy { $0.calls > 0 })
    }

    /// Entries come and go; what is there is right.
    private static func removing(_ server: ServerProcess, _ spoken: LoadProtocol) throws {
        let session = try LoadSession(
            title: server.kind.title, server.address, spoken, connections: 3, KeySpace(count: 200),
            process: server.process, seed: 3)
        _ = try session.load()
        let mix = CallMix(
            "churn",
            [
                CallMix.Part(title: "get", shape: .get), CallMix.Part(title: "page", shape: .multiGet(5)),
                CallMix.Part(title: "put", shape: .put), CallMix.Part(title: "remove", shape: .remove),
            ])
        try session.warmUp(mix, inFlight: 2, seconds: 0.1)
        let figures = try session.measure(mix, .closed(inFlight: 2), seconds: 0.2).figures
        #expect(figures.isClean, "\(figures.firstProblem ?? "")")
        #expect(figures.missing > 0)
        #expect(figures.found > 0)
    }

    @Test("Needletail, in each of its protocols")
    func needletail() async throws {
        try await Self.exercise(.needletail, LoadProtocol.allCases.filter { $0.server == .needletail })
    }

    @Test(.enabled(if: ServerKind.redis.find() != nil, "redis-server is not installed"))
    func redis() async throws { try await Self.exercise(.redis, [.redis]) }

    @Test(.enabled(if: ServerKind.memcached.find() != nil, "memcached is not installed"))
    func memcached() async throws { try await Self.exercise(.memcached, [.memcached]) }
}
