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
            fromService: Self.name(context.fromService), fromCluster: Self.name(context.fromCluster),
            toService: Self.name(context.toService), toCluster: Self.name(context.toCluster),
            logID: Self.name(context.logID), timeoutMillis: context.timeoutMillis)
    }

    /// As much of a text as is taken of one in a header: it lives as long as its call.
    private static func name(_ text: String?) -> String? {
        guard let text, text.utf8.count > nameBytesMax else { return text }
        return String(decoding: text.utf8.prefix(nameBytesMax), as: UTF8.self)
    }
}
