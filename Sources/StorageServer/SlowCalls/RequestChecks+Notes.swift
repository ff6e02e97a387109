//! What the service notes of each call, for slow calls and traces: plain stores, where the call is checked anyway.

internal import NeedletailRPC
internal import StorageAPI

extension RequestChecks {
    /// The beginning of a call.
    func note(_ context: RequestContext?) {
        if let context { notes.current.caller = CallMetadata(context) }
    }

    func noteKeys(_ count: Int) { notes.current.keys = count }

    /// The end of a call: its span's, too.
    func noteEnd(_ failure: ErrorCode?, _ method: Int, _ format: RPCFormat) {
        notes.current.status = ServiceCounters.status(failure)
        guard let tracing, let span = notes.current.span else { return }
        notes.current.span = nil
        let note = notes.current
        tracing.end(span, note, method, format)
    }
}

extension CallMetadata {
    fileprivate init(_ context: RequestContext) {
        self.init(
            fromService: context.fromService, fromCluster: context.fromCluster, toService: context.toService,
            toCluster: context.toCluster, logID: context.logID, timeoutMillis: context.timeoutMillis)
    }
}
