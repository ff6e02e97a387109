public import NeedletailWire

/// Bounds of a connection, and of an event loop's connections together. Each is a configuration key.
public struct RPCLimits: Sendable {
    /// `limits.maxFrameSize`: the longest message in bytes.
    public var frameSizeMax: Int
    /// `limits.maxDepth`, `limits.maxKeysPerRequest`: what a reader takes.
    public var budget: WireBudget
    /// `limits.maxHeldBytes`: what an event loop holds for its clients, messages that came in part and answers that were
    /// not read. Above it the connection that has made no progress for the longest time is closed.
    public var heldBytesMax: Int
    /// `rpc.maxConnections`.
    public var connectionsMax: Int
    /// `rpc.writeBufferHighWatermark`: unsent bytes of one connection above which it is no longer read from. So many bytes
    /// of finished answers may wait for an earlier one that is late, too.
    public var unsentBytesHigh: Int
    /// `rpc.writeBufferLowWatermark`: unsent bytes at which reading goes on.
    public var unsentBytesLow: Int
    /// `rpc.stallTimeout`: how long a client may take to send the rest of a message, or go without reading any of its
    /// answers, in milliseconds; 0 for ever.
    public var stallMillisMax: Int64

    public init(
        frameSizeMax: Int = 64 << 20, budget: WireBudget = .standard, heldBytesMax: Int = 256 << 20,
        connectionsMax: Int = 10_000, unsentBytesHigh: Int = 256 << 10, unsentBytesLow: Int = 64 << 10,
        stallMillisMax: Int64 = 60_000
    ) {
        self.frameSizeMax = frameSizeMax
        self.budget = budget
        self.heldBytesMax = heldBytesMax
        self.connectionsMax = connectionsMax
        self.unsentBytesHigh = unsentBytesHigh
        self.unsentBytesLow = unsentBytesLow
        self.stallMillisMax = stallMillisMax
    }
}
