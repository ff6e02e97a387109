//! What an event loop does again and again for as long as the server runs, as a callback: a repeated task of the loop's
//! allocates each time.

internal import NIOCore

final class RepeatedCallback: NIOScheduledCallbackHandler, Sendable {
    private let interval: TimeAmount
    private let body: @Sendable () -> Bool

    /// - Parameter body: whether it is to be called again.
    private init(every interval: TimeAmount, _ body: @escaping @Sendable () -> Bool) {
        self.interval = interval
        self.body = body
    }

    /// Has `eventLoop` call `body`, for the first time after `interval`, until it returns false or the loop ends.
    static func start(on eventLoop: some EventLoop, every interval: TimeAmount, _ body: @escaping @Sendable () -> Bool)
    {
        RepeatedCallback(every: interval, body).schedule(on: eventLoop)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        if body() { schedule(on: eventLoop) }
    }

    private func schedule(on eventLoop: some EventLoop) {
        _ = try? eventLoop.scheduleCallback(in: interval, handler: self)
    }
}
