//! Spans on their way to a collector that the test plays.

import Foundation
import NIOCore
import Synchronization
import Testing
import Tracing

@testable import NeedletailTracing

/// A collector that answers what the test says, or nothing for as long as it is frozen.
private final class Collector: SpanTransport {
    private struct State {
        var bodies: [ByteBuffer] = []
        var statuses: [Int]
        var isClosed = false
    }

    private let state: Mutex<State>
    private let isFrozen: Bool
    /// What every answer waits for.
    private let answersLate: (@Sendable () async throws -> Void)?
    let posted: AsyncStream<Void>
    private let post: AsyncStream<Void>.Continuation

    /// - Parameter statuses: of the first answers; then 200.
    init(statuses: [Int] = [], isFrozen: Bool = false, answersLate: (@Sendable () async throws -> Void)? = nil) {
        state = Mutex(State(statuses: statuses))
        self.isFrozen = isFrozen
        self.answersLate = answersLate
        (posted, post) = AsyncStream.makeStream()
    }

    func post(_ body: ByteBuffer) async throws -> Int {
        let status = state.withLock { state in
            state.bodies.append(body)
            return state.statuses.isEmpty ? 200 : state.statuses.removeFirst()
        }
        post.yield()
        try await answersLate?()
        if isFrozen { try await Task.sleep(for: .seconds(3_600)) }
        return status
    }

    func close() async { state.withLock { $0.isClosed = true } }

    var isClosed: Bool { state.withLock { $0.isClosed } }
    var texts: [String] { state.withLock(\.bodies).map { String(buffer: $0) } }
    var requests: [OTLPRequest] {
        get throws {
            try state.withLock(\.bodies).map {
                try JSONDecoder().decode(OTLPRequest.self, from: Data($0.readableBytesView))
            }
        }
    }
    var spans: [OTLPRequest.Span] { get throws { try requests.flatMap { $0.resourceSpans[0].scopeSpans[0].spans } } }
}

