//! The timing wheel, as a connection uses it for deadlines: most are met and taken back, few fire.
//!
//! Unsafe inside: a wheel's nodes lie in memory that the benchmark owns and frees after the wheel.

internal import Timing

enum TimerBenchmarks {
    static let all = [takeBack, fire]

    /// Deadlines that wait at the same time: those of 1,000 connections.
    private static let waiting = 1_000
    /// As an event loop's, in nanoseconds.
    private static let tickShift = 20
    private static let budgetSeconds: Int64 = 10

    /// An operation is a deadline 10 s ahead that is set and taken back, while 1,000 others wait.
    private static let takeBack = MicroBenchmark("timers.set-and-take-back", countedOperations: 10_000) {
        let timers = Timers()
        for place in 0..<waiting { timers.set(place, in: budgetSeconds * 1_000_000_000 + Int64(place) << tickShift) }
        return { operations in
            for _ in 0..<operations {
                timers.set(waiting, in: budgetSeconds * 1_000_000_000)
                timers.takeBack(waiting)
            }
            return timers.count
        }
    }

    /// An operation is a deadline that fires: 1,000 of them, a tick apart, turned to one by one.
    private static let fire = MicroBenchmark("timers.set-and-fire", cycle: waiting, countedOperations: 10 * waiting) {
        let timers = Timers()
        return { operations in
            var fired = 0
            for _ in 0..<(operations / waiting) {
                for place in 0..<waiting { timers.set(place, in: Int64(place + 1) << tickShift) }
                for _ in 0..<waiting { fired &+= timers.turn(by: 1 << tickShift) }
            }
            guard fired == operations else { throw MicroFailure("\(fired) of \(operations) deadlines fired") }
            return fired
        }
    }

    /// A wheel and its nodes.
    @safe
    private final class Timers {
        private var wheel = TimingWheel(start: 0, tickShift: tickShift)
        private let nodes: UnsafeMutablePointer<TimingWheel.Node>
        private var now: Int64 = 0

        init() {
            unsafe nodes = .allocate(capacity: waiting + 1)
            unsafe nodes.initialize(repeating: TimingWheel.Node(deadline: 0), count: waiting + 1)
        }

        deinit {
            for place in 0...waiting { unsafe wheel.remove(nodes + place) }
            unsafe nodes.deallocate()
        }

        var count: Int { wheel.count }

        func set(_ place: Int, in nanoseconds: Int64) {
            unsafe (nodes + place).pointee = TimingWheel.Node(deadline: now + nanoseconds)
            unsafe wheel.insert(nodes + place)
        }

        func takeBack(_ place: Int) { unsafe wheel.remove(nodes + place) }

        func turn(by nanoseconds: Int64) -> Int {
            now += nanoseconds
            var fired = 0
            _ = unsafe wheel.advance(to: now, budget: waiting) { _ in fired += 1 }
            return fired
        }
    }
}
