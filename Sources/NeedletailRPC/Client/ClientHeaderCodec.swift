//! A client's messages with a header before them: THeader's and TTHeader's.

public import NIOCore
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
        guard let kind = ThriftHeader.Kind(framing) else { throw .badMessage("this framing has no header") }
        var reader = ThriftHeaderReader(frame, kind)
        try reader.readStart()
        try reader.readEncoding(frameSize: frame.readableBytes)
        var announcesDraining = false
        while let entry = try reader.nextEntry() {
            if case .string(let key, let value) = entry, key.text == HeaderKey.draining {
                announcesDraining = value.text == HeaderKey.isDraining
            }
        }
        var message = frame
        message.moveReaderIndex(forwardBy: reader.payloadOffset)
        if reader.messageHasLength(frame, frameSize: frame.readableBytes) {
            message.moveReaderIndex(forwardBy: MemoryLayout<UInt32>.size)
        }
        if reader.header.isCompressed { message = try ZlibTransform().expand(message, sizeMax: sizeMax) }
        id = UInt32(bitPattern: reader.header.sequenceID)
        format = reader.header.encoding.format
        self.message = message
        self.announcesDraining = announcesDraining
    }
}

/// A message with the header that `metadata` makes before it, length and all.
/// - Parameter message: the Thrift message, with the same id.
@usableFromInline
func encodeHeader(_ wire: RPCWire, id: UInt32, _ metadata: CallMetadata, _ message: ByteBuffer) -> ByteBuffer {
    guard let kind = ThriftHeader.Kind(wire.framing), let encoding = ThriftHeader.Encoding(wire.format) else {
        preconditionFailure("only Thrift has headers")
    }
    let header = ThriftHeader(
        kind, sequenceID: Int32(bitPattern: id), flags: kind == .theader ? ThriftHeader.outOfOrderFlag : 0,
        encoding: encoding, isCompressed: wire.isCompressed)
    var bytes = ByteWriter(into: ByteBuffer())
    let mark = bytes.begin(header, metadata.headerInfo(kind, method: methodName(message, wire.format)))
    bytes.store(header.isCompressed ? ZlibTransform().compress(message) : message)
    bytes.end(mark)
    return bytes.finish()
}

/// The method's name in the head of a message that we wrote.
private func methodName(_ message: ByteBuffer, _ format: RPCFormat) -> String {
    if format == .thriftCompact {
        var reader = ThriftCompactReader(message)
        return (try? reader.readHead().name.text) ?? ""
    }
    var reader = ThriftBinaryReader(message)
    return (try? reader.readHead().name.text) ?? ""
}

extension ThriftHeader.Kind {
    /// Nil for a framing without a header.
    init?(_ framing: RPCFraming) {
        switch framing {
        case .unframed, .framed: return nil
        case .theader: self = .theader
        case .ttheader: self = .ttheader
        }
    }
}
