//! A call over several servers gives its parts a little less time than it has itself, so that what came in time can be
//! answered in time: first the servers' time is over, which answer what they have (a client tells them less than it waits);
//! then the parts'; then the call's.

internal import NeedletailRPC

/// How long the parts of a call may take.
struct PartDeadline {
    /// What is kept back of a call's time: a twentieth, but not more than the most.
    private static let reserveDivisor = 20
    private static let reserveMax = Duration.milliseconds(10)

    /// How long an answer is waited for; nil where the call says nothing of time, and the clients' defaults hold.
    let timeout: Duration?

    /// - Parameter context: checked: its timeout is not below 0.
    init(_ context: RequestContext?, _ options: CallOptions) {
        let millis = [context?.timeoutMillis, options.metadata.timeoutMillis].compactMap { $0 }.filter { $0 > 0 }
        let budget = (millis.map { Duration.milliseconds($0) } + [options.timeout].compactMap { $0 }).min()
        timeout = budget.map { $0 - min($0 / Self.reserveDivisor, Self.reserveMax) }
    }

    func applied(to options: CallOptions) -> CallOptions {
        guard let timeout else { return options }
        var narrowed = options
        narrowed.timeout = timeout
        return narrowed
    }
}
