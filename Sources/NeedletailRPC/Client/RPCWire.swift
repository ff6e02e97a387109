/// Where a server is.
public enum RPCTarget: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unixSocket(String)

    public var description: String {
        switch self {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}

/// What stands before each message of a connection.
public enum RPCFraming: Sendable, Hashable {
    /// Nothing.
    case unframed
    /// Its length.
    case framed
    /// Its length and Facebook's header.
    case theader
    /// Its length and ByteDance's header.
    case ttheader
}

/// How calls travel.
public struct RPCWire: Sendable, Hashable {
    public let format: RPCFormat
    public let framing: RPCFraming
    /// Messages are compressed (THeader only).
    public let isCompressed: Bool

    /// MessagePack-RPC has no framing, whatever is asked for.
    public init(_ format: RPCFormat, _ framing: RPCFraming = .unframed, isCompressed: Bool = false) {
        self.format = format
        self.framing = format == .messagePack ? .unframed : framing
        self.isCompressed = isCompressed && self.framing == .theader
    }

    /// Whether a server's answers keep the order of the calls.
    var isOrdered: Bool {
        switch framing {
        case .unframed, .framed: format != .messagePack
        case .theader, .ttheader: false
        }
    }
}