@Suite struct SpanExporterTests {
    private struct Instant: TracerInstant {
        let nanosecondsSinceEpoch: UInt64

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanosecondsSinceEpoch < rhs.nanosecondsSinceEpoch }
    }

    /// Exports to `collector` what `body` makes, until the collector was asked `posts` times; then stops.
    private func export(
        to collector: Collector, _ queue: SpanQueue = SpanQueue(), posts: Int, _ body: (OTLPTracer) -> Void
    ) async -> SpanQueue {
        body(OTLPTracer(queue: queue, sampleRatio: 1))
        let exporter = SpanExporter(queue, to: collector, serviceVersion: "1", interval: .milliseconds(1))
        let task = Task { await exporter.run() }
        var count = 0
        if posts > 0 {
            for await _ in collector.posted {
                count += 1
                if count == posts { break }
            }
        }
        task.cancel()
        await task.value
        return queue
    }

    @Test func spansArriveWithTheirParentsAndAttributes() async throws {
        let collector = Collector()
        let queue = await export(to: collector, posts: 1) { tracer in
            var context = ServiceContext.topLevel
            context.traceContext = TraceContext(
                parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state: "a=1")
            let outer = tracer.startSpan(
                "outer", context: context, ofKind: .server,
                at: Instant(nanosecondsSinceEpoch: 5_000_000_000_000_000_001))
            let inner = tracer.startSpan("inner", context: outer.context, ofKind: .client)
            inner.updateAttributes { $0["keys"] = 7 }
            inner.setStatus(SpanStatus(code: .error, message: "late"))
            inner.addEvent("something")
            inner.end()
            inner.end()
            outer.end(at: Instant(nanosecondsSinceEpoch: 5_000_000_000_000_000_009))
        }
        let spans = try collector.spans
        #expect(spans.map(\.name) == ["inner", "outer"] && queue.exportedCount == 2 && queue.droppedCount == 0)
        let (inner, outer) = (spans[0], spans[1])
        #expect(Set(spans.map(\.traceId)) == ["4bf92f3577b34da6a3ce929d0e0e4736"])
        #expect(outer.parentSpanId == "00f067aa0ba902b7" && inner.parentSpanId == outer.spanId)
        #expect(outer.startTimeUnixNano == "5000000000000000001" && outer.endTimeUnixNano == "5000000000000000009")
        #expect(outer.kind == 2 && inner.kind == 3 && outer.traceState == "a=1" && inner.traceState == "a=1")
        #expect(inner.attributes.map(\.key) == ["keys"] && inner.attributes[0].value.intValue == "7")
        #expect(inner.status.code == 2 && inner.status.message == "late" && outer.status.code == 0)
        #expect(inner.events.map(\.name) == ["something"])
        let resource = try collector.requests[0].resourceSpans[0].resource
        #expect(resource.attributes.first { $0.key == "service.name" }?.value.stringValue == "needletail")
        #expect(collector.isClosed)
    }

    @Test func ofATraceThatIsNotSampledNothingIsRecordedAndTheContextGoesOn() async throws {
        let collector = Collector()
        _ = await export(to: collector, posts: 0) { tracer in
            var context = ServiceContext.topLevel
            context.traceContext = TraceContext(parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
            let span = tracer.startSpan("outer", context: context)
            #expect(!span.isRecording && span.context.traceContext?.isSampled == false)
            #expect(span.context.traceContext?.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736")
            span.end()
        }
        #expect(try collector.requests.isEmpty)
    }

    @Test func tracesThatBeginHereAreSampledByTheRatio() {
        let never = OTLPTracer(queue: SpanQueue(), sampleRatio: 0)
        let always = OTLPTracer(queue: SpanQueue(), sampleRatio: 1)
        let some = OTLPTracer(queue: SpanQueue(), sampleRatio: 0.25)
        #expect(!never.samples(nil) && always.samples(nil))
        // Twenty standard deviations around the mean.
        #expect(1_600...3_400 ~= (0..<10_000).count { _ in some.samples(nil) })
        let sampled = TraceContext(traceIDHigh: 1, traceIDLow: 1, spanID: 1, isSampled: true)
        let unsampled = TraceContext(traceIDHigh: 1, traceIDLow: 1, spanID: 1, isSampled: false)
        #expect(never.samples(sampled) && !always.samples(unsampled))
    }

    @Test func aBatchThatIsRefusedForAMomentIsSentAgain() async throws {
        let collector = Collector(statuses: [503])
        let queue = await export(to: collector, posts: 2) { $0.startSpan("a", context: .topLevel).end() }
        #expect(try collector.spans.map(\.name) == ["a", "a"])
        #expect(queue.exportedCount == 1 && queue.droppedCount == 0)
    }

    @Test func aBatchThatIsNotUnderstoodIsDropped() async throws {
        let collector = Collector(statuses: [400])
        let queue = await export(to: collector, posts: 1) { $0.startSpan("a", context: .topLevel).end() }
        #expect(try collector.requests.count == 1)
        #expect(queue.exportedCount == 0 && queue.droppedCount == 1)
    }

    @Test func aBatchThatIsUnderWayWhenTheServerStopsArrives() async throws {
        // It hears of the cancellation, as an HTTP client does.
        let collector = Collector { try await Task.sleep(for: .milliseconds(200)) }
        let queue = await export(to: collector, posts: 1) { $0.startSpan("a", context: .topLevel).end() }
        #expect(try collector.spans.map(\.name) == ["a"])
        #expect(queue.exportedCount == 1 && queue.droppedCount == 0 && collector.isClosed)
    }

    @Test func whatThereIsNoTimeForAtTheEndIsCountedAsDropped() async throws {
        let queue = SpanQueue()
        let count = 3 * SpanQueue.batchSpansMax
        _ = await export(to: Collector(isFrozen: true), queue, posts: 1) { tracer in
            for _ in 0..<count { tracer.startSpan("a", context: .topLevel).end() }
        }
        #expect(queue.droppedCount == count && queue.count == 0)
    }

    @Test func anAttributeThatIsNoNumberCostsNoBatch() async throws {
        let collector = Collector()
        let queue = await export(to: collector, posts: 1) { tracer in
            let span = tracer.startSpan("a", context: .topLevel)
            span.updateAttributes {
                $0["nan"] = Double.nan
                $0["most"] = Double.infinity
            }
            span.end()
        }
        #expect(queue.exportedCount == 1 && queue.droppedCount == 0)
        let body = try #require(collector.texts.first)
        #expect(body.contains(#"{"doubleValue":"NaN"}"#) && body.contains(#"{"doubleValue":"Infinity"}"#))
    }

    @Test func aCollectorThatIsFrozenCostsTheOldestSpansAndAStopIsBounded() async throws {
        let queue = SpanQueue(spansMax: 100)
        let collector = Collector(isFrozen: true)
        let start = ContinuousClock.now
        _ = await export(to: collector, queue, posts: 1) { tracer in
            for number in 0..<1_000 { tracer.startSpan("\(number)", context: .topLevel).end() }
        }
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(try collector.spans.map(\.name) == (900..<1_000).map { "\($0)" })
        #expect(queue.droppedCount == 1_000 && queue.count == 0)
    }

    @Test func aContextIsWrittenAndReadInAnyCarrier() {
        struct Field: Injector, Extractor {
            func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
                carrier[key] = value
            }
            func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        }
        let tracer = OTLPTracer(queue: SpanQueue(), sampleRatio: 1)
        let span = tracer.startSpan("a", context: .topLevel)
        var carrier: [String: String] = [:]
        tracer.inject(span.context, into: &carrier, using: Field())
        var context = ServiceContext.topLevel
        tracer.extract(carrier, into: &context, using: Field())
        #expect(context.traceContext == span.context.traceContext && carrier.keys.sorted() == ["traceparent"])
    }
}
