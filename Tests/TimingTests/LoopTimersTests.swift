//! Deadlines of an event loop whose clock and wake-ups are the test's.

import Testing

@testable import Timing

struct LoopTimersTests {
    /// Timers, and a loop that wakes them when they asked for it.
    private final class Loop {
        let time = ManualTime()
        private(set) var wakeUps: [(time: Int64, turn: () -> Void)] = []
        private(set) var timers: LoopTimers!

        init() {
            timers = LoopTimers(clock: .manual(time)) { [unowned self] delay, turn in
                wakeUps.append((now + delay, turn))
            }
        }

        var now: Int64 { Clock.manual(time).now().nanoseconds }

        func at(milliseconds: Int64) -> MonotonicTime {
            Clock.manual(time).now().advanced(byMilliseconds: milliseconds)
        }

        /// Lets time pass, with the wake-ups that were asked for and no others.
        func pass(milliseconds: Int64) {
            time.advance(byMilliseconds: milliseconds)
            while let index = wakeUps.firstIndex(where: { $0.time <= now }) {
                wakeUps.remove(at: index).turn()
            }
        }
    }

    @Test func aTimerFiresOnceAndNotBeforeItsTime() {
        let loop = Loop()
        var fired = 0
        _ = loop.timers.schedule(at: loop.at(milliseconds: 10)) { fired += 1 }
        loop.pass(milliseconds: 9)
        #expect(fired == 0 && loop.timers.count == 1)
        loop.pass(milliseconds: 2)
        #expect(fired == 1 && loop.timers.count == 0)
        loop.pass(milliseconds: 100)
        #expect(fired == 1)
    }

    @Test func aCancelledTimerNeverFires() {
        let loop = Loop()
        var fired: [Int] = []
        let timers = (0..<10).map { index in
            loop.timers.schedule(at: loop.at(milliseconds: 5)) { fired.append(index) }
        }
        for timer in timers where timer !== timers[3] { timer.cancel() }
        #expect(loop.timers.count == 1)
        timers[4].cancel()
        loop.pass(milliseconds: 6)
        #expect(fired == [3])
        timers[3].cancel()
        #expect(loop.timers.count == 0)
    }

    @Test func aTimerMayTakeBackAnotherOfTheSameTick() {
        let loop = Loop()
        var fired = 0
        var timers: [LoopTimer] = []
        for index in 0..<2 {
            timers.append(
                loop.timers.schedule(at: loop.at(milliseconds: 5)) {
                    fired += 1
                    timers[1 - index].cancel()
                })
        }
        loop.pass(milliseconds: 6)
        #expect(fired == 1)
    }

    @Test func aTimerMayScheduleAnother() {
        let loop = Loop()
        var fired: [Int64] = []
        func again(_ left: Int) {
            _ = loop.timers.schedule(at: loop.at(milliseconds: 3)) {
                fired.append(loop.now)
                if left > 1 { again(left - 1) }
            }
        }
        again(4)
        for _ in 0..<40 { loop.pass(milliseconds: 1) }
        #expect(fired.count == 4)
        #expect(zip(fired, fired.dropFirst()).allSatisfy { $1 - $0 >= 3_000_000 })
    }

    @Test func aDeadlineThatHasPassedFiresWithTheNextWakeUp() {
        let loop = Loop()
        var fired = 0
        _ = loop.timers.schedule(at: MonotonicTime(nanoseconds: 0)) { fired += 1 }
        #expect(fired == 0)
        loop.pass(milliseconds: 1)
        #expect(fired == 1)
    }

    @Test func wakeUpsAreAskedForOnlyWhileThereAreTimers() {
        let loop = Loop()
        #expect(loop.wakeUps.isEmpty)
        let timer = loop.timers.schedule(at: loop.at(milliseconds: 1_000)) {}
        #expect(loop.wakeUps.count == 1)
        // A later one needs no wake-up of its own.
        let later = loop.timers.schedule(at: loop.at(milliseconds: 2_000)) {}
        #expect(loop.wakeUps.count == 1)
        timer.cancel()
        later.cancel()
        for _ in 0..<100 { loop.pass(milliseconds: 100) }
        #expect(loop.wakeUps.isEmpty)
    }

    @Test func timersThatAreDroppedGoWithTheLoop() {
        var loop: Loop? = Loop()
        weak var kept: LoopTimer?
        do {
            guard let running = loop else { return }
            kept = running.timers.schedule(at: running.at(milliseconds: 5)) {}
        }
        #expect(kept != nil)
        loop = nil
        #expect(kept == nil)
    }

    /// Random timers, some taken back, against a list.
    @Test func timersFireAsASortedListWouldHaveThem() {
        for seed in 0..<20 as Range<UInt64> {
            var generator = TimingWheelTests.SplitMix(state: seed)
            let loop = Loop()
            var waiting: [Int: Int64] = [:]
            var timers: [Int: LoopTimer] = [:]
            var next = 0
            for _ in 0..<300 {
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    let name = next
                    next += 1
                    let deadline = loop.at(
                        milliseconds: Int64.random(
                            in: -2...[1, 30, 1_000, 100_000].randomElement(using: &generator)!, using: &generator))
                    // One that has passed is due now.
                    waiting[name] = max(deadline.nanoseconds, loop.now)
                    timers[name] = loop.timers.schedule(at: deadline) {
                        guard let due = waiting.removeValue(forKey: name) else {
                            Issue.record("timer \(name) fired twice, or after it was taken back")
                            return
                        }
                        #expect(due <= loop.now)
                    }
                }
                if let name = waiting.keys.sorted().randomElement(using: &generator), Bool.random(using: &generator) {
                    timers[name]?.cancel()
                    waiting[name] = nil
                }
                loop.pass(
                    milliseconds: Int64.random(in: 0...[2, 40].randomElement(using: &generator)!, using: &generator))
                // A tick, and the gap between wake-ups.
                #expect(waiting.values.allSatisfy { $0 > loop.now - 2 << 18 })
                #expect(loop.timers.count == waiting.count)
            }
            loop.pass(milliseconds: 200_000)
            #expect(waiting.isEmpty && loop.timers.count == 0)
        }
    }
}
