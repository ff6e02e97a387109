//! A look ahead at the calls of a turn, so that the service can have their memory fetched while others are looked at.
//! Reads envelopes and no more than the service wants to see; whatever is wrong with a message is left to its turn.

internal import NIOCore
internal import NeedletailWire

extension RPCConnection {
    /// Looks at the first `callsMax` messages of `bytes`.
    func anticipate(_ bytes: borrowing ByteBuffer, callsMax: Int) {
        guard scan == nil else { return }
        switch framing {
        case .undecided: return
        case .unframed(let format): anticipate(bytes, callsMax, format, isFramed: false)
        case .framed(let format): anticipate(bytes, callsMax, format, isFramed: true)
        case .headed(let kind): anticipate(bytes, callsMax, kind)
        }
    }

    private func anticipate(_ bytes: borrowing ByteBuffer, _ callsMax: Int, _ format: RPCFormat, isFramed: Bool) {
        let budget = loop.limits.budget
        switch format {
        case .messagePack:
            var reader = MessagePackReader(bytes, budget: budget)
            walk(&reader, bytes, callsMax, isFramed: isFramed)
        case .thriftBinary:
            var reader = ThriftBinaryReader(bytes, budget: budget)
            walk(&reader, bytes, callsMax, isFramed: isFramed)
        case .thriftCompact:
            var reader = ThriftCompactReader(bytes, budget: budget)
            walk(&reader, bytes, callsMax, isFramed: isFramed)
        }
    }

    /// Goes from frame to frame. What is compressed is left to its turn, too.
    private func anticipate(_ bytes: borrowing ByteBuffer, _ callsMax: Int, _ kind: ThriftHeader.Kind) {
        var rest = copy bytes
        do throws(WireError) {
            for _ in 0..<callsMax {
                guard let frame = rest.readLengthPrefixedSlice(as: UInt32.self) else { return }
                var reader = ThriftHeaderReader(frame, kind)
                try reader.readStart()
                try reader.readEncoding(frameSize: frame.readableBytes)
                if reader.header.isCompressed { return }
                var message = frame
                message.moveReaderIndex(forwardBy: reader.payloadOffset)
                if reader.messageHasLength(frame, frameSize: frame.readableBytes) {
                    message.moveReaderIndex(forwardBy: MemoryLayout<UInt32>.size)
                }
                anticipate(message, 1, reader.header.encoding.format, isFramed: false)
            }
        } catch {
            // Not a header: its turn will tell.
        }
    }

    /// Goes from message to message, past the frames' lengths.
    @inline(__always)
    private func walk<Reader: AnticipatingReader & ~Copyable & ~Escapable>(
        _ reader: inout Reader, _ bytes: borrowing ByteBuffer, _ callsMax: Int, isFramed: Bool
    ) {
        do throws(WireError) {
            var next = 0
            for _ in 0..<callsMax {
                if isFramed {
                    // Whole frames only: what has come of a long one would be walked over again with each of its pieces.
                    guard let length = bytes.getInteger(at: bytes.readerIndex + next, as: UInt32.self),
                        Int(length) <= bytes.readableBytes - next - 4
                    else { return }
                    reader.restart(at: next + 4)
                    next += 4 + Int(length)
                }
                guard try reader.anticipate(by: loop.service) else { return }
            }
        } catch {
            // Cut off, or no call: its turn will tell.
        }
    }
}

/// A reader that shows the message at its place to a service.
private protocol AnticipatingReader: MessageReader, ~Copyable, ~Escapable {
    @_lifetime(self: copy self)
    mutating func anticipate(by service: any RPCService) throws(WireError) -> Bool
}

extension MessagePackReader: AnticipatingReader {
    @_lifetime(self: copy self)
    fileprivate mutating func anticipate(by service: any RPCService) throws(WireError) -> Bool {
        let envelope = try readEnvelope()
        if envelope.kind == .response { return false }
        return try service.anticipate(CallHead(envelope), &self)
    }
}

extension ThriftBinaryReader: AnticipatingReader {
    @_lifetime(self: copy self)
    fileprivate mutating func anticipate(by service: any RPCService) throws(WireError) -> Bool {
        let head = CallHead(try readHead())
        return try service.anticipate(head, &self)
    }
}

extension ThriftCompactReader: AnticipatingReader {
    @_lifetime(self: copy self)
    fileprivate mutating func anticipate(by service: any RPCService) throws(WireError) -> Bool {
        let head = CallHead(try readHead())
        return try service.anticipate(head, &self)
    }
}
