//! A client's messages with a header before them: THeader's and TTHeader's.

internal import NIOCore
internal import NeedletailWire

/// What a frame with a header holds.
struct HeaderAnswer {
    /// The call's.
    let id: UInt32
    let format: RPCFormat
    /// The message, without header and transforms.
    let message: ByteBuffer
    /// The server takes no further calls on this connection.
    let announcesDraining: Bool

    /// - Parameters:
    ///   - frame: all that follows the length.
    ///   - sizeMax: bytes that the message may have once it is expanded.
    init(_ frame: ByteBuffer, _ framing: RPCFraming, sizeMax: Int) throws(WireError) {
        throw .badMessage("headers are not read yet")
    }
}

/// A message with the header that `metadata` makes before it, length and all.
/// - Parameter message: the Thrift message, with the same id.
func encodeHeader(_ wire: RPCWire, id: UInt32, _ metadata: CallMetadata, _ message: ByteBuffer) -> ByteBuffer {
    message
}
