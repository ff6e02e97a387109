//! How late an event loop runs what it was asked to run: a task that is due every 100 ms notes it. Written by that loop
//! alone, read from any thread. A loop that is stuck shows at once: its task is overdue.

public import Timing

/// The greatest lateness of one event loop in the last seconds.
public final class LoopLag: Sendable {
    /// How often the loop notes its lateness, milliseconds.
    public static var intervalMillis: Int64 { 100 }
    /// How long the greatest one is shown, seconds.
    public static var windowSeconds: Int64 { 10 }

    /// A cell for each second of the window, with the greatest lateness in it; then the second of the last note, and when
    /// the next is due. Times in nanoseconds.
    private let cells = CounterBlock(count: Int(windowSeconds) + 2)
    private var secondCell: Int { Int(Self.windowSeconds) }
    private var dueCell: Int { Int(Self.windowSeconds) + 1 }

    public init() { cells.set(dueCell, to: UInt64(Int64.max)) }

    /// Begins the first interval. Only the loop calls this.
    public func begin(at now: MonotonicTime) {
        cells.set(secondCell, to: Self.second(now))
        expectNext(after: now)
    }

    /// Notes that the loop ran its task, and that the next is due an interval later. Only the loop calls this.
    public func note(at now: MonotonicTime) {
        let lateness = UInt64(max(now.nanoseconds(since: due), 0))
        let second = Self.second(now)
        let last = cells[secondCell]
        // The seconds without a note, which saw nothing, are forgotten together with those of a window ago.
        if second > last {
            for passed in 1...min(second - last, UInt64(Self.windowSeconds)) { cells.set(cell(last + passed), to: 0) }
            cells.set(secondCell, to: second)
        }
        cells.set(cell(second), to: max(cells[cell(second)], lateness))
        expectNext(after: now)
    }

    /// The greatest lateness of the last seconds, or of the task that is overdue, nanoseconds.
    public func nanoseconds(at now: MonotonicTime) -> Int64 {
        let overdue = max(now.nanoseconds(since: due), 0)
        return (0..<Int(Self.windowSeconds)).reduce(overdue) { max($0, Int64(clamping: cells[$1])) }
    }

    private var due: MonotonicTime { MonotonicTime(nanoseconds: Int64(truncatingIfNeeded: cells[dueCell])) }

    private func expectNext(after now: MonotonicTime) {
        let due = now.advanced(byMilliseconds: Self.intervalMillis)
        cells.set(dueCell, to: UInt64(truncatingIfNeeded: due.nanoseconds))
    }

    private func cell(_ second: UInt64) -> Int { Int(second % UInt64(Self.windowSeconds)) }

    private static func second(_ time: MonotonicTime) -> UInt64 { UInt64(max(time.nanoseconds, 0)) / 1_000_000_000 }
}
