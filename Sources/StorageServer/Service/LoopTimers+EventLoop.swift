internal import NIOCore
internal import Timing

extension LoopTimers {
    /// Timers that `eventLoop` wakes up; without one nobody does.
    convenience init(on eventLoop: (any EventLoop)?, clock: Clock) {
        let eventLoop = eventLoop?.assumeIsolated()
        self.init(clock: clock) { nanoseconds, turn in
            eventLoop?.scheduleTask(in: .nanoseconds(nanoseconds), turn)
        }
    }
}
