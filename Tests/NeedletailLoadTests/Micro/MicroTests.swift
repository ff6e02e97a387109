internal import InstructionCounts
internal import Testing

@testable internal import needletail_load

/// Pieces of work, timed, and their counts beside the baseline.
@Suite struct MicroTests {
    private static func result(_ name: String, _ instructions: Double) -> MicroResult {
        MicroResult(name: name, instructions: instructions, baseline: 100)
    }

    @Test("the check fails for more, not for fewer, and says both")
    func check() {
        var baseline = InstructionBaseline()
        baseline[.release] = ["same": 100, "more": 100, "fewer": 100]
        let good = InstructionCheck([Self.result("same", 101)], baseline)
        #expect(!good.isFailed && good.lines.count == 1)
        let fewer = InstructionCheck([Self.result("same", 100), Self.result("fewer", 50)], baseline)
        #expect(!fewer.isFailed)
        #expect(fewer.lines.count == 1 && fewer.lines[0].contains("--update"))
        let more = InstructionCheck([Self.result("more", 120), Self.result("fewer", 50)], baseline)
        #expect(more.isFailed)
        #expect(more.lines.count == 2 && more.lines[0].contains("20.0% more"))
        #expect(InstructionCheck([Self.result("new", 1)], baseline).isFailed)
    }

    @Test("only what the filter names is timed, once a round")
    func timing() throws {
        var contest = MicroContest(filter: "telemetry.")
        #expect(contest.isEmpty)
        try contest.time(rounds: 2, milliseconds: 1)
        #expect(contest.results.map(\.name).allSatisfy { $0.hasPrefix("telemetry.") })
        #expect(!contest.results.isEmpty)
        #expect(contest.results.allSatisfy { $0.rounds.count + contest.throttledRounds == 2 })
        #expect(contest.results.allSatisfy { $0.rounds.allSatisfy { $0 > 0 } })
    }
}
