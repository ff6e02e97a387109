//! What all connections of one event loop share. Used on that loop only.

internal import Logging
internal import NIOCore
internal import NeedletailTelemetry
public import NeedletailWire
internal import Timing

/// Bounds of a connection. Each is a configuration key.
public struct RPCLimits: Sendable {
    /// `limits.maxFrameSize`: the longest message in bytes.
    public var frameSizeMax: Int
    /// `limits.maxDepth`, `limits.maxKeysPerRequest`: what a reader takes.
    public var budget: WireBudget
    /// `rpc.maxConnections`.
    public var connectionsMax: Int
    /// `rpc.writeBufferHighWatermark`: unsent bytes of one connection above which it is no longer read from.
    public var unsentBytesHigh: Int
    /// `rpc.writeBufferLowWatermark`: unsent bytes at which reading goes on.
    public var unsentBytesLow: Int

    public init(
        frameSizeMax: Int = 64 << 20, budget: WireBudget = .standard, connectionsMax: Int = 10_000,
        unsentBytesHigh: Int = 256 << 10, unsentBytesLow: Int = 64 << 10
    ) {
        self.frameSizeMax = frameSizeMax
        self.budget = budget
        self.connectionsMax = connectionsMax
        self.unsentBytesHigh = unsentBytesHigh
        self.unsentBytesLow = unsentBytesLow
    }
}

/// What connections count. Gauges are differences of two of them.
public enum RPCCounter: Int, CaseIterable, Sendable {
    case connectionsOpened
    case connectionsClosed
    case connectionsForeign
    case bufferPoolHits
    case bufferPoolMisses
    case bufferPoolBytes
}

final class RPCLoop<Service: RPCService> {
    /// How long a connection that we closed is still read from, so that the client gets our last answer before a reset.
    static var lingerMax: TimeAmount { .seconds(1) }
    /// How long the last answers of a connection that closes may take to be read by the client.
    static var lastAnswersMax: TimeAmount { .seconds(10) }

    let service: Service
    let limits: RPCLimits
    let clock: Clock
    let counters: CounterBlock
    let complaints: RateLimitedLog
    let pool = BufferPool()
    private var connections: [ObjectIdentifier: RPCConnection<Service>] = [:]
    private(set) var isDraining = false

    init(
        service: Service, limits: RPCLimits, clock: Clock, counters: CounterBlock, complaints: RateLimitedLog
    ) {
        self.service = service
        self.limits = limits
        self.clock = clock
        self.counters = counters
        self.complaints = complaints
    }

    func opened(_ connection: RPCConnection<Service>) {
        counters.add(to: RPCCounter.connectionsOpened.rawValue)
        connections[ObjectIdentifier(connection)] = connection
    }

    func closed(_ connection: RPCConnection<Service>) {
        counters.add(to: RPCCounter.connectionsClosed.rawValue)
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Brings the pool's figures to where a scrape sees them.
    func publishPool() {
        publish(pool.hits, as: .bufferPoolHits)
        publish(pool.misses, as: .bufferPoolMisses)
        publish(pool.byteCount, as: .bufferPoolBytes)
    }

    private func publish(_ value: Int, as counter: RPCCounter) {
        counters.add(value - Int(counters[counter.rawValue]), to: counter.rawValue)
    }

    /// Asks every connection to finish what it has accepted and to close.
    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
    }

    /// Closes what is left, at once.
    func closeAll() {
        for connection in connections.values { connection.abort() }
    }

    var connectionCount: Int { connections.count }
}
