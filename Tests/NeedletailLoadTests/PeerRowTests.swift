internal import Histogram
internal import Testing

@testable internal import needletail_load

/// Rows about tails, with little load: that they come to their figures.
@Suite(.serialized) struct PeerRowTests {
    private static func runner() -> RowRunner {
        var runner = RowRunner(
            timing: PeerTiming(rounds: 2, seconds: 0.2, openLoopSeconds: 0.3, warmUpSeconds: 0.1), connections: 4,
            keys: KeySpace(count: 1_000), seed: 1, serverExecutable: EndToEndTests.needletail, cores: CorePlan())
        runner.large = LargeValues(size: 200_000)
        if ServerKind.redis.find() != nil { runner.peers = [.started(ServerPlan(.redis))] }
        return runner
    }

    @Test("gets are compared with themselves beside large values, on each server")
    func largeValues() async throws {
        let result = try await onOwnThread { try Self.runner().run(.largeValues, []) }
        #expect(result.isClean)
        #expect(result.contenders[0].title == "Needletail, large values beside")
        #expect(result.contenders[1].title == "Needletail alone")
        let beside = try #require(result.contenders[0].merged?.figures)
        #expect(beside.operations.count == 2)
        #expect(Int(beside.foremost.totalCount) == beside.operations[0].calls)
        #expect(result.ratios.first?.to == "Needletail alone")
        #expect(result.decisive == result.ratios.first?.median)
        #expect(result.contenders.allSatisfy { $0.rounds.count == 2 })
    }

    @Test("a Unix socket is compared with TCP to the same server")
    func unixSocket() async throws {
        let result = try await onOwnThread { try Self.runner().run(.unixSocket, []) }
        #expect(result.isClean)
        #expect(result.contenders.map(\.title) == ["Unix socket", "TCP"])
        #expect(result.closedLoop.map(\.title) == ["Unix socket", "TCP"])
        #expect(result.ratios.map(\.figure).prefix(2) == ["P99 in the closed loop", "P99 from the scheduled time"])
        #expect(result.decisive == result.ratios.first?.median)
        #expect(result.isWithinLimit != nil)
    }

    @Test("the highest rates are found by searches, round by round")
    func rateAtP99() async throws {
        let result = try await onOwnThread {
            var runner = Self.runner()
            runner.rateGoal = RateGoal(p99Nanoseconds: 500_000_000, precision: 1, samplesMin: 100)
            let contender = try Contender(
                .started(ServerPlan(.needletail, executable: EndToEndTests.needletail)), on: nil, connections: 4,
                KeySpace(count: 1_000), seed: 1)
            defer { contender.stop() }
            // Against itself: whatever the machine does, each has a rate or the round is said not to count.
            return try runner.run(.rateAtP99, [contender, contender])
        }
        #expect(result.contenders[0].rounds.count == result.contenders[1].rounds.count)
        #expect(!result.notes.isEmpty)
        if result.contenders[0].rounds.count == 2 {
            #expect(result.ratios[0].figure == "highest rate with P99 of 1 ms")
            #expect(result.contenders[0].rounds.allSatisfy { $0.figures.latency.valueAtPercentile(99) <= 500_000_000 })
        }
    }
}
