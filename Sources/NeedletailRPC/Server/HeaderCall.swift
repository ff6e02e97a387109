//! What a connection takes from the header before a call.

internal import NIOCore
internal import NeedletailWire

/// The header of one call, as far as it could be read.
struct HeaderCall {
    /// What the answer's header repeats.
    private(set) var header: ThriftHeader
    private(set) var metadata = CallMetadata()
    /// Whether there is a sequence id, and so a call that can be answered.
    private(set) var isAnswerable = false
    /// Where the message begins in the frame, the length of its own not included.
    private(set) var payloadOffset = 0

    init(_ kind: ThriftHeader.Kind) { header = ThriftHeader(kind) }

    /// - Parameter frameSize: bytes of the whole frame, of which `frame` may be the beginning.
    mutating func read(_ frame: borrowing ByteBuffer, frameSize: Int) throws(WireError) {
        var reader = ThriftHeaderReader(frame, header.kind)
        do throws(WireError) {
            try reader.readStart()
            isAnswerable = true
            try reader.readEncoding(frameSize: frameSize)
            var baggageRoom = CallMetadata.baggageBytesMax
            while let entry = try reader.nextEntry() {
                try metadata.take(entry, header.kind, baggageRoom: &baggageRoom)
            }
        } catch {
            header = reader.header.answered
            throw error
        }
        header = reader.header.answered
        payloadOffset = reader.payloadOffset
        if reader.messageHasLength(frame, frameSize: frameSize) {
            header.isFramedInside = true
            payloadOffset += MemoryLayout<UInt32>.size
        }
    }

    /// Where the call comes from.
    /// - Parameter connection: what all calls of the connection have in common.
    func origin(_ connection: CallOrigin?) -> CallOrigin? {
        if metadata == CallMetadata() { return connection }
        return CallOrigin(peerNames: connection?.peerNames ?? [], metadata: metadata)
    }
}

extension ThriftHeader {
    /// Whether the answers to calls with this header leave in the order of the calls.
    var isOrdered: Bool { kind == .theader && flags & Self.outOfOrderFlag == 0 }

    /// With the flags of an answer.
    fileprivate var answered: ThriftHeader {
        var header = self
        header.flags &= kind == .theader ? Self.outOfOrderFlag : 0
        return header
    }
}

extension ThriftHeader.Encoding {
    var format: RPCFormat {
        switch self {
        case .binary: .thriftBinary
        case .compact: .thriftCompact
        }
    }

    /// Nil for a format that does not travel behind headers.
    init?(_ format: RPCFormat) {
        switch format {
        case .messagePack: return nil
        case .thriftBinary: self = .binary
        case .thriftCompact: self = .compact
        }
    }
}
