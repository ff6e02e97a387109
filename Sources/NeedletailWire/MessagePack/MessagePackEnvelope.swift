/// The head of a MessagePack-RPC message: `[0, id, method, params]`, `[1, id, error, result]` or `[2, method, params]`,
/// up to where the params, or the error, begin.
public struct MessagePackEnvelope: ~Escapable {
    public enum Kind: Int64, Sendable, Hashable, BitwiseCopyable {
        case request = 0
        case response = 1
        case notification = 2
    }

    public let kind: Kind
    /// 0 for a notification.
    public let id: UInt32
    /// The method as sent, str or bin; empty for a response, and where it is neither.
    public let method: RawSpan

    @_lifetime(copy method)
    init(kind: Kind, id: UInt32, method: RawSpan) {
        self.kind = kind
        self.id = id
        self.method = method
    }
}

extension MessagePackReader {
    /// The message's head. Afterwards the params are next, or a response's error.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readEnvelope() throws(WireError) -> MessagePackEnvelope {
        let kind = try readKind()
        var id: UInt32 = 0
        if kind != .notification { id = try readID() }
        var length = 0
        if kind != .response {
            do throws(WireError) {
                length = try readStringHeader()
            } catch {
                guard case .typeMismatch = error else { throw error }
                try skipValue()
            }
        }
        guard length <= ThriftMessageHead.nameLengthLimit else { throw .badLength(length) }
        return MessagePackEnvelope(kind: kind, id: id, method: try cursor.readSpan(length))
    }

    /// The id of a response. Afterwards its error is next. Of any other message no more is read than what kind it is: a
    /// method may be a value of any length.
    @_lifetime(self: copy self)
    package mutating func readResponseID() throws(WireError) -> UInt32 {
        guard try readKind() == .response else { throw .badMessage("a MessagePack-RPC message that is no response") }
        return try readID()
    }

    /// What the message is, by its number and its elements.
    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func readKind() throws(WireError) -> MessagePackEnvelope.Kind {
        let count = try readArrayHeader()
        // Before anything is read that would lie behind a shorter array.
        guard count == 3 || count == 4 else {
            throw .badMessage("a MessagePack-RPC message with \(count) elements")
        }
        guard let kind = MessagePackEnvelope.Kind(rawValue: try readInt64()) else {
            throw .badMessage("an unknown kind of MessagePack-RPC message")
        }
        guard count == (kind == .notification ? 3 : 4) else {
            throw .badMessage("a MessagePack-RPC message with \(count) elements")
        }
        return kind
    }

    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func readID() throws(WireError) -> UInt32 {
        guard let id = UInt32(exactly: try readInt64()) else { throw .integerOverflow }
        return id
    }
}
