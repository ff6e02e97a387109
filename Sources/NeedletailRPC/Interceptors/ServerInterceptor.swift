public import Timing

/// Looks at all calls of a server, from outside its service: to log, to count, to refuse.
///
/// Called on the event loop of the call's connection, where it may not block; one interceptor serves all loops. Calls are
/// shown to the server's interceptors in their order, until one refuses; what became of a call is told to all of them.
public protocol ServerInterceptor: Sendable {
    /// Told of a call before it reaches its method: its envelope and its header, not its arguments. A call whose method does
    /// not exist is refused by the service, after this.
    /// - Throws: `CallRefusal.denied`, or another reason: the call is answered so, and reaches no method.
    func called(_ head: borrowing CallHead, _ times: CallTimes, _ format: RPCFormat) throws(CallRefusal)

    /// Told what became of a call, once it was answered, or refused by anybody, or cancelled. What is refused for its size,
    /// its header or its lack of TLS was not shown before. What is no call at all is not told of.
    func completed(_ call: CompletedCall)
}

extension ServerInterceptor {
    public func called(_ head: borrowing CallHead, _ times: CallTimes, _ format: RPCFormat) throws(CallRefusal) {}

    public func completed(_ call: CompletedCall) {}
}

/// A call that is over, for those that look on.
public struct CompletedCall: Sendable {
    /// How it ended.
    public enum Outcome: Sendable, Hashable {
        /// Its method gave an answer, be it an exception that it declares; or, where the client wants none, has ended.
        case answered
        /// It reached no method.
        case refused(CallRefusal)
        /// The client cancelled it, or was gone, before there was an answer.
        case cancelled
    }

    /// The method's number, its place in `RPCService.methodNames`; nil if the call was refused.
    public let method: Int?
    /// The method's name; of a refused call as the client sent it, at most 64 bytes of it.
    public let name: String
    public let format: RPCFormat
    public let times: CallTimes
    /// When it was answered, but for sending the bytes.
    public let end: MonotonicTime
    public let outcome: Outcome
    /// Where it came from, if its connection or its header says.
    public let origin: CallOrigin?

    public init(
        method: Int?, name: String, format: RPCFormat, times: CallTimes, end: MonotonicTime, outcome: Outcome,
        origin: CallOrigin? = nil
    ) {
        self.method = method
        self.name = name
        self.format = format
        self.times = times
        self.end = end
        self.outcome = outcome
        self.origin = origin
    }

    /// From its arrival to its end.
    public var nanoseconds: Int64 { end.nanoseconds(since: times.arrival) }
}
