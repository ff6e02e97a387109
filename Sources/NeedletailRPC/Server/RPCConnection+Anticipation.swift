//! A look ahead at the calls of a turn, so that the service can have their memory fetched while others are looked at; and at
//! the first of them alone, whether it may go before others. Reads envelopes and no more than the service wants to see;
//! whatever is wrong with a message is left to its turn.

internal import NIOCore
internal import NeedletailWire

/// What a message is looked at for.
private enum Look {
    /// To have the service fetch what it will need; and on to the next message, if it did.
    case ahead
    /// Whether it is urgent.
    case urgency
}

extension RPCConnection {
    /// Looks at the first `callsMax` messages of `bytes`.
    func anticipate(_ bytes: borrowing ByteBuffer, callsMax: Int) {
        guard scan == nil else { return }
        _ = look(.ahead, at: bytes, callsMax)
    }

    /// Whether the next call may go before those of other connections (`RPCService.isUrgent`), or there is none, only
    /// answers that are to leave. The first call of a connection may, whatever it is.
    var isUrgent: Bool {
        guard let input else { return true }
        if case .undecided = framing { return true }
        return scan == nil && look(.urgency, at: input, 1)
    }

    /// - Returns: false if there was a message at which the look ended.
    private func look(_ look: Look, at bytes: borrowing ByteBuffer, _ callsMax: Int) -> Bool {
        switch framing {
        case .undecided: false
        case .unframed(let format): self.look(look, at: bytes, callsMax, format, isFramed: false)
        case .framed(let format): self.look(look, at: bytes, callsMax, format, isFramed: true)
        case .headed(let kind): self.look(look, at: bytes, callsMax, kind)
        }
    }

    private func look(
        _ look: Look, at bytes: borrowing ByteBuffer, _ callsMax: Int, _ format: RPCFormat, isFramed: Bool
    ) -> Bool {
        let budget = loop.limits.budget
        switch format {
        case .messagePack:
            var reader = MessagePackReader(bytes, budget: budget)
            return walk(look, &reader, bytes, callsMax, isFramed: isFramed)
        case .thriftBinary:
            var reader = ThriftBinaryReader(bytes, budget: budget)
            return walk(look, &reader, bytes, callsMax, isFramed: isFramed)
        case .thriftCompact:
            var reader = ThriftCompactReader(bytes, budget: budget)
            return walk(look, &reader, bytes, callsMax, isFramed: isFramed)
        }
    }

    /// Goes from frame to frame. What is compressed is left to its turn, too.
    private func look(
        _ look: Look, at bytes: borrowing ByteBuffer, _ callsMax: Int, _ kind: ThriftHeader.Kind
    ) -> Bool {
        var rest = copy bytes
        do throws(WireError) {
            for _ in 0..<callsMax {
                guard let frame = rest.readLengthPrefixedSlice(as: UInt32.self) else { return false }
                var reader = ThriftHeaderReader(frame, kind)
                try reader.readStart()
                try reader.readEncoding(frameSize: frame.readableBytes)
                if reader.header.isCompressed { return false }
                var message = frame
                message.moveReaderIndex(forwardBy: reader.payloadOffset)
                if reader.messageHasLength(frame, frameSize: frame.readableBytes) {
                    message.moveReaderIndex(forwardBy: MemoryLayout<UInt32>.size)
                }
                let format = reader.header.encoding.format
                if !self.look(look, at: message, 1, format, isFramed: false), look == .urgency { return false }
            }
            return true
        } catch {
            // Not a header: its turn will tell.
            return false
        }
    }

    /// Goes from message to message, past the frames' lengths.
    @inline(__always)
    private func walk<Reader: LookingReader & ~Copyable & ~Escapable>(
        _ look: Look, _ reader: inout Reader, _ bytes: borrowing ByteBuffer, _ callsMax: Int, isFramed: Bool
    ) -> Bool {
        do throws(WireError) {
            var next = 0
            for _ in 0..<callsMax {
                if isFramed {
                    // Whole frames only: what has come of a long one would be walked over again with each of its pieces.
                    guard let length = bytes.getInteger(at: bytes.readerIndex + next, as: UInt32.self),
                        Int(length) <= bytes.readableBytes - next - 4
                    else { return false }
                    reader.restart(at: next + 4)
                    next += 4 + Int(length)
                }
                guard try reader.look(look, for: service) else { return false }
            }
            return true
        } catch {
            // Cut off, or no call: its turn will tell.
            return false
        }
    }
}

/// A reader that shows the message at its place to a service.
private protocol LookingReader: MessageReader, ~Copyable, ~Escapable {
    @_lifetime(self: copy self)
    mutating func look(_ look: Look, for service: any RPCService) throws(WireError) -> Bool
}

extension MessagePackReader: LookingReader {
    @_lifetime(self: copy self)
    fileprivate mutating func look(_ look: Look, for service: any RPCService) throws(WireError) -> Bool {
        let envelope = try readEnvelope()
        if envelope.kind == .response { return false }
        let head = CallHead(envelope)
        return look == .ahead ? try service.anticipate(head, &self) : service.isUrgent(head)
    }
}

extension ThriftBinaryReader: LookingReader {
    @_lifetime(self: copy self)
    fileprivate mutating func look(_ look: Look, for service: any RPCService) throws(WireError) -> Bool {
        let head = CallHead(try readHead())
        return look == .ahead ? try service.anticipate(head, &self) : service.isUrgent(head)
    }
}

extension ThriftCompactReader: LookingReader {
    @_lifetime(self: copy self)
    fileprivate mutating func look(_ look: Look, for service: any RPCService) throws(WireError) -> Bool {
        let head = CallHead(try readHead())
        return look == .ahead ? try service.anticipate(head, &self) : service.isUrgent(head)
    }
}
