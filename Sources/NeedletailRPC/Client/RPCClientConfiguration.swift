/// How a client talks to its server, and within which bounds.
public struct RPCClientConfiguration: Sendable {
    /// How calls travel.
    public var wire: RPCWire
    /// What travels with all calls: the five-tuple, baggage, the access token.
    public var metadata: CallMetadata

    // Time.

    /// How long a call may take as a whole, where it does not say itself.
    public var callTimeout: Duration = .seconds(10)
    /// How long a connection may take to be there, name resolution and the TLS handshake included.
    public var connectTimeout: Duration = .seconds(1)
    /// How long a call may wait for the operating system to take its bytes. A connection on which nothing moved for so
    /// long, although there is something to send, is closed.
    public var writeTimeout: Duration = .seconds(5)
    /// How long a call may wait for its answer once it was sent; nil: as long as it may take as a whole.
    public var readTimeout: Duration?

    // Connections.

    /// The most connections; more than one are opened only where calls would wait for each other.
    public var connectionsMax = 2
    /// Connections beyond the first that were not used for so long are closed.
    public var idleTimeout: Duration = .seconds(60)
    /// A connection on which nothing came for so long is asked for a sign of life (a call of `ping`, whatever its answer).
    /// One that does not give it is closed if no call waits on it; else further calls avoid it, and it is closed after the
    /// same time again, or, where answers keep their order, when its calls have run out of time. A further connection is
    /// asked at once, and calls avoid it until it has answered.
    public var probeInterval: Duration = .seconds(30)
    /// How long no connection is tried after one could not be made, or ended before it answered anything; doubled with
    /// each failure, and shortened at random.
    public var backoff: Backoff = Backoff()

    // Bounds.

    /// The most calls of one method that wait for their answers; further ones fail at once.
    public var inFlightMax = 1_024
    /// The longest answer in bytes.
    public var answerSizeMax = 64 << 20

    /// What makes connections secure; nil: they are not.
    public var security: (any ClientSecurity)?
    /// What each call goes through, the first one first. Those that are classes, or hold one, as the budget of
    /// `RetryInterceptor` does, are shared by all clients that are made with this configuration.
    public var interceptors: [any ClientInterceptor]

    public init(
        wire: RPCWire = RPCWire(.messagePack), metadata: CallMetadata = CallMetadata(),
        security: (any ClientSecurity)? = nil, interceptors: [any ClientInterceptor] = [RetryInterceptor()]
    ) {
        self.wire = wire
        self.metadata = metadata
        self.security = security
        self.interceptors = interceptors
    }
}

/// How long to wait before the next attempt.
public struct Backoff: Sendable, Hashable {
    /// After the first failure.
    public var first: Duration
    /// After many.
    public var most: Duration

    public init(first: Duration = .milliseconds(50), most: Duration = .seconds(5)) {
        self.first = first
        self.most = most
    }

    /// What to wait after `failures` in a row: `first`, doubled with each further one, at most `most`, of which `jitter`
    /// leaves between a half and all, so that clients that failed together do not come back together.
    /// - Parameter jitter: from 0 to 1.
    func delay(after failures: Int, jitter: Double) -> Duration {
        let doubled = first * (1 << min(max(failures - 1, 0), 20))
        return min(doubled, most) * (0.5 + jitter / 2)
    }
}
