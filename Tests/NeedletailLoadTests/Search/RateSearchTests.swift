internal import ArgumentParser
internal import Histogram
internal import Testing

@testable internal import needletail_load

/// The search for a highest rate, against servers that are functions.
@Suite struct RateSearchTests {
    private func search(
        start: Double, precision: Double = 0.05, _ isKept: (Double, Int) -> Bool
    ) -> RateSearch {
        var search = RateSearch(start: start, precision: precision)
        while let rate = search.next() {
            search.note(RateSearch.Probe(rate: rate, isKept: isKept(rate, search.probes.count), p99Microseconds: 1))
        }
        return search
    }

    @Test("the highest rate is found from below, from above, and from far away", arguments: [900, 12_000, 300_000.0])
    func brackets(_ start: Double) throws {
        let search = search(start: start) { rate, _ in rate <= 12_345 }
        let (low, high) = (try #require(search.highestKept), try #require(search.lowestMissed))
        #expect((low...high).contains(12_345))
        #expect(high <= low * 1.05)
        #expect(search.isComplete)
        #expect(search.isMonotone)
        #expect(search.probes.count < RateSearch.probesMax)
    }

    @Test("one wrong try does not decide", arguments: 0..<12)
    func outliers(_ wrong: Int) throws {
        let search = search(start: 5_000) { rate, index in (rate <= 10_000) != (index == wrong) }
        let (low, high) = (try #require(search.highestKept), try #require(search.lowestMissed))
        // A wrong try that nothing looks at again moves the bracket by no more than it was wide.
        #expect(search.isComplete || search.probes.count == RateSearch.probesMax)
        #expect(low < high)
        if wrong > 6 { #expect((9_000...11_000).contains(low)) }
    }

    @Test("verdicts that do not fall with the rate are said to be so, and the lowest miss counts")
    func nonMonotone() throws {
        var search = RateSearch(start: 100, precision: 0.05)
        for (rate, isKept) in [(100.0, true), (150, false), (225, true), (120, true)] {
            search.note(RateSearch.Probe(rate: rate, isKept: isKept, p99Microseconds: 1))
        }
        #expect(!search.isMonotone)
        #expect(search.highestKept == 120)
        #expect(search.lowestMissed == 150)
    }

    @Test("a server that keeps nothing, or everything, ends the search")
    func ends() {
        let none = search(start: 5_000) { _, _ in false }
        #expect(none.highestKept == nil)
        #expect(!none.isComplete)
        let all = search(start: 5_000) { _, _ in true }
        #expect(all.lowestMissed == nil)
        #expect(all.probes.count == RateSearch.probesMax)
    }

    @Test("a rate that the server cannot keep up with counts as missed, and the search goes on")
    func backlog() throws {
        var reconnections = 0
        let contest = RateContest(goal: RateGoal(p99Nanoseconds: 1_000_000)) { rate, _ in
            if rate > 4_000 { throw RunFailure.backlog(calls: 1, connection: 0) }
            var figures = RunFigures(.get, .open(rate: rate))
            figures.latency.record(nanoseconds: rate > 2_000 ? 1_100_000 : 900_000)
            return Measurement(figures: figures, serverCPUSeconds: nil, throttled: 0)
        } reconnect: {
            reconnections += 1
        }
        let result = try contest.run(start: 5_000)
        let highest = try #require(result.search.highestKept)
        #expect((1_900...2_000).contains(highest))
        #expect(reconnections > 0)
        #expect(result.highest != nil)
        #expect(result.notes.contains { $0.contains("did not at") })
        #expect(!result.isInterrupted)
    }

    @Test("a search that finds no rate ends in time")
    func time() throws {
        var seconds = 0.0
        let contest = RateContest(goal: RateGoal(p99Nanoseconds: 1_000_000)) { rate, duration in
            seconds += duration
            var figures = RunFigures(.get, .open(rate: rate))
            figures.latency.record(nanoseconds: 2_000_000)
            return Measurement(figures: figures, serverCPUSeconds: nil, throttled: 0)
        } reconnect: {
        }
        let result = try contest.run(start: 50_000)
        #expect(result.isOutOfTime && result.search.highestKept == nil)
        #expect((60...120).contains(seconds))
        #expect(result.notes.contains { $0.contains("NOT SETTLED within 120 s") })
    }

    @Test("a slow server's search has the time for as many tries as a fast one's")
    func slowServer() throws {
        let goal = RateGoal(p99Nanoseconds: 1_000_000)
        #expect(goal.searchSecondsMax(start: 50_000) == 120)
        #expect(goal.searchSecondsMax(start: 1_000) == 660)
        #expect(goal.searchSecondsMax(start: 1) == 3_600)
        var seconds = 0.0
        let contest = RateContest(goal: goal) { rate, duration in
            seconds += duration
            var figures = RunFigures(.get, .open(rate: rate))
            figures.latency.record(nanoseconds: rate > 500 ? 1_100_000 : 900_000)
            return Measurement(figures: figures, serverCPUSeconds: nil, throttled: 0)
        } reconnect: {
        }
        let result = try contest.run(start: 1_000)
        #expect(result.search.isComplete && !result.isOutOfTime)
        #expect(seconds > 120)
    }

    @Test("what is refused or answered in part is fast, and keeps no limit")
    func deadlines() throws {
        let goal = RateGoal(p99Nanoseconds: 1_000_000)
        var shape = CallShape.multiGet(10)
        shape.timeoutMillis = 20
        func figures(inTime: Int, refused: Int = 0, partial: Int = 0) -> RunFigures {
            var figures = RunFigures(shape, .open(rate: 1_000))
            var scan = AnswerScan()
            scan.found = 10
            for _ in 0..<inTime { figures.deadline?.note(scan, nanoseconds: 500_000) }
            (scan.found, scan.failed) = (9, 1)
            for _ in 0..<partial { figures.deadline?.note(scan, nanoseconds: 500_000) }
            (scan.found, scan.failed, scan.isError) = (0, 10, true)
            for _ in 0..<refused { figures.deadline?.note(scan, nanoseconds: 500_000) }
            for _ in 0..<inTime + refused + partial { figures.latency.record(nanoseconds: 500_000) }
            return figures
        }
        #expect(goal.isKept(by: figures(inTime: 1_000)))
        #expect(goal.isKept(by: figures(inTime: 990, refused: 10)))
        #expect(!goal.isKept(by: figures(inTime: 989, refused: 11)))
        #expect(!goal.isKept(by: figures(inTime: 989, partial: 11)))
        let contest = RateContest(goal: goal) { rate, _ in
            let refused = rate > 2_000 ? 50 : 0
            return Measurement(
                figures: figures(inTime: 1_000 - refused, refused: refused), serverCPUSeconds: nil, throttled: 0)
        } reconnect: {
        }
        let result = try contest.run(start: 1_500)
        let highest = try #require(result.search.highestKept)
        #expect((1_900...2_000).contains(highest))
        #expect(result.search.probes.contains { $0.line.contains("95.0% in full and in time") })
        #expect(result.notes.contains { $0.contains("99%") })
    }

    @Test("tries that the container's quota or the host stopped are made again", arguments: [true, false])
    func stopped(byQuota: Bool) throws {
        var tries = 0
        let contest = RateContest(goal: RateGoal(p99Nanoseconds: 1_000_000)) { rate, _ in
            tries += 1
            var figures = RunFigures(.get, .open(rate: rate))
            figures.latency.record(nanoseconds: tries == 1 || rate > 2_000 ? 2_000_000 : 900_000)
            figures.seconds = 1
            return Measurement(
                figures: figures, serverCPUSeconds: nil, throttled: tries == 1 && byQuota ? 1 : 0,
                stolenSeconds: tries == 1 && !byQuota ? 0.01 : 0.005)
        } reconnect: {
        }
        let result = try contest.run(start: 1_000)
        #expect(result.repeated == 1)
        #expect(result.search.probes.count == tries - 1)
        #expect(result.search.probes[0].isKept)
    }

    @Test("a limit is a number with a unit")
    func limits() {
        #expect(LatencyLimit(argument: "1ms")?.nanoseconds == 1_000_000)
        #expect(LatencyLimit(argument: "500us")?.nanoseconds == 500_000)
        #expect(LatencyLimit(argument: "0.5s")?.nanoseconds == 500_000_000)
        for wrong in ["1", "ms", "-1ms", "0ms", "1m", "nan ms", "11s", "1ns"] {
            #expect(LatencyLimit(argument: wrong) == nil)
        }
    }
}
