//! A span that is recorded until it ends, and then handed to the queue of the exporter. Any thread.

internal import Synchronization
public import Tracing

/// A span of an `OTLPTracer`. One that is not sampled passes its context on and records nothing.
public final class OTLPSpan: Span {
    /// What is known of a span.
    struct Record: Sendable {
        let context: TraceContext
        /// 0: it began the trace.
        let parentSpanID: UInt64
        let kind: SpanKind
        let startNanoseconds: UInt64
        var endNanoseconds: UInt64 = 0
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var events: [SpanEvent] = []
    }

    /// Events that one span keeps.
    static let eventsMax = 32

    public let context: ServiceContext
    public let isRecording: Bool
    private let record: Mutex<Record>
    private let hasEnded = Atomic(false)
    private let queue: SpanQueue

    init(_ record: Record, in context: ServiceContext, queue: SpanQueue) {
        self.context = context
        self.queue = queue
        isRecording = record.context.isSampled
        self.record = Mutex(record)
    }

    public var operationName: String {
        get { record.withLock { $0.name } }
        set { record.withLock { $0.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { record.withLock { $0.attributes } }
        set { if isRecording { record.withLock { $0.attributes = newValue } } }
    }

    public func setStatus(_ status: SpanStatus) { record.withLock { $0.status = status } }

    public func addEvent(_ event: SpanEvent) {
        guard isRecording else { return }
        record.withLock { if $0.events.count < Self.eventsMax { $0.events.append(event) } }
    }

    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = "\(type(of: error))"
        attributes["exception.message"] = "\(error)"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    /// Links are not exported.
    public func addLink(_ link: SpanLink) {}

    /// Only the first end counts.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard isRecording, !hasEnded.exchange(true, ordering: .relaxed) else { return }
        let end = instant().nanosecondsSinceEpoch
        queue.add(
            record.withLock { record in
                record.endNanoseconds = max(end, record.startNanoseconds)
                return record
            })
    }
}
