public import NIOCore
internal import NeedletailWire
public import Timing

/// A call as interceptors see it.
public struct OutgoingCall<Method: RPCMethod>: Sendable {
    public var arguments: Method.Arguments
    /// What travels with it.
    public var metadata: CallMetadata
    /// When its time is over, by `clock`.
    public var deadline: MonotonicTime
    public let clock: Clock

    @inlinable
    init(arguments: Method.Arguments, metadata: CallMetadata, deadline: MonotonicTime, clock: Clock) {
        self.arguments = arguments
        self.metadata = metadata
        self.deadline = deadline
        self.clock = clock
    }

    /// What is left of its time; negative if nothing is.
    public var timeLeft: Duration { .nanoseconds(deadline.nanoseconds(since: clock.now())) }

    /// The call's bytes.
    @inlinable
    func encoded(_ wire: RPCWire, id: UInt32) -> ByteBuffer {
        var metadata = metadata
        // 0 says as little as nothing.
        let asked = metadata.timeoutMillis.flatMap { $0 == 0 ? nil : $0 } ?? .max
        metadata.timeoutMillis = min(asked, serverTimeoutMillis(deadline, clock))
        switch wire.framing {
        case .theader, .ttheader:
            return encodeCall(wire, id: id, Method.self, arguments, metadata: metadata)
        case .unframed, .framed:
            var arguments = arguments
            arguments.carry(metadata)
            return encodeCall(wire, id: id, Method.self, arguments)
        }
    }
}

/// What the server is told: somewhat less than is left when the call is encoded, so that what it answers at its deadline
/// arrives before ours, if the call did not have to wait for a connection.
@usableFromInline
func serverTimeoutMillis(_ deadline: MonotonicTime, _ clock: Clock) -> Int32 {
    let left = Int64(deadline.nanoseconds(since: clock.now()) / 1_000_000)
    let margin = min(max(left / TimeoutMargin.share, TimeoutMargin.millisMin), TimeoutMargin.millisMax)
    return Int32(clamping: max(left - margin, 1))
}

/// The margin is this part of what is left, within bounds.
private enum TimeoutMargin {
    static let share: Int64 = 16
    static let millisMin: Int64 = 1
    static let millisMax: Int64 = 20
}

/// Something that each call of a client goes through: it may look at the call and its answer, change the call, make it again
/// or not at all.
public protocol ClientInterceptor: Sendable {
    /// Makes the call through `next`, as the default does.
    func intercept<Method: RPCMethod>(
        _ call: OutgoingCall<Method>,
        next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
    ) async throws(CallFailure<Method.Failure>) -> Method.Result
}

extension ClientInterceptor {
    public func intercept<Method: RPCMethod>(
        _ call: OutgoingCall<Method>,
        next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
    ) async throws(CallFailure<Method.Failure>) -> Method.Result { try await next(call) }
}
