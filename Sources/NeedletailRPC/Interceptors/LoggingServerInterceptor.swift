public import Logging
public import Timing

/// Logs calls that were refused and calls that took long; of each kind at most one line a second, which then says how many
/// were left out.
public struct LoggingServerInterceptor: ServerInterceptor {
    /// From how many milliseconds on a call is slow, counted from its arrival to its answer.
    public let slowMillis: Int64
    private let refusals: RateLimitedLog
    private let slowCalls: RateLimitedLog

    public init(
        slowMillis: Int64 = 1_000, logger: Logger = Logger(label: "needletail.calls"), clock: Clock = .system
    ) {
        self.slowMillis = slowMillis
        refusals = RateLimitedLog(logger, clock: clock)
        slowCalls = RateLimitedLog(logger, clock: clock)
    }

    public func completed(_ call: CompletedCall) {
        if case .refused(let refusal) = call.outcome {
            refusals.warning("refused a call: \(refusal)", metadata: Self.metadata(call))
        } else if call.nanoseconds >= slowMillis * 1_000_000 {
            slowCalls.warning(
                "a call took \(call.nanoseconds / 1_000_000) ms",
                metadata: Self.metadata(call).merging(["outcome": "\(call.outcome)"]) { $1 })
        }
    }

    private static func metadata(_ call: CompletedCall) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["method": "\(call.name)", "protocol": "\(call.format.name)"]
        if let from = call.origin?.metadata.fromService { metadata["from"] = "\(from)" }
        if let logID = call.origin?.metadata.logID { metadata["logID"] = "\(logID)" }
        if let name = call.origin?.peerNames.first { metadata["peer"] = "\(name)" }
        return metadata
    }
}
