internal import NIOCore
internal import Timing

extension LoopTimers {
    /// Timers that `eventLoop` wakes up; without one nobody does.
    convenience init(on eventLoop: (any EventLoop)?, clock: Clock) {
        let timers = Timers()
        let isolated = eventLoop?.assumeIsolated()
        self.init(clock: clock) { nanoseconds in
            isolated?.scheduleTask(in: .nanoseconds(nanoseconds)) { timers.timers?.turn() }
        }
        timers.timers = self
    }

    /// Keeps wake-ups that are to come from keeping the timers.
    private final class Timers { weak var timers: LoopTimers? }
}
