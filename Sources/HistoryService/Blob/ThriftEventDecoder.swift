package import NIOCore

/// Decodes the events of Thrift blobs in the place of the generated code's reader, so that the case study can put the
/// decoder beside it that it began with. A server that is started as `needletail` has none.
package protocol ThriftEventDecoder: Sendable {
    /// Hands `body` the events that lie in `bytes` whole, in their order, until it says that this is enough.
    /// - Parameter body: takes the moment and the data.
    /// - Returns: how many bytes those events have; behind them nothing, or the beginning of one.
    /// - Throws: `BlobError.badEvent`, or what `body` throws.
    func decode(
        _ bytes: ByteBuffer, _ body: (Int64, RawSpan) throws(BlobError) -> BlobReading
    ) throws(BlobError) -> Int
}

/// Whether a reading goes on.
package enum BlobReading {
    case goesOn
    case ends
}
