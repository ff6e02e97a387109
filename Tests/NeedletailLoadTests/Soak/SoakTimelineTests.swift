internal import Histogram
internal import Testing

@testable internal import needletail_load

/// When a soak disturbs the server, and what it leaves out of its percentiles for that.
@Suite struct SoakTimelineTests {
    static func plan(seconds: Double, kills: Bool = false, rate: Double = 200) -> SoakPlan {
        SoakPlan(
            seconds: seconds, rate: rate, entries: 500, connections: 4, slowReaders: 1, kills: kills,
            durability: .logged, seed: 1)
    }

    private static func time(_ second: Double) -> SoakTime { SoakTime(second * 1e9) }

    @Test("thirty minutes have windows of five, a line each minute; a longer run keeps them")
    func windows() {
        let half = Self.plan(seconds: 1_800)
        #expect(half.earlyWindow == 300..<600)
        #expect(half.lateWindow == 1_500..<1_800)
        #expect(half.lastFifth == 1_440..<1_800)
        #expect(half.intervalSeconds == 60)
        #expect(Self.plan(seconds: 7_200).lateWindow == 6_900..<7_200)
        #expect(Self.plan(seconds: 12).earlyWindow == 2..<4)
    }

    /// A run of a minute: `latency` gives that of each call, in microseconds, by the second in which it was made.
    private static func timeline(
        disturbed: (Double) -> Bool = { _ in false }, _ latency: (Double) -> Int64
    ) -> SoakTimeline {
        var timeline = SoakTimeline(plan(seconds: 60), start: 0)
        for call in 0..<60 * 1_200 {
            let second = Double(call) / 1_200
            if disturbed(second) { timeline.noteDisturbance(until: time(second)) }
            timeline.note(latency: latency(second) * 1_000)
            timeline.advance(to: time(second))
        }
        return timeline
    }

    @Test func latencyThatDriftsIsFound() throws {
        #expect(try #require(Self.timeline { _ in 100 }.latencyRatio) == 1)
        let drifted = try #require(Self.timeline { $0 < 40 ? 100 : 150 }.latencyRatio)
        #expect(!SoakResult.latencyLimit.isKept(by: drifted))
    }

    @Test(
        "a drift that comes with what the host takes is the host's; one beside that is not", arguments: [true, false])
    func host(takesMore: Bool) throws {
        // Windows of a minute, spans of two seconds. The host takes every other of the last window's.
        let takes = { (second: Double) in second >= 300 && Int(second / 2) % 2 == 0 }
        var timeline = SoakTimeline(Self.plan(seconds: 360), start: 0)
        for call in 0..<360 * 600 {
            let second = Double(call) / 600
            timeline.note(latency: (takesMore ? takes(second) : second >= 300) ? 150_000 : 100_000)
            timeline.advance(to: Self.time(second)) { takesMore && takes(second - 0.1) ? 0.01 : 0 }
        }
        timeline.endSpan()
        let drift = try #require(timeline.latencyRatio)
        #expect(abs(drift - (takesMore ? 1 : 1.5)) < 0.01)
        #expect(abs(try #require(timeline.restlessLatencyRatio) - 1.5) < 0.01)
        #expect(timeline.early.calmShare == 1)
        #expect(timeline.late.calmShare == (takesMore ? 0.5 : 1))
    }

    @Test("what happens in a disturbance is left out, and counted")
    func disturbance() throws {
        let isDisturbed = { (second: Double) in second.truncatingRemainder(dividingBy: 5) > 4.8 }
        let timeline = Self.timeline(disturbed: isDisturbed) { isDisturbed($0) ? 300_000 : 100 }
        #expect(try #require(timeline.latencyRatio) == 1)
        #expect(timeline.all.max < 1_000_000)
        #expect(timeline.disturbed.max > 200_000_000)
        #expect(timeline.disturbedSlices > 0)
        #expect(timeline.disturbedSlices < timeline.slices / 4)
    }

    @Test("what waits since a disturbance is its aftermath; what begins to wait by itself is not")
    func backlog() {
        for isDisturbed in [true, false] {
            var timeline = SoakTimeline(Self.plan(seconds: 60), start: 0)
            if isDisturbed { timeline.noteDisturbance(until: Self.time(0.1)) }
            for tenth in 1..<50 {
                timeline.noteBacklog(at: Self.time(Double(tenth) / 10))
                timeline.note(latency: 1_000_000_000)
                timeline.advance(to: Self.time(Double(tenth) / 10))
            }
            #expect((timeline.all.totalCount == 0) == isDisturbed)
            #expect((timeline.disturbed.totalCount > 0) == isDisturbed)
        }
    }

    @Test("an aftermath that does not end is no aftermath")
    func longBacklog() {
        var timeline = SoakTimeline(Self.plan(seconds: 60), start: 0)
        timeline.noteDisturbance(until: Self.time(1))
        for tenth in 1..<200 {
            timeline.noteBacklog(at: Self.time(Double(tenth) / 10))
            timeline.note(latency: 1_000_000_000)
            timeline.advance(to: Self.time(Double(tenth) / 10))
        }
        let seconds = Double(timeline.disturbedSlices) / Double(timeline.slices) * 20
        #expect(abs(seconds - 1 - SoakPlan.aftermathSecondsMax) < 1)
        #expect(timeline.all.totalCount > 100)
    }

