//! A call over several servers gives its parts a little less time than it has itself, so that what came in time can be
//! answered in time: first the servers' time is over, which answer what they have; then the parts', which wait for those
//! answers; then the call's.

internal import NeedletailRPC

/// How long the parts of a call may take.
struct PartDeadline {
    /// What is kept back of a call's time: a tenth, but not more than the most.
    private static let reserveDivisor = 10
    private static let reserveMax = Duration.milliseconds(20)

    /// What the servers are told; nil where the call says nothing of time, and the clients' and the servers' defaults hold.
    let serverMillis: Int32?
    /// How long an answer is waited for.
    let timeout: Duration?

    /// - Parameter context: checked: its timeout is not below 0.
    init(_ context: RequestContext?, _ options: CallOptions) {
        let millis = [context?.timeoutMillis, options.metadata.timeoutMillis].compactMap { $0 }.filter { $0 > 0 }
        guard let budget = (millis.map { Duration.milliseconds($0) } + [options.timeout].compactMap { $0 }).min() else {
            serverMillis = nil
            timeout = nil
            return
        }
        let reserve = min(budget / Self.reserveDivisor, Self.reserveMax)
        serverMillis = Self.wholeMillis(budget - reserve)
        timeout = budget - reserve / 2
    }

    /// At least 1: 0 would be the server's default.
    private static func wholeMillis(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        let millis = Double(seconds) * 1_000 + Double(attoseconds / 1_000_000_000_000_000)
        return max(1, Int32(clamping: Int64(min(millis, Double(Int32.max)))))
    }

    /// The context that a part's request carries.
    func applied(to context: RequestContext?) -> RequestContext? {
        guard let serverMillis else { return context }
        var narrowed = context ?? RequestContext()
        narrowed.timeoutMillis = serverMillis
        return narrowed
    }

    /// The options that a part is called with.
    func applied(to options: CallOptions) -> CallOptions {
        guard let serverMillis else { return options }
        var narrowed = options
        narrowed.timeout = timeout
        narrowed.metadata.timeoutMillis = serverMillis
        return narrowed
    }
}
