//! Spans through the API of swift-distributed-tracing, for an OTLP collector. A trace that begins here is sampled by chance,
//! one that began elsewhere as its beginner said.

internal import Synchronization
public import Tracing

/// A tracer whose spans are exported by a `SpanExporter`.
public struct OTLPTracer: Tracer {
    private let queue: SpanQueue
    private let chance: Chance

    /// - Parameters:
    ///   - queue: where spans that have ended wait to be exported.
    ///   - sampleRatio: 0 to 1: of the traces that begin here so many are recorded.
    package init(queue: SpanQueue, sampleRatio: Double) {
        self.queue = queue
        chance = Chance(sampleRatio)
    }

    /// Whether a call should be recorded that says this about its trace; nil: it says nothing, and chance decides.
    package func samples(_ parent: TraceContext?) -> Bool {
        if let parent { return parent.isSampled }
        return chance.strikes()
    }

    /// Begins a span whose sampling is decided.
    package func startSpan(
        _ name: String, parent: TraceContext?, isSampled: Bool, in context: ServiceContext = .topLevel,
        ofKind kind: SpanKind, at startNanoseconds: UInt64
    ) -> OTLPSpan {
        let own = TraceContext(
            traceIDHigh: parent?.traceIDHigh ?? .random(in: 1 ... .max),
            traceIDLow: parent?.traceIDLow ?? .random(in: 0 ... .max), spanID: .random(in: 1 ... .max),
            isSampled: isSampled, state: parent?.state)
        var context = context
        context.traceContext = own
        let record = OTLPSpan.Record(
            context: own, parentSpanID: parent?.spanID ?? 0, kind: kind, startNanoseconds: startNanoseconds, name: name)
        return OTLPSpan(record, in: context, queue: queue)
    }

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> OTLPSpan {
        let context = context()
        let parent = context.traceContext
        return startSpan(
            operationName, parent: parent, isSampled: samples(parent), in: context, ofKind: kind,
            at: instant().nanosecondsSinceEpoch)
    }

    /// The exporter decides when it exports.
    public func forceFlush() {}

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parent = extractor.extract(key: TraceContext.parentKey, from: carrier) else { return }
        context.traceContext = TraceContext(
            parent: parent, state: extractor.extract(key: TraceContext.stateKey, from: carrier))
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.traceContext else { return }
        injector.inject(trace.parent, forKey: TraceContext.parentKey, into: &carrier)
        if let state = trace.state { injector.inject(state, forKey: TraceContext.stateKey, into: &carrier) }
    }
}

/// Strikes so often. Any thread; no call to the kernel, which the system's generator makes for each number.
private final class Chance: Sendable {
    private let ratio: Double
    private let state = Atomic<UInt64>(.random(in: 0 ... .max))

    init(_ ratio: Double) { self.ratio = ratio }

    func strikes() -> Bool {
        if ratio <= 0 { return false }
        if ratio >= 1 { return true }
        // splitmix64 (Steele, Lea, Flood, 2014): a counter in large steps, and its bits mixed.
        var bits = state.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        return Double(bits >> 11) * 0x1p-53 < ratio
    }
}