    /// What came of a run of three minutes, with as many calls as its P99s need where `isBusy` does not say that there were
    /// none, and disturbances for that share of each ten seconds.
    private static func result(
        kills: Bool = false, disturbedShare: Double = 0, throttled: Int = 0, isInterrupted: Bool = false,
        isSeen: Bool = true, isBusy: (Double) -> Bool = { _ in true }
    ) -> SoakResult {
        let plan = plan(seconds: 180, kills: kills, rate: 600)
        var timeline = SoakTimeline(plan, start: 0)
        for call in 0..<180 * 600 {
            let second = Double(call) / 600
            if second.truncatingRemainder(dividingBy: 10) < disturbedShare * 10 {
                timeline.noteDisturbance(until: time(second))
            }
            if isBusy(second) { timeline.note(latency: 100_000) }
            // Memory grows by 16 KiB a second.
            if isSeen, call % 600 == 0 {
                timeline.note(residentBytes: 1_000_000_000 + call / 600 * 16_384, at: time(second))
            }
            timeline.advance(to: time(second))
        }
        return SoakResult(
            plan: plan, figures: SoakFigures(), timeline: timeline, intervals: [], doubtful: 0, throttled: throttled,
            isInterrupted: isInterrupted, failure: nil)
    }

    @Test("a run that is long enough has all verdicts, and says how memory grows at its end")
    func verdicts() {
        let result = Self.result()
        #expect(result.isKept)
        #expect(result.verdicts.count == 5)
        #expect(result.markdown.contains { $0.contains("changed by 0.94 MiB a minute") })
        #expect(!result.markdown.contains { $0.hasPrefix("not judged") })
        #expect(!Self.result(throttled: 1).isKept)
    }

    @Test("what a run that is long enough cannot say is missed; an interrupted one is judged as far as it went")
    func missing() {
        let quiet = { (second: Double) in second < 150 }
        #expect(!Self.result(isBusy: quiet).isKept)
        #expect(!Self.result(kills: true, isBusy: quiet).isKept)
        #expect(Self.result(isInterrupted: true, isBusy: quiet).isKept)
        #expect(!Self.result(isSeen: false).isKept)
        #expect(Self.result(kills: true, isSeen: false).isKept)
        #expect(Self.result(isInterrupted: true, isSeen: false).isKept)
    }

    @Test("a window of which too much was left out is missed, unless recoveries from kills take it")
    func leftOut() {
        #expect(Self.result(disturbedShare: 0.15).isKept)
        #expect(!Self.result(disturbedShare: 0.35).isKept)
        #expect(Self.result(kills: true, disturbedShare: 0.35).isKept)
    }

    @Test("a short run is not judged by what it cannot have")
    func short() {
        #expect(!Self.plan(seconds: 179, rate: 2_000).judgesLatency)
        #expect(!Self.plan(seconds: 1_800, rate: 40).judgesLatency)
        #expect(Self.plan(seconds: 1_800, rate: 2_000).judgesLatency)
        #expect(!Self.plan(seconds: 179).judgesMemory)
        #expect(Self.plan(seconds: 1_800).judgesMemory)
        #expect(!Self.plan(seconds: 1_800, kills: true).judgesMemory)
    }

    @Test("with too few samples latency is not judged")
    func samples() {
        var timeline = SoakTimeline(Self.plan(seconds: 60), start: 0)
        for second in 0..<60 {
            timeline.note(latency: 1)
            timeline.advance(to: Self.time(Double(second)))
        }
        #expect(timeline.latencyRatio == nil)
    }

    @Test func memoryThatGrowsIsFound() throws {
        for (growth, isKept) in [(0.0, true), (0.1, false)] {
            var timeline = SoakTimeline(Self.plan(seconds: 60), start: 0)
            for second in 0..<60 {
                // The warm-up does not count, nor does a single look.
                let share = second < 10 ? 0.1 : second == 50 ? 5 : 1 + growth * Double(second) / 50
                timeline.note(residentBytes: Int(share * 1e8), at: Self.time(Double(second)))
            }
            #expect(SoakResult.memoryLimit.isKept(by: try #require(timeline.memoryRatio)) == isKept)
        }
    }

    @Test("the server is stopped and let go in turns, and killed only if that was asked for")
    func chaos() {
        for kills in [false, true] {
            var chaos = SoakChaos(Self.plan(seconds: 60, kills: kills))
            chaos.begin(at: 0)
            var actions: [SoakChaos.Action] = []
            var now: SoakTime = 0
            while now < Self.time(60) {
                now = max(chaos.nextTime, now + 1)
                actions.append(chaos.next(at: now))
            }
            var isFrozen = false
            for action in actions {
                switch action {
                case .freeze:
                    #expect(!isFrozen)
                    isFrozen = true
                case .resume:
                    #expect(isFrozen)
                    isFrozen = false
                case .kill: #expect(!isFrozen)
                case .none: break
                }
            }
            #expect(actions.count { if case .freeze = $0 { true } else { false } } > 3)
            #expect(actions.contains(.kill) == kills)
        }
    }
}
