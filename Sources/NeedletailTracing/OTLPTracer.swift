//! Spans through the API of swift-distributed-tracing, for an OTLP collector. A trace that begins here is sampled by chance,
//! one that began elsewhere as its beginner said.

public import Tracing

/// A tracer whose spans are exported by a `SpanExporter`.
public struct OTLPTracer: Tracer {
    private let queue: SpanQueue
    private let sampleRatio: Double

    /// - Parameters:
    ///   - queue: where spans that have ended wait to be exported.
    ///   - sampleRatio: 0 to 1: of the traces that begin here so many are recorded.
    package init(queue: SpanQueue, sampleRatio: Double) {
        self.queue = queue
        self.sampleRatio = sampleRatio
    }

    /// Whether a call should be recorded that says this about its trace; nil: it says nothing, and chance decides.
    package func samples(_ parent: TraceContext?) -> Bool {
        if let parent { return parent.isSampled }
        if sampleRatio <= 0 { return false }
        return sampleRatio >= 1 || Double.random(in: 0..<1) < sampleRatio
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
