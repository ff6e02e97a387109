import Testing

@testable import Timing

@Suite struct LoopTimersTests {
    /// A loop that a test turns: wake-ups that were asked for, in nanoseconds of the clock.
    private final class Loop {
        var wakeUps: [(time: Int64, turn: () -> Void)] = []
    }

    @Test func aTimerFiresOnceWhenItsDeadlineIsReached() {
        let time = ManualTime()
        let clock = Clock.manual(time)
        let loop = Loop()
        let timers = LoopTimers(clock: clock) { loop.wakeUps.append((clock.now().nanoseconds + $0, $1)) }
        var fired: [String] = []
        func run(forMilliseconds milliseconds: Int64) {
            for _ in 0..<milliseconds {
                time.advance(byMilliseconds: 1)
                let now = clock.now().nanoseconds
                while let index = loop.wakeUps.firstIndex(where: { $0.time <= now }) {
                    loop.wakeUps.remove(at: index).turn()
                }
            }
        }
        let start = clock.now()
        _ = timers.schedule(at: start.advanced(byMilliseconds: 200)) { fired.append("long") }
        _ = timers.schedule(at: start.advanced(byMilliseconds: 50)) { fired.append("short") }
        let cancelled = timers.schedule(at: start.advanced(byMilliseconds: 60)) { fired.append("cancelled") }
        run(forMilliseconds: 49)
        #expect(fired == [])
        run(forMilliseconds: 2)
        #expect(fired == ["short"])
        cancelled.cancel()
        run(forMilliseconds: 148)
        #expect(fired == ["short"])
        run(forMilliseconds: 3)
        #expect(fired == ["short", "long"])
        #expect(timers.count == 0)
        // Nothing is asked for while nothing is scheduled.
        loop.wakeUps.removeAll()
        run(forMilliseconds: 100)
        #expect(loop.wakeUps.isEmpty)
    }
}
