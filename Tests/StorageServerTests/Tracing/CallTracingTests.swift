//! Spans of calls and of the parts of their reads, over an engine that waits for the test, on a clock that the test moves.

import Foundation
import HeldEngines
import NIOCore
import NeedletailWire
import StorageAPI
import Testing
import Timing

@testable import NeedletailRPC
@testable import NeedletailTracing
@testable import StorageServer

@Suite struct CallTracingTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let caller = "00f067aa0ba902b7"

    private let queue = SpanQueue()

    private func connection(_ format: RPCFormat, sampleRatio: Double = 0) throws -> HeldConnection {
        let time = ManualTime()
        let tracer = OTLPTracer(queue: queue, sampleRatio: sampleRatio)
        return try HeldConnection(format, time: time, tracing: CallTracing(tracer, clock: .manual(time)))
    }

    private func context(flags: String, timeoutMillis: Int32 = 500) -> RequestContext {
        RequestContext(
            logID: "log 7", timeoutMillis: timeoutMillis,
            baggage: ["traceparent": "00-\(Self.trace)-\(Self.caller)-\(flags)", "tracestate": "a=1"])
    }

    private func multiGet(_ keys: [String], _ context: RequestContext, on connection: HeldConnection) throws {
        let request = MultiGetRequest(keys: BinaryList(strings: keys), context: context)
        try connection.send(StorageMethods.MultiGet.self, .init(request: request))
    }

    private func get(_ key: String, _ context: RequestContext, on connection: HeldConnection) throws {
        let request = GetRequest(key: ByteBuffer(string: key), context: context)
        try connection.send(StorageMethods.Get.self, .init(request: request))
    }

    /// What was recorded, as the collector gets it.
    private func spans() throws -> [OTLPRequest.Span] {
        let body = try JSONEncoder().encode(OTLPRequest(queue.take(), serviceVersion: "1"))
        return try JSONDecoder().decode(OTLPRequest.self, from: body).resourceSpans[0].scopeSpans[0].spans
    }

    @Test(arguments: RPCFormat.allCases) func aReadAndItsPartsAreSpansOfTheCallersTrace(_ format: RPCFormat) throws {
        let connection = try connection(format)
        try connection.store(["a", "b", "c"])
        try multiGet(["a", "b", "c"], context(flags: "01"), on: connection)
        connection.pass(milliseconds: 20)
        connection.engine.releaseAll()
        _ = try connection.answer(StorageMethods.MultiGet.self)
        let spans = try spans()
        let call = try #require(spans.last)
        #expect(spans.map(\.name) == ["read part", "read part", "read part", "multiGet"])
        #expect(spans.allSatisfy { $0.traceId == Self.trace && $0.traceState == "a=1" })
        #expect(call.parentSpanId == Self.caller && spans.dropLast().allSatisfy { $0.parentSpanId == call.spanId })
        #expect(call.kind == 2 && spans[0].kind == 3)
        let (start, end) = (try #require(Int(call.startTimeUnixNano)), try #require(Int(call.endTimeUnixNano)))
        #expect(end - start == 20_000_000 && start > 1_600_000_000_000_000_000)
        let attributes = Dictionary(uniqueKeysWithValues: call.attributes.map { ($0.key, $0.value) })
        #expect(attributes["rpc.system"]?.stringValue == format.name)
        #expect(attributes["rpc.service"]?.stringValue == "Storage")
        #expect(attributes["rpc.method"]?.stringValue == "multiGet")
        #expect(attributes["needletail.keys"]?.intValue == "3")
        #expect(attributes["needletail.log_id"]?.stringValue == "log 7")
        #expect(attributes["needletail.status"]?.stringValue == "ok" && call.status.code == 0)
    }

    @Test func partsThatWereGivenUpSaySo() throws {
        let connection = try connection(.messagePack)
        try connection.store(["a", "b", "c"])
        try multiGet(["a", "b", "c"], context(flags: "01", timeoutMillis: 50), on: connection)
        connection.pass(milliseconds: 60)
        _ = try connection.answer(StorageMethods.MultiGet.self)
        // Two ran; the third was not begun.
        let spans = try spans()
        #expect(spans.map(\.name) == ["read part", "read part", "multiGet"])
        #expect(spans.dropLast().allSatisfy { $0.status.code == 2 && $0.status.message == "cancelled" })
    }

    @Test func aCallThatFailsOrIsCancelledIsAnError() throws {
        let connection = try connection(.messagePack)
        try connection.store(["a"])
        try multiGet(["a"], context(flags: "01"), on: connection)
        try connection.cancelLast()
        #expect(try spans().last?.status.message == "cancelled")
        try get("a", context(flags: "01", timeoutMillis: 10), on: connection)
        connection.pass(milliseconds: 20)
        #expect(try spans().last?.status.message == "deadline_exceeded")
    }

    @Test func aTraceThatIsNotSampledIsNotRecordedAndOneThatIsBrokenIsNone() throws {
        let connection = try connection(.messagePack, sampleRatio: 1)
        try connection.store([])
        connection.engine.holds = false
        _ = try spans()
        try get("a", context(flags: "00"), on: connection)
        #expect(try spans().isEmpty)
        try get("a", RequestContext(baggage: ["traceparent": "nonsense"]), on: connection)
        let span = try #require(try spans().first)
        #expect(span.name == "get" && span.parentSpanId == nil && span.traceId != Self.trace)
    }

    @Test func aCallThatIsRefusedBeforeItIsServedEndsNobodysSpan() throws {
        let connection = try connection(.messagePack)
        try connection.store(["a"])
        try get("a", context(flags: "01"), on: connection)
        try get("", RequestContext(), on: connection)
        #expect(connection.failure(StorageMethods.Get.self)?.code == .invalidArgument)
        #expect(try spans().isEmpty)
        connection.engine.releaseAll()
        #expect(try connection.answer(StorageMethods.Get.self).value != nil)
        #expect(try spans().last?.status.code == 0)
    }

    @Test func withoutATraceOrASampleNothingIsRecorded() throws {
        let connection = try connection(.messagePack, sampleRatio: 0)
        try connection.store(["a"])
        connection.engine.holds = false
        try connection.get("a")
        #expect(try spans().isEmpty)
    }
}
