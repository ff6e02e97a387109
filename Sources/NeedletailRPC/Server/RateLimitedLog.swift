public import Logging
internal import Synchronization
public import Timing

/// A log for what clients can cause: at most one line a second, which then says how many were left out.
public final class RateLimitedLog: Sendable {
    private struct State {
        var lastLine: MonotonicTime?
        var suppressed = 0
    }

    private static let intervalNanoseconds: Int64 = 1_000_000_000

    private let logger: Logger
    private let clock: Clock
    private let state = Mutex(State())

    public init(_ logger: Logger, clock: Clock) {
        self.logger = logger
        self.clock = clock
    }

    /// Logs `message`, or counts it if there was a line less than a second ago.
    public func warning(
        _ message: @autoclosure () -> Logger.Message, metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        let now = clock.now()
        let suppressed = state.withLock { state -> Int? in
            if let last = state.lastLine, now.nanoseconds(since: last) < Self.intervalNanoseconds {
                state.suppressed += 1
                return nil
            }
            state.lastLine = now
            defer { state.suppressed = 0 }
            return state.suppressed
        }
        guard let suppressed else { return }
        var metadata = metadata()
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        logger.warning(message(), metadata: metadata)
    }
}
