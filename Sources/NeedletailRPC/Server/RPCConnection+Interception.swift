//! Telling interceptors of calls. Only reached where there are some.

internal import NeedletailWire

extension RPCConnection {
    /// Shows a call to the interceptors. One that has not come whole is not shown: it is served again when it has.
    func intercept<Reader: MessageReader & ~Copyable & ~Escapable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ format: RPCFormat, _ arguments: Int,
        isFramed: Bool, _ extent: MessageExtent
    ) throws(CallRefusal) {
        if !isFramed, case .prefix = extent {
            let outcome = Self.end(of: &reader, arguments: arguments, isFramed: isFramed, extent)
            if case .truncated = outcome { throw .undecodable(.truncated) }
            reader.restart(at: arguments)
        }
        for interceptor in loop.interceptors { try interceptor.called(head, times, format) }
    }

    /// Tells that a call is over which reached its method.
    func tell(
        _ outcome: CompletedCall.Outcome, _ method: Int, _ format: RPCFormat, _ times: CallTimes,
        _ origin: CallOrigin?
    ) {
        tell(
            CompletedCall(
                method: method, name: loop.methodNames[method], format: format, times: times, end: loop.now,
                outcome: outcome, origin: origin))
    }

    /// Tells that a call is over whose answer was to come later.
    func tell(_ outcome: CompletedCall.Outcome, _ call: LateCall) {
        tell(outcome, call.method, call.format, call.times, call.origin)
    }

    /// Tells of a call that reached no method.
    func tell(_ refusal: CallRefusal, _ head: borrowing CallHead, _ format: RPCFormat, _ times: CallTimes) {
        tell(
            CompletedCall(
                method: nil, name: head.method.printable, format: format, times: times, end: loop.readClock(),
                outcome: .refused(refusal), origin: head.origin))
    }

    private func tell(_ call: CompletedCall) {
        for interceptor in loop.interceptors { interceptor.completed(call) }
    }
}
