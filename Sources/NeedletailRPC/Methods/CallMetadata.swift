//! What travels with a call beside its arguments: who calls whom, how long it may take, and what is passed on from service
//! to service. THeader and TTHeader carry it before the message; without a header it travels in field 255 of the request,
//! where Kitex's services keep theirs.

/// What a call says about itself. On a client: of all its calls, or of one; on a server: of the call that is served.
public struct CallMetadata: Sendable, Hashable {
    /// The five-tuple: who calls, from which cluster; whom, in which cluster (the fifth is the method).
    public var fromService: String?
    public var fromCluster: String?
    public var toService: String?
    public var toCluster: String?
    /// One id for everything that happens for one request of a user.
    public var logID: String?
    /// How long the call may take from its arrival; nil or 0: the server's default.
    public var timeoutMillis: Int32?
    /// What each service passes on to those that it calls. The W3C's trace context is in it as `traceparent` and
    /// `tracestate`, whose header entries have these names.
    public var baggage: [String: String]
    /// What proves that the caller may call (TTHeader only).
    public var accessToken: String?

    public init(
        fromService: String? = nil, fromCluster: String? = nil, toService: String? = nil, toCluster: String? = nil,
        logID: String? = nil, timeoutMillis: Int32? = nil, baggage: [String: String] = [:], accessToken: String? = nil
    ) {
        self.fromService = fromService
        self.fromCluster = fromCluster
        self.toService = toService
        self.toCluster = toCluster
        self.logID = logID
        self.timeoutMillis = timeoutMillis
        self.baggage = baggage
        self.accessToken = accessToken
    }

    /// This, with what `other` says in its place where it says something.
    public func merging(_ other: CallMetadata) -> CallMetadata {
        CallMetadata(
            fromService: other.fromService ?? fromService, fromCluster: other.fromCluster ?? fromCluster,
            toService: other.toService ?? toService, toCluster: other.toCluster ?? toCluster,
            logID: other.logID ?? logID, timeoutMillis: other.timeoutMillis ?? timeoutMillis,
            baggage: other.baggage.isEmpty ? baggage : baggage.merging(other.baggage) { $1 },
            accessToken: other.accessToken ?? accessToken)
    }
}

/// A struct of an IDL that requests carry in their field 255: Kitex's `Base`, our `RequestContext`.
public protocol CallMetadataCarrier {
    init()

    /// Takes over what it has a field for, where that field says nothing yet.
    mutating func fill(from metadata: CallMetadata)
}

/// Has field 255 of a request say what `metadata` says: what generated arguments call. A struct that is no carrier is left
/// as it is.
public func carry<Context>(_ metadata: CallMetadata, in context: inout Context?) {}

/// Has field 255 of a request say what `metadata` says: what generated arguments call.
public func carry<Context: CallMetadataCarrier>(_ metadata: CallMetadata, in context: inout Context?) {
    if metadata == CallMetadata() { return }
    var filled = context ?? Context()
    filled.fill(from: metadata)
    context = filled
}

/// Where a call comes from, as far as its connection knows: its header, and the names that the client's certificate
/// proves. Made only for calls that have one or the other.
public final class CallOrigin: Sendable {
    /// The names in the client's certificate; empty where there is none.
    public let peerNames: [String]
    /// What the header says; empty where there is none.
    public let metadata: CallMetadata

    public init(peerNames: [String] = [], metadata: CallMetadata = CallMetadata()) {
        self.peerNames = peerNames
        self.metadata = metadata
    }
}
