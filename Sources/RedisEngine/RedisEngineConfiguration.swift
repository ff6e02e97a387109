/// Where a node of Redis or Valkey listens.
public struct RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// From `host:port`, `[address]:port` or `host` alone; nil if it is none of them.
    public init?(_ text: some StringProtocol, defaultPort: Int = 6_379) {
        let colon = text.lastIndex(of: ":")
        // Colons within brackets are an address's own.
        guard let colon, !text[colon...].contains("]") else {
            self.init(bracketed: String(text), port: defaultPort)
            return
        }
        guard let port = Int(text[text.index(after: colon)...]) else { return nil }
        self.init(bracketed: String(text[..<colon]), port: port)
    }

    private init?(bracketed host: String, port: Int) {
        let plain = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard !plain.isEmpty, (1...65_535).contains(port) else { return nil }
        self.init(host: plain, port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Which nodes reads go to.
public enum RedisReadSource: String, Sendable, Hashable, CaseIterable {
    /// The primary: what it has acknowledged is read.
    case primary
    /// A replica, which may be behind; the primary where none answers.
    case replica
    /// Any node of the shard.
    case any
}

/// What the engine talks to, and within which bounds.
public struct RedisEngineConfiguration: Sendable {
    /// Nodes that are asked for the cluster's topology, in this order; or one Redis without cluster mode.
    public var endpoints: [RedisEndpoint]
    /// For `AUTH`; nil: Redis' default user.
    public var user: String?
    /// For `AUTH`; nil: none is sent.
    public var password: String?
    /// What makes connections secure; nil: they are not.
    public var security: (any RedisTransportSecurity)?

    // Connections.

    /// Connections of each event loop to each node, besides one for writes that wait for replicas.
    public var connectionsPerNode = 1
    /// How long a connection may take to be there: name resolution, TLS handshake, `AUTH` and a first answer included.
    public var connectTimeout: Duration = .seconds(1)
    /// A connection on which nothing leaves for so long, although there is something to send, is replaced.
    public var writeTimeout: Duration = .seconds(2)
    /// A connection on which nothing comes for so long, although answers are missing, is replaced.
    public var readTimeout: Duration = .seconds(2)
    /// How long a node is not tried after it refused a connection; doubled with each refusal, and shortened at random.
    public var backoffFirst: Duration = .milliseconds(50)
    public var backoffMost: Duration = .seconds(2)

    // Durability.

    /// Replicas that have to have a write for `Durability.replicated`; 0: the level is not offered.
    public var replicas = 0
    /// How long such a write waits for them.
    public var replicationTimeout: Duration = .seconds(1)

    // Reads from replicas.

    public var readFrom: RedisReadSource = .primary
    /// The share of reads that may be sent to a second node when the first takes longer than its P95; 0: none. Only
    /// where replicas are read.
    public var hedgeShare = 0.05
    /// No second request before this, however fast a node mostly is.
    public var hedgeDelayMin: Duration = .milliseconds(1)

    // Topology.

    /// How often the cluster's topology is asked for without a reason.
    public var topologyInterval: Duration = .seconds(10)
    /// How long a node may take to tell it before another one is asked.
    public var topologyTimeout: Duration = .milliseconds(500)

    // Bounds.

    /// How often a command is sent that is refused for a reason that may pass (moved, loading, ...), the first time
    /// included.
    public var attemptsMax = 6
    /// Requests of a connection that were sent and are not answered; further ones wait.
    public var inFlightMax = 1_024
    /// Requests that wait for a connection; further ones fail at once.
    public var queuedRequestsMax = 16_384
    /// Bytes that wait for a connection, unless a single request has more.
    public var queuedBytesMax = 64 << 20
    /// The longest value that is read, in bytes. What one reply carries beyond it is read again, value by value.
    public var replyBytesMax = 64 << 20

    public init(endpoints: [RedisEndpoint]) { self.endpoints = endpoints }
}
