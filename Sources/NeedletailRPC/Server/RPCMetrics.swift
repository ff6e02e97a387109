//! What one event loop measures of its connections and calls. Written by that loop alone, read from any thread by whoever
//! scrapes, who adds the loops up.

public import NeedletailTelemetry

/// What connections count. Gauges are differences of two of them.
public enum RPCCounter: Int, CaseIterable, Sendable {
    case connectionsOpened
    case connectionsClosed
    /// Closed because their first bytes were no call.
    case connectionsForeign
    /// Closed because they made no progress for `rpc.stallTimeout`.
    case connectionsStalled
    /// Closed because the loop held more than `limits.maxHeldBytes`.
    case connectionsOverHeldBytes
    case bufferPoolHits
    case bufferPoolMisses
    case bufferPoolBytes
    /// Bytes of messages that have come in part and of answers that were not read.
    case heldBytes
}

/// Where a call's time goes.
public enum CallStage: String, CaseIterable, Sendable {
    /// From its arrival to the moment when it is looked at: calls before it in the same burst.
    case queue
    /// Decoding, the service, encoding.
    case execute
    /// Handing a burst's answers to the kernel; once for all calls of the burst.
    case write
}

/// One event loop's figures.
public final class RPCMetrics: Sendable {
    /// Indexed by `RPCCounter`.
    public let counters = CounterBlock(count: RPCCounter.allCases.count)
    /// From arrival until the answer is encoded, by the number of the method.
    public let methods: [LatencyHistogram]
    public let queue = LatencyHistogram()
    public let execute = LatencyHistogram()
    public let write = LatencyHistogram()

    /// - Parameter methodCount: how many methods the service has.
    public init(methodCount: Int) { methods = (0..<methodCount).map { _ in LatencyHistogram() } }

    /// Connections of this loop that are open now.
    public var connectionsOpen: Int {
        Int(counters[RPCCounter.connectionsOpened.rawValue]) - Int(counters[RPCCounter.connectionsClosed.rawValue])
    }

    public subscript(stage: CallStage) -> LatencyHistogram {
        switch stage {
        case .queue: queue
        case .execute: execute
        case .write: write
        }
    }

    func add(_ amount: Int = 1, to counter: RPCCounter) { counters.add(amount, to: counter.rawValue) }

    /// Makes a gauge show `value`.
    func set(_ counter: RPCCounter, to value: Int) { add(value - Int(counters[counter.rawValue]), to: counter) }
}
