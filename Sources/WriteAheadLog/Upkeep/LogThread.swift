//! The committing thread: writes what was appended, again and again, when somebody waits for it or some time has passed.

internal import NeedletailThreads
internal import Synchronization
internal import Timing

/// The committing thread's loop.
final class LogThread: Sendable {
    private let log: WriteAheadLog
    private let isStopped = Atomic<Bool>(false)

    init(_ log: WriteAheadLog) { self.log = log }

    /// Commits until `stop`.
    func run() {
        while !isStopped.load(ordering: .acquiring) {
            log.signal.wait(until: Clock.system.now().advanced(byMilliseconds: waitMillis))
            log.commit()
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
