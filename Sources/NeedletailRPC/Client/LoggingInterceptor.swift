public import Logging
public import Timing

/// Logs calls that failed, and calls that took long: at most one line a second, which then says how many were left out.
public struct LoggingInterceptor: ClientInterceptor {
    private let log: RateLimitedLog
    private let slow: Duration?

    /// - Parameter slow: calls that take longer are logged as well; nil: none of them.
    public init(_ logger: Logger, slowerThan slow: Duration? = nil, clock: Clock = .system) {
        log = RateLimitedLog(logger, clock: clock)
        self.slow = slow
    }

    public func intercept<Method: RPCMethod>(
        _ call: OutgoingCall<Method>,
        next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        let start = call.clock.now()
        do throws(CallFailure<Method.Failure>) {
            let result = try await next(call)
            let time = Duration.nanoseconds(call.clock.now().nanoseconds(since: start))
            if let slow, time > slow { log.warning("a call took long", metadata: metadata(of: call, time)) }
            return result
        } catch {
            let time = Duration.nanoseconds(call.clock.now().nanoseconds(since: start))
            var metadata = metadata(of: call, time)
            metadata["error"] = "\(error)"
            if case .call(let error) = error { metadata["effect"] = "\(error.effect)" }
            log.warning("a call failed", metadata: metadata)
            throw error
        }
    }

    private func metadata<Method>(of call: OutgoingCall<Method>, _ time: Duration) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["method": "\(Method.name)", "duration": "\(time)"]
        if let logID = call.metadata.logID { metadata["logID"] = "\(logID)" }
        return metadata
    }
}
