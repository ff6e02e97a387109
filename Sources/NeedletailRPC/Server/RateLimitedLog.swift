public import Logging
internal import Synchronization
public import Timing

/// A log for what clients can cause: at most so many lines a second, one if nothing else is said; the next one says how many
/// were left out.
public final class RateLimitedLog: Sendable {
    private struct State {
        /// When the second began in which lines are counted; nil: there was no line yet.
        var start: MonotonicTime?
        var lines = 0
        var suppressed = 0
    }

    private static let intervalNanoseconds: Int64 = 1_000_000_000

    private let logger: Logger
    private let clock: Clock
    private let linesPerSecond: Int
    private let state = Mutex(State())

    /// - Parameter linesPerSecond: 0: none at all.
    public init(_ logger: Logger, clock: Clock, linesPerSecond: Int = 1) {
        self.logger = logger
        self.clock = clock
        self.linesPerSecond = linesPerSecond
    }

    /// Logs `message`, or counts it if there were lines enough within a second.
    public func warning(
        _ message: @autoclosure () -> Logger.Message, metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        guard linesPerSecond > 0 else { return }
        let now = clock.now()
        let suppressed = state.withLock { state -> Int? in
            if let start = state.start, now.nanoseconds(since: start) < Self.intervalNanoseconds {
                guard state.lines < linesPerSecond else {
                    state.suppressed += 1
                    return nil
                }
            } else {
                (state.start, state.lines) = (now, 0)
            }
            state.lines += 1
            defer { state.suppressed = 0 }
            return state.suppressed
        }
        guard let suppressed else { return }
        var metadata = metadata()
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        logger.warning(message(), metadata: metadata)
    }
}
