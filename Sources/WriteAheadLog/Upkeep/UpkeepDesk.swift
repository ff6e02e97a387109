//! What other threads have to do with the upkeep: they ask for snapshots, end it, and read what it did.

internal import NeedletailThreads
internal import Synchronization

/// What the upkeep of a log has done so far, and what there is on disk.
package struct UpkeepStatistics: Sendable, Hashable {
    package var snapshots = 0
    package var isTakingSnapshot = false
    /// How long the last snapshot took, and what it came to.
    package var lastSnapshotSeconds: Double?
    package var lastSnapshotBytes = 0
    /// Snapshots that were given up for an error.
    package var snapshotsFailed = 0
    /// Bytes that were read again, to see whether they hold.
    package var scrubbedBytes = 0
    package var scrubs = 0
    /// Places that did not hold when they were read again.
    package var damages = 0
    package var segments = 0
    /// Bytes of all segments, the current one included.
    package var segmentBytes = 0

    package init() {}
}

/// What a log's threads tell, for the server's own log.
package enum UpkeepEvent: Sendable, Hashable {
    /// The log takes no writes from now on: there is no space, or it failed.
    case refuses(LogRefusal)
    /// The log takes writes again.
    case accepts
    case tookSnapshot(lsn: Int64, entries: Int, bytes: Int, seconds: Double)
    case failedSnapshot(LogStorageError)
    /// A file that is not written any more did not hold when it was read again.
    case foundDamage(LogDamage)
    /// Something that can be tried again later did not work.
    case failed(LogStorageError)
}

/// Shared by the upkeep thread and others.
package final class UpkeepDesk: Sendable {
    private struct State {
        var statistics = UpkeepStatistics()
        var isSnapshotWanted = false
        var isStopped = false
    }

    /// Wakes the upkeep thread.
    let signal = Signal()
    private let state = Mutex(State())

    package init() {}

    package var statistics: UpkeepStatistics { state.withLock { $0.statistics } }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func note(_ change: (inout UpkeepStatistics) -> Void) { state.withLock { change(&$0.statistics) } }

    package func wantSnapshot() {
        state.withLock { $0.isSnapshotWanted = true }
        signal.raise()
    }

    /// Whether a snapshot was asked for since the last call.
    func takeWish() -> Bool {
        state.withLock { state in
            defer { state.isSnapshotWanted = false }
            return state.isSnapshotWanted
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        signal.raise()
    }
}
