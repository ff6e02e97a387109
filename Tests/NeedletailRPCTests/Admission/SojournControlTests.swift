import Testing
import Timing

@testable import NeedletailRPC

@Suite struct SojournControlTests {
    private static let millis: Int64 = 1_000_000
    private var control = SojournControl(intervalNanoseconds: 20 * millis)
    private var now = MonotonicTime(nanoseconds: 0)

    /// Observes a wait each millisecond, for so many milliseconds.
    private mutating func observe(_ waitMillis: Int64, forMillis duration: Int) {
        for _ in 0..<duration {
            control.observe(waitMillis * Self.millis, at: now)
            now = now.advanced(byMilliseconds: 1)
        }
    }

    @Test mutating func aStepIsSeenAfterAnIntervalOfItsOwn() {
        observe(0, forMillis: 20)
        observe(30, forMillis: 20)
        #expect(control.standing == 0, "the interval before had short waits")
        observe(30, forMillis: 1)
        #expect(control.standing == 30 * Self.millis)
        #expect(control.missedTarget(40 * Self.millis) == 20 * Self.millis, "half of what the call has waited")
        #expect(control.missedTarget(90 * Self.millis) == 30 * Self.millis, "what every call waits")
        #expect(control.missedTarget(0) == 0, "a call that did not wait is served")
    }

    @Test mutating func oneShortWaitEndsIt() {
        observe(30, forMillis: 41)
        #expect(control.standing > 0)
        observe(1, forMillis: 1)
        observe(30, forMillis: 19)
        #expect(control.standing == 1 * Self.millis)
    }

    @Test mutating func aBurstIsNotAQueueThatStands() {
        for _ in 0..<10 {
            observe(50, forMillis: 15)
            observe(0, forMillis: 5)
            #expect(control.standing == 0)
        }
    }

    @Test mutating func afterAPauseNothingIsKnown() {
        observe(30, forMillis: 41)
        #expect(control.standing > 0)
        now = now.advanced(byMilliseconds: 60)
        observe(200, forMillis: 1)
        #expect(control.standing == 0, "what came after an idle time is a burst")
    }

    @Test(
        arguments: [
            // Budget, what every call misses and what the call has waited for, in milliseconds; whether it is shed.
            (20, 7, 14, true), (20, 7, 13, false), (20, 6, 100, false), (10_000, 50, 1_000, false),
            (10_000, 101, 1_000, true), (10_000, 101, 150, false), (.max, 101, 1_000, true), (.max, 99, 1_000, false),
        ] as [(Int64, Int64, Int64, Bool)])
    func aCallIsShedByItsBudgetOrByTheTarget(_ budget: Int64, _ standing: Int64, _ wait: Int64, _ isShed: Bool) {
        let pressure = CallPressure(
            missed: min(standing * Self.millis, wait * Self.millis / 2), target: 100 * Self.millis)
        #expect(pressure.shedReason(budgetMillis: budget) == (isShed ? .sojourn : nil))
        #expect(CallPressure.none.shedReason(budgetMillis: budget) == nil)
        #expect(CallPressure.full.shedReason(budgetMillis: budget) == .concurrency)
    }
}
