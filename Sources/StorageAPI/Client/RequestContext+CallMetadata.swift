public import NeedletailRPC

/// Field 255 of our requests carries what a header would, where there is no header.
extension RequestContext: CallMetadataCarrier {
    /// A context that says nothing.
    public init() { self.init(fromService: nil) }

    /// Takes over what the context does not say itself; the smaller of two timeouts counts. (An access token has no field
    /// here: it travels in a TTHeader only.)
    public mutating func fill(from metadata: CallMetadata) {
        fromService = fromService ?? metadata.fromService
        fromCluster = fromCluster ?? metadata.fromCluster
        toService = toService ?? metadata.toService
        toCluster = toCluster ?? metadata.toCluster
        logID = logID ?? metadata.logID
        timeoutMillis = Self.smaller(timeoutMillis, metadata.timeoutMillis)
        if !metadata.baggage.isEmpty { baggage = metadata.baggage.merging(baggage ?? [:]) { $1 } }
    }

    /// 0 means as little as nothing; what is below 0 is left for the server to refuse.
    private static func smaller(_ own: Int32?, _ other: Int32?) -> Int32? {
        guard let own, own != 0 else { return other ?? own }
        guard let other, other > 0 else { return own }
        return min(own, other)
    }
}
