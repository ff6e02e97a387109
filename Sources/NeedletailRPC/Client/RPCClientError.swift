public import NeedletailWire

/// Whether a call that failed has changed anything on the server.
public enum CallEffect: Sendable, Hashable {
    /// It has not, and will not.
    case notExecuted
    /// It has.
    case executed
    /// Nobody here can tell: it was sent, and no answer says.
    case unknown
}

/// Where a call was when its time was over.
public enum CallPhase: String, Sendable, Hashable {
    /// It waited for a connection.
    case connect
    /// It waited for the operating system to take its bytes.
    case write
    /// It waited for its answer.
    case read
}

/// Why a call has no answer that its method would give. `effect` says whether it may have been executed.
public enum RPCClientError: Error, Sendable, Hashable {
    /// There is no connection, and why.
    case notConnected(String)
    /// So many calls of this method wait for their answers already (`RPCClientConfiguration.inFlightMax`).
    case tooManyInFlight(method: String, limit: Int)
    /// Its time, or that of one phase, was over.
    case timedOut(CallPhase, CallEffect)
    /// The task that made it was cancelled.
    case cancelled(CallEffect)
    /// The connection ended before the answer came.
    case connectionClosed(CallEffect)
    /// The client was closed.
    case clientClosed
    /// The call did not reach its method. (MessagePack has one shape for this and for exceptions: where the fields of the
    /// only exception that a method declares fit, it comes as that exception.)
    case refused(ApplicationException)
    /// The answer's bytes are not what was expected.
    case undecodable(WireError)

    /// Whether the call may have been executed.
    public var effect: CallEffect {
        switch self {
        case .notConnected, .tooManyInFlight, .clientClosed: .notExecuted
        case .timedOut(_, let effect), .cancelled(let effect), .connectionClosed(let effect): effect
        case .refused(let exception):
            switch exception.kind {
            case .internalError, .missingResult, .unknown, nil: .unknown
            default: .notExecuted
            }
        case .undecodable: .unknown
        }
    }
}

extension RPCClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notConnected(let reason): "cannot connect: \(reason)"
        case .tooManyInFlight(let method, let limit): "\(limit) calls of \(method) wait for their answers already"
        case .timedOut(.connect, _): "no connection in time"
        case .timedOut(.write, _): "the call could not be sent in time"
        case .timedOut(.read, _): "no answer in time"
        case .cancelled: "the call was cancelled"
        case .connectionClosed: "the server closed the connection before it answered"
        case .clientClosed: "the client is closed"
        case .refused(let exception): "refused: \(exception.message)"
        case .undecodable(let error): "the answer cannot be read: \(error)"
        }
    }
}

/// Why a call failed: with an exception that its method declares, or before it could.
public enum CallFailure<Exception: Error & Sendable>: Error {
    /// As the method threw it.
    case exception(Exception)
    /// There is no answer of the method's.
    case call(RPCClientError)
}

extension CallFailure: Equatable where Exception: Equatable {}

extension CallFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exception(let exception): "\(exception)"
        case .call(let error): error.description
        }
    }
}
