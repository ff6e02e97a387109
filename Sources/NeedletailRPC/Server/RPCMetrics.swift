//! What one event loop measures of its connections and calls. Written by that loop alone, read from any thread by whoever
//! scrapes, who adds the loops up.

public import NeedletailTelemetry
internal import Timing

/// What connections count. Gauges are differences of two of them.
public enum RPCCounter: Int, CaseIterable, Sendable {
    case connectionsOpened
    case connectionsClosed
    /// Closed because their first bytes were no call.
    case connectionsForeign
    /// Refused because they did not begin with TLS, which is required.
    case connectionsPlaintext
    /// Closed because TLS did not come about, or broke.
    case connectionsTLSFailed
    /// Closed because they made no progress for `rpc.stallTimeout`.
    case connectionsStalled
    /// Closed because the loop held more than `limits.maxHeldBytes`.
    case connectionsOverHeldBytes
    case bufferPoolHits
    case bufferPoolMisses
    case bufferPoolBytes
    /// Buffers that were taken from the pool and have not come back.
    case bufferPoolOut
    /// Bytes of messages that have come in part and of answers that were not read.
    case heldBytes
    /// Calls that the connection refused in overload; of those that its service shed it knows nothing.
    case callsShedBySojourn
    case callsShedByConcurrency
}

/// Where a call's time goes.
public enum CallStage: Int, CaseIterable, Sendable {
    /// From its arrival to the moment when it is looked at: calls before it in the same burst.
    case queue
    /// Decoding, the service, encoding.
    case execute
    /// Waiting until the log has kept what was executed; once for all calls of a group that are answered together.
    case sync
    /// Handing a burst's answers to the kernel; once for all calls of the burst.
    case write
}

/// One event loop's figures.
public final class RPCMetrics: Sendable {
    /// Indexed by `RPCCounter`.
    public let counters = CounterBlock(count: RPCCounter.allCases.count)
    /// The stages, then the methods by their numbers: from arrival until the answer is encoded.
    public let latencies: LatencyHistograms
    /// For each method, by their numbers: calls that will be answered later, and how many of them there may be.
    private let inFlight: CounterBlock
    /// For each method, by their numbers: bytes of its requests, then of its answers, without the frames and headers around
    /// them.
    public let sizes: SizeHistograms
    /// How late the loop runs its tasks.
    public let lag = LoopLag()

    /// - Parameter methodCount: how many methods the service has.
    public init(methodCount: Int) {
        sizes = SizeHistograms(count: methodCount * 2)
        latencies = LatencyHistograms(count: CallStage.allCases.count + methodCount)
        inFlight = CounterBlock(count: methodCount * 2)
    }

    /// The place of a stage in `latencies`.
    public static func place(of stage: CallStage) -> Int { stage.rawValue }

    /// The place of a method in `latencies`.
    public static func place(ofMethod method: Int) -> Int { CallStage.allCases.count &+ method }

    /// Connections of this loop that are open now.
    public var connectionsOpen: Int {
        Int(counters[RPCCounter.connectionsOpened.rawValue]) - Int(counters[RPCCounter.connectionsClosed.rawValue])
    }

    /// Counts a call that reached its method and was answered at `end`, and its bytes.
    /// - Parameter answerBytes: nil if it wanted no answer.
    func record(_ method: Int, _ times: CallTimes, end: MonotonicTime, requestBytes: Int, answerBytes: Int?) {
        let sizes = sizes
        sizes.record(requestBytes, in: Self.place(ofRequestsOf: method))
        if let answerBytes { sizes.record(answerBytes, in: Self.place(ofAnswersOf: method)) }
        record(method, times, end: end)
    }

    /// Counts a call that reached its method and was over at `end`.
    @inline(__always)
    func record(_ method: Int, _ times: CallTimes, end: MonotonicTime) {
        let latencies = latencies
        latencies.record(nanoseconds: times.start.nanoseconds(since: times.arrival), in: Self.place(of: .queue))
        latencies.record(nanoseconds: end.nanoseconds(since: times.start), in: Self.place(of: .execute))
        latencies.record(nanoseconds: end.nanoseconds(since: times.arrival), in: Self.place(ofMethod: method))
    }

    /// Counts a call that had been executed at `served` and was answered later, at `end`.
    func record(_ method: Int, _ times: CallTimes, served: MonotonicTime, end: MonotonicTime) {
        let latencies = latencies
        latencies.record(nanoseconds: times.start.nanoseconds(since: times.arrival), in: Self.place(of: .queue))
        latencies.record(nanoseconds: served.nanoseconds(since: times.start), in: Self.place(of: .execute))
        if served < end { latencies.record(nanoseconds: end.nanoseconds(since: served), in: Self.place(of: .sync)) }
        latencies.record(nanoseconds: end.nanoseconds(since: times.arrival), in: Self.place(ofMethod: method))
    }

    /// The place of a method's requests in `sizes`.
    public static func place(ofRequestsOf method: Int) -> Int { method &* 2 }

    /// The place of a method's answers in `sizes`.
    public static func place(ofAnswersOf method: Int) -> Int { method &* 2 &+ 1 }

    /// Calls of a method that were begun, will be answered later, and have not been.
    public func inFlight(ofMethod method: Int) -> Int { Int(truncatingIfNeeded: inFlight[method * 2]) }

    /// How many of them there may be: what the adaptive limit is now. 0: no limit, because nothing is shed.
    public func inFlightLimit(ofMethod method: Int) -> Int { Int(truncatingIfNeeded: inFlight[method * 2 + 1]) }

    func setInFlight(_ value: Int, ofMethod method: Int) { set(inFlight, method * 2, to: value) }

    func setInFlightLimit(_ value: Int, ofMethod method: Int) { set(inFlight, method * 2 + 1, to: value) }

    /// Counts in every build: the limit of connections rests on it.
    func add(_ amount: Int = 1, to counter: RPCCounter) {
        counters.set(counter.rawValue, to: counters[counter.rawValue] &+ UInt64(truncatingIfNeeded: amount))
    }

    /// Makes a gauge show `value`.
    func set(_ counter: RPCCounter, to value: Int) { set(counters, counter.rawValue, to: value) }

    private func set(_ block: CounterBlock, _ index: Int, to value: Int) {
        block.set(index, to: UInt64(truncatingIfNeeded: value))
    }
}
