//! A server's tracing: the queue of spans between its event loops and its exporter.

internal import NeedletailTelemetry
internal import NeedletailTracing
internal import Timing

/// What a server has if `tracing.endpoint` is set.
struct ServerTracing: Sendable {
    let calls: CallTracing
    private let queue: SpanQueue
    private let exporter: SpanExporter

    /// - Throws: `StartError`, if the configuration asks for tracing, and there is nothing to post with.
    init?(
        _ configuration: ServerConfiguration.Tracing, transport: (any SpanTransport)?, clock: Clock
    ) throws(StartError) {
        guard let endpoint = configuration.endpoint else { return nil }
        guard let transport else {
            throw StartError("tracing.endpoint is '\(endpoint)', and the server was given nothing to post spans with")
        }
        queue = SpanQueue()
        exporter = SpanExporter(queue, to: transport, serviceVersion: needletailVersion)
        calls = CallTracing(OTLPTracer(queue: queue, sampleRatio: configuration.sampleRatio), clock: clock)
    }

    /// Exports until the task is cancelled, and then what is left.
    func run() async { await exporter.run() }

    var families: [MetricFamily] {
        [
            MetricFamily(
                "trace_spans_exported_total", .counter, "Spans that the collector has taken.",
                value: Double(queue.exportedCount)),
            MetricFamily(
                "trace_spans_dropped_total", .counter,
                "Spans that were lost, because the collector was too slow or would not have them.",
                value: Double(queue.droppedCount)),
        ]
    }
}
