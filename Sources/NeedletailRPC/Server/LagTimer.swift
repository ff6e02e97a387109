//! Has an event loop note how late it runs what it was asked to run, as a callback: a task of the loop's allocates each
//! time, and this one runs for as long as the server does.

internal import NIOCore
internal import NeedletailTelemetry
internal import Timing

final class LagTimer: NIOScheduledCallbackHandler, Sendable {
    private static let interval = TimeAmount.milliseconds(LoopLag.intervalMillis)

    private let lag: LoopLag
    private let clock: Clock
    /// Whether there is still something to measure it for.
    private let isNeeded: @Sendable () -> Bool

    init(_ lag: LoopLag, clock: Clock, while isNeeded: @escaping @Sendable () -> Bool) {
        self.lag = lag
        self.clock = clock
        self.isNeeded = isNeeded
    }

    func start(on eventLoop: some EventLoop) {
        lag.begin(at: clock.now())
        schedule(on: eventLoop)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        guard isNeeded() else { return }
        lag.note(at: clock.now())
        schedule(on: eventLoop)
    }

    private func schedule(on eventLoop: some EventLoop) {
        _ = try? eventLoop.scheduleCallback(in: Self.interval, handler: self)
    }
}
