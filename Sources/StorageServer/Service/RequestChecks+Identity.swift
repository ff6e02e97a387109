//! Who may call as whom: where a client's certificate proves names, a call that says which service it comes from must
//! name one of them. A call that says nothing, or says it with no letters, is served, and so is one of a
//! connection without a certificate.

internal import NeedletailRPC
internal import NeedletailTelemetry
internal import StorageAPI

extension RequestChecks {
    /// Checks what a call says of its caller, in its request and in its header, against its connection's certificate.
    func checkCaller(_ context: RequestContext?, _ origin: CallOrigin) throws(StorageError) {
        if origin.peerNames.isEmpty { return }
        for claim in [context?.fromService, origin.metadata.fromService] {
            // Byte by byte: two spellings of one text are two names.
            if let claim, !claim.isEmpty, !origin.peerNames.contains(where: { $0.utf8.elementsEqual(claim.utf8) }) {
                throw StorageError(
                    code: .permissionDenied,
                    message: "the caller's certificate does not name the service '\(claim.singleLine)'",
                    effect: .notExecuted)
            }
        }
    }
}

extension RequestChecks {
    /// Notes where a call says that it comes from, for the figures of callers; the request goes before the header.
    func noteCaller(_ context: RequestContext?, _ origin: CallOrigin?) {
        guard let callers else { return }
        let header = origin?.metadata
        let (fromService, fromCluster) = (
            context?.fromService ?? header?.fromService, context?.fromCluster ?? header?.fromCluster
        )
        let (toService, toCluster) = (context?.toService ?? header?.toService, context?.toCluster ?? header?.toCluster)
        if fromService == nil, fromCluster == nil, toService == nil, toCluster == nil { return }
        callers.note(
            fromService: fromService, fromCluster: fromCluster, toService: toService, toCluster: toCluster)
    }
}
