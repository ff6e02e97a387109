//! What the service notes of each call, for slow calls: plain stores, where the call is checked anyway.

internal import NeedletailRPC
internal import StorageAPI

extension RequestChecks {
    /// A call of which there is nothing to say.
    func noteNothing() { notes.current = CallNote() }

    /// The beginning of a call.
    func note(_ context: RequestContext?) {
        noteNothing()
        if let context { notes.current.caller = CallMetadata(context) }
    }

    func noteKeys(_ count: Int) { notes.current.keys = count }

    func noteEnd(_ failure: ErrorCode?) { notes.current.status = ServiceCounters.status(failure) }
}

extension CallMetadata {
    fileprivate init(_ context: RequestContext) {
        self.init(
            fromService: context.fromService, fromCluster: context.fromCluster, toService: context.toService,
            toCluster: context.toCluster, logID: context.logID, timeoutMillis: context.timeoutMillis,
            baggage: context.baggage ?? [:])
    }
}
