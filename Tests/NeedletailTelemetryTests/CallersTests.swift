import Testing

@testable import NeedletailTelemetry

@Suite struct CallersTests {
    private let callers = Callers(loops: 2)

    /// A call as a loop measures it.
    private func call(_ loop: LoopCallers, from service: String?, method: Int = 1, nanoseconds: Int64 = 1_000) {
        loop.note(fromService: service, fromCluster: "east", toService: nil, toCluster: nil)
        if let place = loop.takePlace(method) { loop.record(nanoseconds: nanoseconds, at: place) }
    }

    /// What was measured of each caller, and of all others if there were any.
    private func figures() -> [(caller: Caller?, distribution: LatencyDistribution)] {
        let distributions = callers.distributions()
        #expect(distributions.count == Callers.countMax + 1)
        let known = zip(callers.callers(), distributions).map { (caller: Optional($0), distribution: $1) }
        let others = (caller: Caller?.none, distribution: distributions[Callers.countMax])
        return known + (others.distribution.count > 0 ? [others] : [])
    }

    @Test func aFiveTupleIsOneCallerOnAllLoops() throws {
        let loops = [LoopCallers(callers, loop: 0), LoopCallers(callers, loop: 1)]
        call(loops[1], from: "b")
        for loop in loops { for _ in 0..<3 { call(loop, from: "a", nanoseconds: 2_000) } }
        call(loops[0], from: "a", method: 2)
        let all = figures()
        #expect(all.map(\.caller?.fromService) == ["b", "a", "a"])
        #expect(all.map(\.caller?.method) == [1, 1, 2])
        #expect(all.map(\.distribution.count) == [1, 6, 1])
        #expect(all[1].caller?.fromCluster == "east" && all[1].caller?.toService == "")
        #expect(all[1].distribution.nanosecondsSum == 12_000)
    }

    @Test func aCallThatNamesNobodyIsNotCounted() {
        let loop = LoopCallers(callers, loop: 0)
        #expect(loop.takePlace(1) == nil)
        loop.note(fromService: "a", fromCluster: nil, toService: nil, toCluster: nil)
        #expect(loop.takePlace(nil) == nil, "it reached no method")
        #expect(loop.takePlace(1) == nil, "what a call says holds for no other")
        #expect(figures().isEmpty)
    }

    @Test func tenThousandCallersAreSixtyFourAndTheRest() throws {
        let loops = [LoopCallers(callers, loop: 0), LoopCallers(callers, loop: 1)]
        for number in 0..<10_000 { call(loops[number % 2], from: "service \(number)") }
        // Those that the other loop has seen first are found by both.
        for number in 0..<64 { for loop in loops { call(loop, from: "service \(number)") } }
        let all = figures()
        #expect(all.count == 65)
        #expect(all.dropLast().allSatisfy { $0.distribution.count == 3 })
        let others = try #require(all.last)
        #expect(others.caller == nil && others.distribution.count == 10_000 - 64)
        for loop in loops { #expect(loop.knownCount == 64) }
    }

    @Test func aLongNameIsOneOfTheOthers() {
        let loop = LoopCallers(callers, loop: 0)
        call(loop, from: String(repeating: "x", count: 64))
        call(loop, from: String(repeating: "x", count: 65))
        call(loop, from: String(repeating: "y", count: 1_000_000))
        #expect(figures().map(\.distribution.count) == [1, 2])
    }
}
