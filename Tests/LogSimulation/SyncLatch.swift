internal import NeedletailThreads
package import Timing

/// Holds a sync until a test lets it go on. For one storage and one syncing thread at a time.
package final class SyncLatch: Sendable {
    private let arrived = Signal()
    private let opened = Signal()

    package init() {}

    /// Returns once a sync is held.
    /// - Returns: false if there is none until the deadline.
    package func waitForSync(until deadline: MonotonicTime) -> Bool { arrived.wait(until: deadline) }

    /// Lets the sync that is held go on, or else the next one.
    package func open() { opened.raise() }

    /// A sync that nobody lets go on goes on by itself, so that no test hangs for ever.
    func hold() {
        arrived.raise()
        opened.wait(until: Clock.system.now().advanced(byMilliseconds: 60_000))
    }
}
