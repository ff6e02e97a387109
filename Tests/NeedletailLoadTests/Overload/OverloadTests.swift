internal import Histogram
internal import Testing

@testable internal import needletail_load

@Suite struct OverloadTests {
    private var shape: CallShape {
        var shape = CallShape.multiGet(10)
        shape.timeoutMillis = 20
        return shape
    }

    private func measurement(
        _ pace: Pace, seconds: Double, inTime: Int, late: Int, refused: Int, throttled: Int = 0
    ) -> Measurement {
        var figures = RunFigures(shape, pace)
        figures.seconds = seconds
        var served = AnswerScan()
        served.found = 10
        var shed = AnswerScan()
        (shed.isError, shed.failed) = (true, 10)
        for _ in 0..<inTime { figures.deadline?.note(served, nanoseconds: 20_000_000) }
        for _ in 0..<late { figures.deadline?.note(served, nanoseconds: 20_000_001) }
        for _ in 0..<refused { figures.deadline?.note(shed, nanoseconds: 1) }
        return Measurement(figures: figures, serverCPUSeconds: nil, throttled: throttled)
    }

    @Test func onlyWhatIsAnsweredInTimeIsGoodput() throws {
        let overload = measurement(.open(rate: 1), seconds: 2, inTime: 90, late: 10, refused: 300)
        let deadline = try #require(overload.figures.deadline)
        #expect((deadline.inTime, deadline.late, deadline.refused, deadline.partial) == (90, 10, 300, 0))
        #expect(deadline.admitted.totalCount == 100)
        #expect(OverloadRound.goodput(overload) == 45)
    }

    @Test func anAnswerForSomeOfTheKeysIsPartial() {
        var figures = DeadlineFigures(timeoutMillis: 20)
        var scan = AnswerScan()
        (scan.found, scan.failed) = (9, 1)
        figures.note(scan, nanoseconds: 1)
        #expect(figures.partial == 1 && figures.inTime == 0)
    }

    private func round(inTime: Int, late: Int = 0, pingMillis: Int64 = 2, throttled: Int = 0) -> OverloadRound {
        var pings = LatencyHistogram.empty()
        pings.record(nanoseconds: pingMillis * 1_000_000)
        return OverloadRound(
            highest: measurement(.closed(inFlight: 1), seconds: 1, inTime: 100, late: 0, refused: 0),
            overload: measurement(
                .open(rate: 1), seconds: 1, inTime: inTime, late: late, refused: 100, throttled: throttled),
            pings: pings, shed: ShedCounts(sojourn: 100))
    }

    @Test func roundsThatWereThrottledDoNotCount() {
        var result = OverloadResult(shape: shape, multiple: 2)
        result.add(round(inTime: 95))
        result.add(round(inTime: 10, late: 1_000, pingMillis: 500, throttled: 2))
        #expect(result.goodputRatio == 0.95)
        #expect(result.verdicts.count == 3 && result.verdicts.allSatisfy(\.isKept))
        #expect(result.admitted.totalCount == 95 && result.pings.totalCount == 1)
        #expect(result.markdown.contains { $0.hasPrefix("DOES NOT COUNT: round 2") })
    }

    @Test func theVerdictIsTheMedianOfTheRounds() {
        var result = OverloadResult(shape: shape, multiple: 2)
        for inTime in [100, 80, 95] { result.add(round(inTime: inTime)) }
        #expect(result.goodputRatio == 0.95)
        #expect(result.verdicts.count == 3 && result.verdicts.allSatisfy(\.isKept))
        #expect(result.isClean)
    }

    @Test func withoutABudgetNothingIsLate() {
        #expect(RunFigures(.multiGet(10), .closed(inFlight: 1)).deadline == nil)
    }
}
