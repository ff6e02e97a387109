//! The committing thread: writes what was appended, again and again, when somebody waits for it or some time has passed.

internal import NeedletailThreads
internal import Synchronization
internal import Timing

/// The committing thread's loop.
final class LogThread: Sendable {
    private let log: WriteAheadLog
    private let report: @Sendable (UpkeepEvent) -> Void
    private let isStopped = Atomic<Bool>(false)

    /// - Parameter report: told when the log ceases to take writes, and when it does so again, on the thread of `run`.
    init(_ log: WriteAheadLog, report: @escaping @Sendable (UpkeepEvent) -> Void) {
        self.log = log
        self.report = report
    }

    /// Commits until `stop`.
    func run() {
        var told: LogRefusal?
        while !isStopped.load(ordering: .acquiring) {
            log.signal.wait(until: Clock.system.now().advanced(byMilliseconds: waitMillis))
            // Where the threads that append share this one's core, what they are about to append joins the group.
            Signal.yield()
            log.commit()
            let refusal = log.refusalOfWaiters
            switch (told, refusal) {
            // Full is full, whichever call has said so last.
            case (nil, nil), (.full?, .full?), (.failed?, _): continue
            case (_, let refusal?): report(.refuses(refusal))
            case (_, nil): report(.accepts)
            }
            told = refusal
        }
    }

    /// Ends `run` soon.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        log.signal.raise()
    }

    /// What nobody waits for is written after this time at the latest, so that the next sync can have it.
    private var waitMillis: Int64 {
        let configuration = log.configuration
        let usual = max(1, configuration.syncIntervalMillis / 4)
        if case .full? = log.currentRefusal { return min(usual, configuration.retryIntervalMillis) }
        return usual
    }
}
