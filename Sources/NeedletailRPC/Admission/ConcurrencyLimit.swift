//! How many calls of one method may be in flight, which is found by trying: as many as can be without their taking longer.
//!
//! Of windows of 100 ms the mean time of calls is compared to what it usually is, a mean of the last minute. Where calls
//! take as long as usual, or up to half as long again, the limit grows by its square root; where they take longer, it
//! shrinks in proportion, to a half at most. Both are smoothed. (The "gradient" of Netflix' concurrency-limits, second
//! version, 2018.) It only moves while at least half of it is used: fewer calls say nothing about more.
//!
//! What it finds is bounded on both sides. The lower bound matters most: clients in a closed loop make calls take longer by
//! being many, and would be shed for it; so many as that are always let in. Above it the limit keeps a log or a cluster that
//! has become slow from getting a queue that lasts for seconds.
//!
//! No I/O, no clock: who begins and ends calls says what time it is.
//!
//! While memory is short, the upper bound is lowered (`narrow`): each call in flight holds buffers.
//!
//! Always true: `limit` lies in `bounds`; `inFlight` is the number of calls that were begun and have not ended.

internal import Timing

struct ConcurrencyLimit {
    /// Where a limit begins, if its bounds allow it.
    private static let initial = 4_096
    private static let windowNanoseconds: Int64 = 100_000_000
    /// Fewer calls than this do not end a window.
    private static let windowCallsMin = 10
    /// How much longer than usual calls may take.
    private static let tolerance = 1.5
    private static let gradientMin = 0.5
    /// Of the new limit and the old one.
    private static let smoothing = 0.2
    /// Windows that what is usual is a mean of, about; at first it is that of the windows so far, up to the second number.
    private static let usualWindows = 600.0
    private static let firstWindows = 10.0

    let bounds: ClosedRange<Int>
    private(set) var limit: Int
    private(set) var inFlight = 0
    private var exactLimit: Double
    /// The upper bound now: below that of `bounds` while memory is short.
    private var most: Int
    /// The mean time of a call, nanoseconds; 0 before the first window's end.
    private var usual = 0.0
    /// What the last window's share in it was one of.
    private var windows = 0.0
    // The running window.
    private var windowEnd = MonotonicTime(nanoseconds: .min)
    private var calls = 0
    private var nanoseconds: Int64 = 0
    private var inFlightMost = 0

    init(bounds: ClosedRange<Int>) {
        self.bounds = bounds
        limit = min(max(Self.initial, bounds.lowerBound), bounds.upperBound)
        exactLimit = Double(limit)
        most = bounds.upperBound
    }

    /// Has the limit stay within this share of its bounds, from the lower one.
    mutating func narrow(toPercent percent: Int) {
        most = bounds.lowerBound + (bounds.upperBound - bounds.lowerBound) * percent / 100
        if limit > most { (limit, exactLimit) = (most, Double(most)) }
    }

    var isFull: Bool { inFlight >= limit }

    /// Half of the limit is for those who have no call in flight yet: who has some is made to wait for them from here on.
    var isCrowded: Bool { inFlight >= limit - limit / 2 }

    mutating func begin() {
        inFlight += 1
        inFlightMost = max(inFlightMost, inFlight)
    }

    /// Ends a call that was given up: how long it took says nothing.
    mutating func giveUp() { inFlight -= 1 }

    /// Ends a call that was answered, and took so long.
    mutating func end(nanoseconds duration: Int64, at now: MonotonicTime) {
        inFlight -= 1
        calls += 1
        nanoseconds += max(duration, 0)
        if now >= windowEnd, calls >= Self.windowCallsMin { endWindow(at: now) }
    }

    private mutating func endWindow(at now: MonotonicTime) {
        let recent = Double(nanoseconds) / Double(calls)
        windows = windows < Self.firstWindows ? windows + 1 : Self.usualWindows
        usual += (recent - usual) / windows
        if inFlightMost * 2 >= limit {
            let gradient = recent > 0 ? min(max(Self.tolerance * usual / recent, Self.gradientMin), 1) : 1
            let next = exactLimit * gradient + exactLimit.squareRoot()
            exactLimit += (next - exactLimit) * Self.smoothing
            exactLimit = min(max(exactLimit, Double(bounds.lowerBound)), Double(most))
            limit = Int(exactLimit)
        }
        (calls, nanoseconds, inFlightMost) = (0, 0, inFlight)
        windowEnd = MonotonicTime(nanoseconds: now.nanoseconds + Self.windowNanoseconds)
    }
}
