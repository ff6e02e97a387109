//! Telling of calls that took long, and having notes at hand for calls that are answered late. Only a comparison is left of
//! it for a call that was answered at once, and soon.

internal import NIOCore
internal import Timing

extension RPCConnection {
    @inline(never)
    func tookLong(
        _ method: Int, _ format: RPCFormat, _ times: CallTimes, served: MonotonicTime, _ origin: CallOrigin?,
        requestBytes: Int, answerBytes: Int
    ) {
        guard let notes = loop.notes else { return }
        notes.tell(
            of: SlowCall(
                method: loop.methodNames[method], format: format, times: times, served: served, end: loop.now,
                requestBytes: requestBytes, answerBytes: answerBytes,
                peer: peer, origin: origin, note: notes.current))
    }

    /// Has the service's notes be those of a call that ends now, while `body` tells of it; then it is told of, if it took
    /// long. Another call may be being served meanwhile, whose notes come back.
    func withNotes(of call: inout LateCall, served: MonotonicTime, answerBytes: Int, _ body: () -> Void) {
        guard let notes = loop.notes else { return body() }
        swap(&notes.current, &call.note)
        body()
        if loop.now.nanoseconds(since: call.times.arrival) >= loop.slowNanosecondsMin {
            tookLong(
                call.method, call.format, call.times, served: served, call.origin, requestBytes: call.requestBytes,
                answerBytes: answerBytes)
        }
        swap(&notes.current, &call.note)
    }
}
