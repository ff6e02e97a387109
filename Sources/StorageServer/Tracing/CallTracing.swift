//! Spans of calls: begun when a call is admitted, dated back to its arrival, ended when it is answered. A call that is not
//! recorded has none, and costs a look at its trace context; without a tracer not even that.
//!
//! Safe to share: event loops have it in common.

internal import NeedletailRPC
internal import NeedletailTracing
internal import StorageAPI
internal import StorageEngine
internal import Timing
internal import Tracing

/// Traces calls.
struct CallTracing: Sendable {
    /// A moment of the server's clock.
    private struct Instant: TracerInstant {
        let nanosecondsSinceEpoch: UInt64

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanosecondsSinceEpoch < rhs.nanosecondsSinceEpoch }
    }

    private let tracer: OTLPTracer
    private let clock: Clock
    /// What is added to the monotonic clock, so that it shows nanoseconds since 1970.
    private let epochNanoseconds: Int64

    init(_ tracer: OTLPTracer, clock: Clock) {
        self.tracer = tracer
        self.clock = clock
        epochNanoseconds = clock.wallNanosecondsNow() - clock.now().nanoseconds
    }

    private func nanoseconds(_ time: MonotonicTime) -> UInt64 {
        UInt64(clamping: time.nanoseconds + epochNanoseconds)
    }

    private var now: Instant { Instant(nanosecondsSinceEpoch: nanoseconds(clock.now())) }

    // MARK: Calls

    /// Begins the span of a call; nil if it is not recorded. Of its header's and its request's trace the request's counts.
    func begin<Method: RPCMethod>(_ context: RequestContext?, _ call: borrowing Call<Method>) -> (any Span)? {
        let parent =
            Self.parent(in: context?.baggage) ?? Self.parent(in: call.origin?.metadata.baggage)
        guard tracer.samples(parent) else { return nil }
        let span = tracer.startSpan(
            "\(Method.name)", parent: parent, isSampled: true, ofKind: .server, at: nanoseconds(call.times.arrival))
        span.addEvent(
            SpanEvent(name: "admitted", at: Instant(nanosecondsSinceEpoch: nanoseconds(call.times.start))))
        return span
    }

    private static func parent(in baggage: [String: String]?) -> TraceContext? {
        guard let baggage, let parent = baggage[TraceContext.parentKey] else { return nil }
        return TraceContext(parent: parent, state: baggage[TraceContext.stateKey])
    }

    /// Ends the span of a call.
    /// - Parameter method: its number on the port.
    func end(_ span: any Span, _ note: CallNote, _ method: Int, _ format: RPCFormat) {
        let isStorage = method < StorageMethod.allCases.count
        span.updateAttributes { attributes in
            attributes["rpc.system"] = format.name
            attributes["rpc.service"] = isStorage ? "Storage" : "History"
            attributes["rpc.method"] = span.operationName
            attributes["needletail.status"] = ServiceCounters.statuses[note.status]
            attributes["needletail.keys"] = note.keys
            if let service = note.caller?.fromService { attributes["needletail.from_service"] = service.singleLine }
            if let logID = note.caller?.logID { attributes["needletail.log_id"] = logID.singleLine }
        }
        if note.status != 0 {
            span.setStatus(SpanStatus(code: .error, message: ServiceCounters.statuses[note.status]))
        }
        span.end(at: now)
    }

    // MARK: Parts

    /// Begins the span of a part of a call's read.
    fileprivate func begin(_ part: ReadPart, of call: any Span) -> OTLPSpan {
        let span = tracer.startSpan(
            "read part", parent: call.context.traceContext, isSampled: true, ofKind: .client,
            at: nanoseconds(clock.now()))
        span.updateAttributes { $0["needletail.keys"] = part.keys.count }
        return span
    }

    fileprivate func end(_ part: OTLPSpan, isCancelled: Bool) {
        if isCancelled { part.setStatus(SpanStatus(code: .error, message: "cancelled")) }
        part.end(at: now)
    }
}

/// The spans of one read's parts, from when each is begun until it has ended or is cancelled. Used on the read's event loop.
final class PartSpans: ReadPartObserver {
    private let tracing: CallTracing
    private let call: any Span
    private var spans: [ObjectIdentifier: OTLPSpan] = [:]

    init(_ tracing: CallTracing, of call: any Span) {
        self.tracing = tracing
        self.call = call
    }

    func began(_ part: ReadPart) { spans[ObjectIdentifier(part)] = tracing.begin(part, of: call) }

    func ended(_ part: ReadPart, isCancelled: Bool) {
        guard let span = spans.removeValue(forKey: ObjectIdentifier(part)) else { return }
        tracing.end(span, isCancelled: isCancelled)
    }
}

extension RequestChecks {
    /// What the parts of the current call's read are told to; nil if the call is not recorded.
    var partObserver: PartSpans? {
        guard let tracing, let span = notes.current.span else { return nil }
        return PartSpans(tracing, of: span)
    }
}
