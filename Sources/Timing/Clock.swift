//! The one door to time. Everything that asks what time it is asks a `Clock` that was handed to it, so that a test of a
//! deadline or an expiry moves time by hand and never sleeps.

internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Nanoseconds on a clock that never goes back (`CLOCK_MONOTONIC`). Differences mean something; the zero does not.
public struct MonotonicTime: Sendable, Hashable, Comparable, BitwiseCopyable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    /// The time `milliseconds` after this one, saturating at the end of time.
    @inlinable
    public func advanced(byMilliseconds milliseconds: Int64) -> Self {
        let (product, productOverflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(product)
        return Self(nanoseconds: productOverflow || sumOverflow ? .max : sum)
    }

    /// The time `duration` after this one, saturating at the end of time.
    public func advanced(by duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        let (product, productOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(product)
        let (total, totalOverflow) = sum.addingReportingOverflow(attoseconds / 1_000_000_000)
        if productOverflow || sumOverflow || totalOverflow { return Self(nanoseconds: seconds < 0 ? .min : .max) }
        return Self(nanoseconds: total)
    }

    /// Nanoseconds from `earlier` to this time; negative if `earlier` is later.
    @inlinable
    public func nanoseconds(since earlier: Self) -> Int64 { nanoseconds &- earlier.nanoseconds }
}

/// Milliseconds since 1970 (`CLOCK_REALTIME`). Expiry times are stored in it, because they outlive the process.
public struct WallTime: Sendable, Hashable, Comparable, BitwiseCopyable {
    public var milliseconds: Int64

    @inlinable
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.milliseconds < rhs.milliseconds }

    /// Further away than any expiry that can be asked for: "never".
    @inlinable
    public static var distantFuture: Self { Self(milliseconds: .max) }

    /// The time `milliseconds` after this one, saturating below `distantFuture`.
    @inlinable
    public func advanced(byMilliseconds milliseconds: Int64) -> Self {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Self(milliseconds: overflow ? .max - 1 : sum)
    }
}

/// A time that a test sets by hand. Both clocks move together.
public final class ManualTime: Sendable {
    private let monotonic: Atomic<Int64>
    private let wallOffset: Int64

    /// Starts at `wall` on the wall clock and at one second on the monotonic one.
    public init(wall: WallTime = WallTime(milliseconds: 1_700_000_000_000)) {
        monotonic = Atomic(1_000_000_000)
        wallOffset = wall.milliseconds - 1_000
    }

    /// Moves both clocks forward.
    public func advance(byMilliseconds milliseconds: Int64) {
        monotonic.wrappingAdd(milliseconds * 1_000_000, ordering: .relaxed)
    }

    fileprivate var nanoseconds: Int64 { monotonic.load(ordering: .relaxed) }
    fileprivate var wallMilliseconds: Int64 { wallOffset + nanoseconds / 1_000_000 }
}

/// Where a component gets its time from: the system's clocks, or a test's hand.
public struct Clock: Sendable {
    private let manual: ManualTime?

    /// The system's clocks. A reading costs some 25 ns (vDSO).
    public static let system = Clock(manual: nil)

    /// A clock that stands still until `time` is advanced.
    public static func manual(_ time: ManualTime) -> Clock { Clock(manual: time) }

    /// The time to measure and to set deadlines by.
    public func now() -> MonotonicTime {
        if let manual { return MonotonicTime(nanoseconds: manual.nanoseconds) }
        let time = Self.read(CLOCK_MONOTONIC)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// The time to set expiries by.
    public func wallNow() -> WallTime {
        if let manual { return WallTime(milliseconds: manual.wallMilliseconds) }
        // The coarse clock moves with the kernel's tick (1 to 4 ms) and costs a quarter of the fine one; expiries are in
        // milliseconds.
        let time = Self.read(CLOCK_REALTIME_COARSE)
        return WallTime(milliseconds: Int64(time.tv_sec) &* 1_000 &+ Int64(time.tv_nsec) / 1_000_000)
    }

    /// Nanoseconds since 1970, for showing to others when something happened; of a manual clock in milliseconds.
    public func wallNanosecondsNow() -> Int64 {
        if manual != nil { return wallNow().milliseconds * 1_000_000 }
        let time = Self.read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return time
    }
}
