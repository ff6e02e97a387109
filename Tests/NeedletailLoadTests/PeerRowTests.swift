internal import Histogram
internal import Testing

@testable internal import needletail_load

/// Rows about tails, with little load: that they come to their figures.
@Suite(.serialized) struct PeerRowTests {
    private static func runner() -> RowRunner {
        var runner = RowRunner(
            timing: PeerTiming(rounds: 2, seconds: 0.2, openLoopSeconds: 0.1, warmUpSeconds: 0.1), connections: 4,
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
        #expect(result.contenders.allSatisfy { $0.rounds.count == 2 })
        // So short a window has no P99.9.
        #expect(result.ratios.isEmpty && result.decisive == nil)
        let few = "too few samples: 2 of 2 rounds of Needletail, large values beside and Needletail alone do not count"
        #expect(result.notes.contains { $0.hasPrefix(few) })
    }

    @Test("a window of an open loop lasts until a P99.9 has its samples, within bounds")
    func windows() {
        let timing = PeerTiming(rounds: 1, seconds: 2, openLoopSeconds: 5)
        #expect(timing.tailSeconds(atRate: 105_000) == 5)
        #expect(timing.tailSeconds(atRate: 5_000) == 21)
        #expect(timing.tailSeconds(atRate: 100) == 25)
    }

    /// Rounds that have so many samples each, all of them so long.
    private static func rounds(_ title: String, _ samples: [Int], microseconds: Int64) -> ContenderRounds {
        ContenderRounds(
            title: title,
            rounds: samples.map { count in
                var figures = RunFigures(.multiGet(100), .open(rate: 1_000))
                for _ in 0..<count { figures.latency.record(nanoseconds: microseconds * 1_000) }
                return Measurement(figures: figures, serverCPUSeconds: nil, throttled: 0)
            })
    }

    @Test("a round with too few samples for a P99.9 does not count for it, and where none does there is no ratio")
    func tails() throws {
        var result = RowResult(.openLoop)
        result.compareTails(
            Self.rounds("Needletail", [100_000, 100_000, 99_999], microseconds: 100),
            to: Self.rounds("Redis", [100_000, 99_999, 100_000], microseconds: 400))
        let ratio = try #require(result.ratios.first)
        #expect(ratio.rounds.count == 1)
        #expect((0.24...0.26).contains(ratio.median))
        #expect(result.isWithinLimit == true)
        #expect(result.notes.count == 1 && result.notes[0].hasPrefix("too few samples: 2 of 3 rounds"))
        var none = RowResult(.openLoop)
        none.compareTails(
            Self.rounds("Needletail", [10], microseconds: 100), to: Self.rounds("Redis", [10], microseconds: 400))
        #expect(none.ratios.isEmpty && none.isWithinLimit == nil)
        #expect(none.notes.count == 1)
    }

    @Test("a limit that is a share of Redis' figure is judged beside Redis alone")
    func limitsOfRedis() throws {
        let figure = PeerFigure.serverCPU.rawValue
        var result = RowResult(.get)
        result.ratios = [try #require(Ratio(figure, to: "memcached", rounds: [0.5]))]
        #expect(result.decisive == nil && result.isWithinLimit == nil && result.lacksRedis)
        #expect(!result.lines.contains { $0.contains("limit") })
        result.ratios.append(try #require(Ratio(figure, to: "Redis", rounds: [1.3])))
        #expect(result.decisive == 1.3 && result.isWithinLimit == false && !result.lacksRedis)
        // Among builds of ours it is the other build that counts.
        result.ratios = [try #require(Ratio(figure, to: "the base", rounds: [1.1]))]
        result.isAmongPeers = false
        #expect(result.decisive == 1.1)
        // And beside large values it is our own figure without them.
        var tails = RowResult(.largeValues)
        tails.ratios = [try #require(Ratio(PeerFigure.p999.rawValue, to: "Needletail alone", rounds: [1.5]))]
        #expect(tails.decisive == 1.5 && tails.isWithinLimit == true)
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
        } else if result.contenders[0].rounds.isEmpty {
            #expect(
                result.notes.contains { $0.hasSuffix("the search did not settle, so that the round does not count") })
        }
        #expect(result.notes.allSatisfy { $0.hasPrefix("Needletail, round ") })
    }
}
