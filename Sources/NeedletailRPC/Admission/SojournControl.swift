//! How long calls wait for their turns: the least of a short interval, which tells a queue that stands from a burst.
//!
//! A burst makes some calls wait, and is gone when they have been served: in any interval there is a call that hardly
//! waited. A queue that stands makes all calls wait, and serving them does not end it. So the least wait of an interval is
//! what overload is told by (CoDel: Nichols and Jacobson, "Controlling Queue Delay", ACM Queue 2012). What to do about it
//! is not CoDel's to drop at a growing rate, which is meant for senders that slow down at a lost packet: in overload, every
//! call is shed that has waited for twice the target, and all others are served (Maurer, "Fail at Scale", ACM Queue 2015,
//! which Facebook's servers do). So what is served has waited for a bounded time, however much is offered.
//!
//! Their target is 5 ms, and theirs is one for all. Here calls bring budgets, and how long a call may wait depends on its own
//! (`CallPressure`): 7 ms for one of 20 ms, and for one that nobody set a deadline for `admission.target`. A client in a
//! closed loop makes a queue that stands, too, as long as it has connections; shedding its calls would win nothing.
//! The interval is 20 ms where theirs is 100: it is for how long a budget of 20 ms may be missed before that shows.
//!
//! No I/O, no clock: who observes says what time it is.

internal import Timing

struct SojournControl {
    private let intervalNanoseconds: Int64
    private var intervalEnd = MonotonicTime(nanoseconds: .min)
    /// The least wait that was observed in this interval, nanoseconds.
    private var least: Int64 = .max
    /// The least wait of the interval before, nanoseconds. 0 if nothing was observed then.
    private(set) var standing: Int64 = 0

    init(intervalNanoseconds: Int64) { self.intervalNanoseconds = intervalNanoseconds }

    /// Told at the beginning of a turn how long its first call has waited.
    @inline(__always)
    mutating func observe(_ wait: Int64, at now: MonotonicTime) {
        if now >= intervalEnd { begin(at: now) }
        if wait < least { least = wait }
    }

    @inline(never)
    private mutating func begin(at now: MonotonicTime) {
        // When nothing was served for so long, nothing is known: the queue was empty, or the process stood still.
        let isKnown = least != .max && now.nanoseconds < intervalEnd.nanoseconds + intervalNanoseconds
        standing = isKnown ? max(least, 0) : 0
        least = .max
        intervalEnd = MonotonicTime(nanoseconds: now.nanoseconds + intervalNanoseconds)
    }

    /// A call that has waited for so long misses all targets below this, nanoseconds: those that every call misses, as far
    /// as it has waited for twice as long.
    func missedTarget(_ wait: Int64) -> Int64 { min(standing, wait / 2) }
}
