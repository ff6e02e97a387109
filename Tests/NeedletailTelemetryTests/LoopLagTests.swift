import NeedletailTelemetry
import Testing
import Timing

@Suite struct LoopLagTests {
    private let time = ManualTime()
    private let lag = LoopLag()

    private var now: MonotonicTime { Clock.manual(time).now() }

    private func pass(_ milliseconds: Int64) { time.advance(byMilliseconds: milliseconds) }

    @Test func aLoopInTimeHasNone() {
        #expect(lag.nanoseconds(at: now) == 0, "before it has begun")
        lag.begin(at: now)
        for _ in 0..<200 {
            pass(100)
            lag.note(at: now)
        }
        #expect(lag.nanoseconds(at: now) == 0)
    }

    @Test func theGreatestIsShownForTenSecondsAndThenForgotten() {
        lag.begin(at: now)
        pass(100 + 250)
        lag.note(at: now)
        for step in 1...120 {
            pass(100 + (step == 3 ? 40 : 0))
            lag.note(at: now)
            let shown = lag.nanoseconds(at: now)
            if step <= 89 { #expect(shown == 250_000_000, "step \(step)") }
            if step > 105 { #expect(shown == 0, "step \(step)") }
        }
    }

    @Test func aLoopThatIsStuckShowsAtOnceAndHowLong() {
        lag.begin(at: now)
        pass(100)
        lag.note(at: now)
        pass(100 + 3_000)
        #expect(lag.nanoseconds(at: now) == 3_000_000_000)
        pass(57_000)
        #expect(lag.nanoseconds(at: now) == 60_000_000_000)
        lag.note(at: now)
        #expect(lag.nanoseconds(at: now) == 60_000_000_000)
        for _ in 0..<110 {
            pass(100)
            lag.note(at: now)
        }
        #expect(lag.nanoseconds(at: now) == 0)
    }
}
