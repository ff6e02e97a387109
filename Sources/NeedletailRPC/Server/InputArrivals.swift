//! When the bytes of a connection's input came. Almost always that is one time for all of them; while a connection waits for
//! its turn more may come, and their calls are not as old as those before them.
//!
//! A class, so that a call where there is one time for all pays for a load of `hasLater`, as with `LateAnswers`.

internal import Timing

final class InputArrivals {
    /// Reads that are told apart; what comes with further ones counts as having come with the last of them.
    private static let laterMax = 64

    private struct Read {
        /// The place of its first byte among all bytes of the connection.
        let start: Int
        let arrival: MonotonicTime
        let unreadSince: MonotonicTime
    }

    /// When the next call's bytes were read.
    private(set) var arrival: MonotonicTime
    /// Since when they may have waited in the kernel to be read.
    private(set) var unreadSince: MonotonicTime
    private(set) var hasLater = false
    private var later: [Read] = []
    private var byteCount = 0

    init(_ now: MonotonicTime) {
        arrival = now
        unreadSince = now
    }

    /// Bytes came.
    /// - Parameter isBehindCalls: calls before them have not been served; if not, the call that was cut off ends here.
    func add(_ count: Int, at time: MonotonicTime, unreadSince since: MonotonicTime, isBehindCalls: Bool) {
        if !isBehindCalls {
            (arrival, unreadSince) = (time, since)
            if hasLater {
                hasLater = false
                later.removeAll(keepingCapacity: true)
            }
        } else if later.count < Self.laterMax {
            later.append(Read(start: byteCount, arrival: time, unreadSince: since))
            hasLater = true
        }
        byteCount += count
    }

    /// The next call to be served has its first byte so many bytes before the end of what came.
    func advance(bytesLeft: Int) {
        let next = byteCount - bytesLeft
        let passed = later.firstIndex { $0.start > next } ?? later.count
        guard passed > 0 else { return }
        (arrival, unreadSince) = (later[passed - 1].arrival, later[passed - 1].unreadSince)
        later.removeFirst(passed)
        hasLater = !later.isEmpty
    }
}
