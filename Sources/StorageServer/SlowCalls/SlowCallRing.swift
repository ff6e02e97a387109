//! The slow calls of one event loop, the latest of them. Written by that loop, which is slow then anyway; read by any.

internal import Synchronization
internal import Timing

/// A bounded ring of slow calls, as they are shown: of what a client says of itself only so much is kept.
final class SlowCallRing: Sendable {
    /// Older ones are forgotten.
    static let callsMax = 128

    /// A slow call, and when it ended.
    struct Entry: Sendable {
        let call: SlowReport.Call
        let end: MonotonicTime
    }

    private struct State {
        var entries: [Entry] = []
        /// Where the next one goes once the ring is full: the oldest.
        var next = 0
        var total = 0
    }

    private let state = Mutex(State())

    func add(_ call: SlowReport.Call, at end: MonotonicTime) {
        let entry = Entry(call: call, end: end)
        state.withLock { state in
            state.total += 1
            if state.entries.count < Self.callsMax {
                state.entries.append(entry)
            } else {
                state.entries[state.next] = entry
                state.next = (state.next + 1) % Self.callsMax
            }
        }
    }

    /// How many there were since the start.
    var total: Int { state.withLock { $0.total } }

    /// Those that are kept, in no order.
    var entries: [Entry] { state.withLock { $0.entries } }
}
