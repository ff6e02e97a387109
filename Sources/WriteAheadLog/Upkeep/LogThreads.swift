//! The two threads of a log that is written: one commits, the other does the upkeep, with a lower priority.

internal import NeedletailThreads
internal import Synchronization
internal import Timing

/// A log's threads, from their start to `stop`.
package final class LogThreads: Sendable {
    private let log: WriteAheadLog
    private let committing: LogThread
    private let desk = UpkeepDesk()
    private let threads: Mutex<[DedicatedThread]>

    /// Starts them.
    /// - Parameters:
    ///   - source: makes what a snapshot is taken of, once for each, on the upkeep thread.
    ///   - report: told what the threads do, on either of them.
    package init(
        _ log: WriteAheadLog, _ directory: LogDirectory, after recovered: RecoveredLog,
        source: @escaping @Sendable () -> some SnapshotSource,
        report: @escaping @Sendable (UpkeepEvent) -> Void = { _ in }
    ) {
        self.log = log
        committing = LogThread(log, report: report)
        let (committing, desk) = (committing, desk)
        threads = Mutex([
            DedicatedThread("log-commit") { committing.run() },
            DedicatedThread("log-upkeep", priority: .low) {
                var upkeep = LogUpkeep(log, directory, after: recovered, desk, source: source, report: report)
                while !desk.isStopped { desk.signal.wait(until: upkeep.turn(Clock.system.now())) }
                upkeep.abandon()
            },
        ])
    }

    /// Has a snapshot taken soon.
    package func requestSnapshot() { desk.wantSnapshot() }

    package var statistics: UpkeepStatistics { desk.statistics }

    /// Ends both threads, and closes the log: everything is written and synced, if that can be. Called once, when nobody
    /// appends any more.
    /// - Returns: why not everything is on disk; nil if it is.
    package func stop() -> LogRefusal? {
        committing.stop()
        desk.stop()
        for thread in threads.withLock({ $0 }) { thread.join() }
        return log.close()
    }
}
