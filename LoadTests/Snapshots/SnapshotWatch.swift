//! What is known of one window of measuring: whether snapshots ran, and how much memory the server took. It does no I/O:
//! whoever looks at the server tells it, and it says when to ask for the next snapshot.

struct SnapshotWatch: Sendable {
    /// What to do after a look.
    enum Action { case wait, askForSnapshot }

    /// Whether a snapshot is to run all the time; else none is asked for.
    let keepsOneRunning: Bool
    /// The most memory that was seen.
    private(set) var residentBytesMax = 0
    private(set) var looks = 0

    private var first: (nanoseconds: Int64, snapshots: Int) = (0, 0)
    private var last: (nanoseconds: Int64, snapshots: Int, isRunning: Bool) = (0, 0, false)
    private var runningNanoseconds: Int64 = 0

    init(keepsOneRunning: Bool) { self.keepsOneRunning = keepsOneRunning }

    mutating func note(residentBytes: Int) { residentBytesMax = max(residentBytesMax, residentBytes) }

    /// A look at the log's state.
    mutating func note(_ state: LogState, nanoseconds: Int64) -> Action {
        if looks == 0 {
            first = (nanoseconds, state.snapshots)
        } else if last.isRunning, state.snapshotRunning, state.snapshots == last.snapshots {
            // Of a stretch in which a snapshot ended nobody knows when. It counts as one without.
            runningNanoseconds += nanoseconds - last.nanoseconds
        }
        looks += 1
        let asks = keepsOneRunning && !state.snapshotRunning
        // What is asked for begins at once.
        last = (nanoseconds, state.snapshots, state.snapshotRunning || asks)
        return asks ? .askForSnapshot : .wait
    }

    /// Snapshots that ended between the first look and the last.
    var finished: Int { last.snapshots - first.snapshots }

    /// Whether one ran, or ended, at all.
    var hasSeenSnapshot: Bool { finished > 0 || runningNanoseconds > 0 }

    /// The share of the time between the first look and the last in which a snapshot ran for certain: 0 to 1.
    var runningShare: Double {
        let all = last.nanoseconds - first.nanoseconds
        return all > 0 ? Double(runningNanoseconds) / Double(all) : 0
    }
}
