//! When the allocator is to give free memory back to the system. No I/O: who asks says what time it is.
//!
//! glibc keeps what was freed. That is fast as long as it is used again; near the limit it is memory that only looks used.
//! Trimming walks every arena with its lock held, which event loops then wait for: so not often, and not for little.
//!
//! What was trimmed is still free, and still counted as free by the allocator: only what was freed since then is new.

internal import Timing

struct AllocatorTrimming: Sendable {
    /// Between two trims, at least; milliseconds.
    static let intervalMillis: Int64 = 5_000
    /// Between two looks at the allocator, unless the level changes; milliseconds.
    static let lookIntervalMillis: Int64 = 10_000
    /// What of the limit must have become free since the last trim, while there is no pressure.
    static let freedPercent = 10

    private var lastTrim = MonotonicTime(nanoseconds: .min / 2)
    private var lastLook = MonotonicTime(nanoseconds: .min / 2)
    private var levelBefore = MemoryGovernor.Level.normal
    private var levelHasChanged = false
    /// What was free when it was trimmed, as far as it has not been used again.
    private var trimmedBytes = 0

    /// Whether the allocator's figures are worth their price now.
    mutating func isDue(_ level: MemoryGovernor.Level, at now: MonotonicTime) -> Bool {
        if level != levelBefore { levelHasChanged = true }
        levelBefore = level
        return (levelHasChanged || now >= lastLook.advanced(byMilliseconds: Self.lookIntervalMillis))
            && now >= lastTrim.advanced(byMilliseconds: Self.intervalMillis)
    }

    /// Told these figures: whether to trim. If so it is done now. At a change of level, and while writes are refused, all
    /// that can be had is wanted.
    mutating func decide(_ level: MemoryGovernor.Level, freeBytes: Int, limitBytes: Int, at now: MonotonicTime) -> Bool
    {
        lastLook = now
        trimmedBytes = min(trimmedBytes, freeBytes)
        let isMuch = freeBytes - trimmedBytes >= limitBytes / 100 * Self.freedPercent
        guard levelHasChanged || level == .refusing || isMuch else { return false }
        levelHasChanged = false
        lastTrim = now
        trimmedBytes = freeBytes
        return true
    }
}
