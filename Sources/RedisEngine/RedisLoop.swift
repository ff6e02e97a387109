//! What everything of the engine on one event loop shares: its clock, timers, figures, and the flush at the end of a
//! tick, so that the commands of one tick leave each connection in one message.

internal import NIOCore
internal import Timing

final class RedisLoop {
    let configuration: RedisEngineConfiguration
    let eventLoop: any EventLoop
    let timers: LoopTimers
    let connector: any NodeConnector
    let figures: RedisFigures
    /// Between 0 and 1.
    let jitter: () -> Double
    private let clock: Clock
    private(set) var now: MonotonicTime
    private var unflushed: [NodeLink] = []

    init(
        _ configuration: RedisEngineConfiguration, on eventLoop: any EventLoop, timers: LoopTimers, clock: Clock,
        connector: any NodeConnector, figures: RedisFigures, jitter: @escaping () -> Double = { .random(in: 0...1) }
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.timers = timers
        self.clock = clock
        self.connector = connector
        self.figures = figures
        self.jitter = jitter
        now = clock.now()
    }

    @discardableResult
    func readClock() -> MonotonicTime {
        now = clock.now()
        return now
    }

    /// Calls `body` after `delay`, on the loop.
    func schedule(after delay: Duration, _ body: @escaping () -> Void) -> LoopTimer {
        timers.schedule(at: clock.now().advanced(by: delay)) { [weak self] in
            self?.readClock()
            body()
        }
    }

    /// Has `link` flushed at the end of this tick.
    func needsFlush(_ link: NodeLink) {
        unflushed.append(link)
        guard unflushed.count == 1 else { return }
        eventLoop.assumeIsolated().execute { self.flush() }
    }

    private func flush() {
        readClock()
        let links = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for link in links { link.flush() }
    }
}
