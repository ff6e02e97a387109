import NeedletailTelemetry
import Testing
import Timing

@testable import StorageServer

@Suite struct AlertStateTests {
    private func time(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func aRuleFiresOnceItWasBrokenForLongEnough() {
        var state = AlertState(durationMillis: 30_000)
        #expect(state.update(isBroken: false, at: time(0)) == nil && state.phase == .inactive)
        #expect(state.update(isBroken: true, at: time(5)) == nil && state.phase == .pending)
        #expect(state.update(isBroken: true, at: time(34)) == nil && state.phase == .pending)
        #expect(state.update(isBroken: true, at: time(35)) == .fired && state.phase == .firing)
        #expect(state.update(isBroken: true, at: time(99)) == nil && state.phase == .firing)
        #expect(state.update(isBroken: false, at: time(100)) == .resolved && state.phase == .inactive)
        #expect(state.update(isBroken: false, at: time(101)) == nil)
    }

    @Test func aRuleThatIsWholeInBetweenBeginsAnew() {
        var state = AlertState(durationMillis: 30_000)
        _ = state.update(isBroken: true, at: time(0))
        #expect(state.update(isBroken: false, at: time(20)) == nil && state.phase == .inactive)
        #expect(state.update(isBroken: true, at: time(25)) == nil)
        #expect(state.update(isBroken: true, at: time(54)) == nil && state.phase == .pending)
        #expect(state.update(isBroken: true, at: time(55)) == .fired)
    }

    @Test func withoutADurationItFiresAtOnce() {
        var state = AlertState(durationMillis: 0)
        #expect(state.update(isBroken: true, at: time(0)) == .fired)
        #expect(state.update(isBroken: false, at: time(0)) == .resolved)
    }
}

/// What expressions make of samples.
@Suite struct AlertReadingTests {
    private func time(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    private func rule(_ text: String, _ comparison: AlertComparison = .above, windowMillis: Int64 = 60_000) throws
        -> AlertReading
    {
        let expression = try #require(AlertExpression(text))
        return AlertReading(
            AlertRule("r", expression, comparison, 0, windowMillis: windowMillis, severity: .warning, summary: "s"))
    }

    private func gauges(_ values: [String: Double]) -> [MetricFamily] {
        [MetricFamily("m", .gauge, "h", values.map { .init([("l", $0.key), ("x", "y")], $0.value) })]
    }

    private func counters(_ a: Double, _ b: Double) -> [MetricFamily] {
        [MetricFamily("a", .counter, "h", value: a), MetricFamily("b", .counter, "h", value: b)]
    }

    @Test func ofSeveralSamplesTheWorstCounts() throws {
        let families = gauges(["1": 1, "2": 2, "3": 3, "nan": .nan])
        var (upper, lower) = (try rule("m"), try rule("m", .atMost))
        #expect(upper.value(of: families, at: time(0)) == 3)
        #expect(lower.value(of: families, at: time(0)) == 1)
        var (second, none) = (try rule("m{x=\"y\",l=\"2\"}"), try rule("m{l=\"4\"}"))
        #expect(second.value(of: families, at: time(0)) == 2)
        #expect(none.value(of: families, at: time(0)) == nil)
        var notANumber = try rule("m{l=\"nan\"}")
        #expect(notANumber.value(of: families, at: time(0)) == nil)
    }

    @Test func ratesAndIncreasesAreThoseOfTheWindow() throws {
        var (rate, increase) = (try rule("rate(a)"), try rule("increase(a)"))
        #expect(rate.value(of: counters(100, 0), at: time(0)) == nil)
        #expect(increase.value(of: counters(100, 0), at: time(0)) == nil)
        #expect(rate.value(of: counters(130, 0), at: time(30)) == 1)
        #expect(increase.value(of: counters(130, 0), at: time(30)) == 30)
        #expect(rate.value(of: counters(250, 0), at: time(90)) == 2)
        #expect(increase.value(of: counters(250, 0), at: time(90)) == 120)
        #expect(rate.value(of: counters(250, 0), at: time(150)) == 0)
        #expect(increase.value(of: counters(250, 0), at: time(150)) == 0)
    }

    @Test func aCounterThatBeganAnewHasGrownFromNothing() throws {
        var increase = try rule("increase(a)")
        _ = increase.value(of: counters(100, 0), at: time(0))
        #expect(increase.value(of: counters(7, 0), at: time(10)) == 7)
    }

    @Test func aCounterThatIsNewHasGrownFromNothing() throws {
        var increase = try rule("increase(m)")
        _ = increase.value(of: gauges([:]), at: time(0))
        #expect(increase.value(of: gauges(["1": 5]), at: time(10)) == 5)
    }

    @Test func aCounterThatIsMissingForAWhileGoesOnFromWhereItWas() throws {
        var increase = try rule("increase(m)")
        _ = increase.value(of: gauges(["1": 100]), at: time(0))
        // So long that no reading within the window has it.
        for second in stride(from: 10 as Int64, through: 100, by: 10) {
            #expect(increase.value(of: gauges([:]), at: time(second)) == nil)
        }
        #expect(increase.value(of: gauges(["1": 103]), at: time(110)) == 3)
    }

    /// Labels may be ever new ones, which nobody would forget otherwise.
    @Test func aSeriesThatGivesWayToOthersIsForgotten() throws {
        var increase = try rule("increase(m)")
        _ = increase.value(of: gauges(["1": 100]), at: time(0))
        for second in stride(from: 10 as Int64, through: 100, by: 10) {
            _ = increase.value(of: gauges(["2": 1]), at: time(second))
        }
        #expect(increase.value(of: gauges(["1": 103, "2": 1]), at: time(110)) == 103)
    }

    @Test func ratiosAreOfIncreasesAndSharesOfValues() throws {
        var (ratio, share) = (try rule("ratio(a, b)"), try rule("share(a, b)"))
        _ = ratio.value(of: counters(10, 20), at: time(0))
        #expect(ratio.value(of: counters(15, 40), at: time(10)) == 0.25)
        #expect(share.value(of: counters(10, 40), at: time(10)) == 0.25)
        // Of nothing there is no share.
        #expect(share.value(of: counters(10, 0), at: time(10)) == nil)
        var idle = try rule("ratio(a, b)")
        _ = idle.value(of: counters(10, 20), at: time(0))
        #expect(idle.value(of: counters(10, 20), at: time(10)) == nil)
    }

    @Test func aQuantileIsThatOfTheObservationsInTheWindow() throws {
        let row = LatencyHistograms(count: 1)
        func families() -> [MetricFamily] {
            [MetricFamily(latencies: "d", "h", LatencyDistribution(merging: [row], at: 0))]
        }
        var quantile = try rule("quantile(0.99, d)")
        for _ in 0..<100 { row.record(nanoseconds: 700_000_000, in: 0) }
        #expect(quantile.value(of: families(), at: time(0)) == nil)
        #expect(quantile.value(of: families(), at: time(10)) == nil)
        for _ in 0..<98 { row.record(nanoseconds: 200_000, in: 0) }
        for _ in 0..<2 { row.record(nanoseconds: 7_000_000, in: 0) }
        // Rank 99 of 100 is the middle of the two between 5 and 10 ms.
        let value = quantile.value(of: families(), at: time(20))
        #expect(abs((value ?? 0) - 0.0075) < 1e-9)
        row.record(nanoseconds: 20_000_000_000, in: 0)
        var highest = try rule("quantile(1, d)")
        _ = highest.value(of: [MetricFamily("d", .histogram, "h", [])], at: time(0))
        // Above the last bound it is that bound.
        #expect(highest.value(of: families(), at: time(20)) == 10)
    }

    @Test func readingsAreBoundedHoweverOftenOneLooks() {
        var increases = MetricIncreases(windowMillis: 3_600_000)
        for second in 0..<20_000 { _ = increases.update([:], at: time(Int64(second))) }
        #expect(increases.count <= 62)
        #expect(increases.count > 50)
    }
}
