internal import NIOCore

/// A reply as Redis' protocol (RESP2) carries it. Bytes are slices of what was received.
enum RESPValue: Hashable, Sendable {
    /// A short text, such as `OK`.
    case status(ByteBuffer)
    case error(RESPErrorReply)
    case integer(Int64)
    case bulk(ByteBuffer)
    /// A bulk string with which the reply would be larger than may be; its bytes were passed over.
    case tooLarge
    /// A missing bulk string or array.
    case null
    case array([RESPValue])
}

/// A reply that says why a command was refused.
struct RESPErrorReply: Hashable, Sendable {
    let text: String

    /// The first word, such as `MOVED`.
    var code: Substring { text.prefix { $0 != " " } }
}

extension RESPValue {
    /// Whether this is the status `OK`.
    var isOK: Bool {
        guard case .status(let text) = self else { return false }
        return text.readableBytesView.elementsEqual("OK".utf8)
    }

    var error: RESPErrorReply? {
        if case .error(let error) = self { error } else { nil }
    }

    var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    var bulk: ByteBuffer? {
        if case .bulk(let bytes) = self { bytes } else { nil }
    }

    var array: [RESPValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    var isTooLarge: Bool {
        if case .tooLarge = self { true } else { false }
    }

    /// The text of a status or a bulk string.
    var text: String? {
        switch self {
        case .status(let bytes), .bulk(let bytes): String(buffer: bytes)
        case .error, .integer, .tooLarge, .null, .array: nil
        }
    }
}

/// Bytes that are no reply, or one with more elements than may be. The connection that brought them is of no more use.
enum RESPError: Error, Hashable {
    /// The first byte of a reply is none that the protocol knows.
    case unknownType(UInt8)
    case malformedLength
    case malformedInteger
    /// A line or a bulk string does not end as it must.
    case missingLineEnd
    case lineTooLong(limit: Int)
    case replyTooLarge(limit: Int)
    case tooDeep(limit: Int)
}
