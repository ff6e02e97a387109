//! What a log needs and nobody waits for: syncing what has been unsynced for long.
//!
//! No thread of its own: `turn` does one small step and says when it wants to be called next. `LogThreads` calls it; so do
//! tests, with time in their hands.

internal import NeedletailThreads
internal import Timing

struct LogUpkeep<Source: SnapshotSource> {
    private let log: WriteAheadLog
    private let directory: LogDirectory
    private let desk: UpkeepDesk
    private let makeSource: () -> Source
    private let report: (UpkeepEvent) -> Void
    private var nextSync: MonotonicTime

    init(
        _ log: WriteAheadLog, _ directory: LogDirectory, after recovered: RecoveredLog, _ desk: UpkeepDesk,
        source: @escaping () -> Source, report: @escaping (UpkeepEvent) -> Void
    ) {
        self.log = log
        self.directory = directory
        self.desk = desk
        makeSource = source
        self.report = report
        nextSync = MonotonicTime(nanoseconds: .min)
    }

    /// Does what is due, a little of it.
    /// - Returns: when to call again.
    mutating func turn(_ now: MonotonicTime) -> MonotonicTime {
        if now >= nextSync {
            log.syncInBackground()
            nextSync = now.advanced(byMilliseconds: max(1, log.configuration.syncIntervalMillis / 2))
        }
        return nextSync
    }
}
