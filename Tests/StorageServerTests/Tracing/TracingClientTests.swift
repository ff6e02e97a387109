//! A trace that goes from a client's process through a real server's, in headers of both kinds and in requests.

import Foundation
import NIOCore
import NeedletailWire
import StorageAPI
import Testing
import Timing
import Tracing

@testable import NeedletailRPC
@testable import NeedletailTracing
@testable import StorageServer

@Suite struct TracingClientTests {
    private static let wires = [
        RPCWire(.messagePack), RPCWire(.thriftBinary, .framed), RPCWire(.thriftBinary, .theader),
        RPCWire(.thriftCompact, .ttheader),
    ]

    private func spans(_ queue: SpanQueue) throws -> [OTLPRequest.Span] {
        let body = try JSONEncoder().encode(OTLPRequest(queue.take(), serviceVersion: "1"))
        return try JSONDecoder().decode(OTLPRequest.self, from: body).resourceSpans[0].scopeSpans[0].spans
    }

    @Test(arguments: wires) func theClientsSpanIsTheParentOfTheServers(_ wire: RPCWire) async throws {
        let (ours, theirs) = (SpanQueue(), SpanQueue())
        let tracer = OTLPTracer(queue: ours, sampleRatio: 1)
        let tracing = CallTracing(OTLPTracer(queue: theirs, sampleRatio: 0), clock: .system)
        try await ServedFigures.with(tracing: tracing) { server in
            var configuration = RPCClientConfiguration(wire: wire)
            configuration.interceptors = [TracingInterceptor(tracer: tracer)]
            let client = try await RPCClient.connect(
                to: .tcp(host: "127.0.0.1", port: server.port), configuration)
            let storage = StorageClient(client)
            let request = GetRequest(key: ByteBuffer(string: "key"))
            _ = try await storage.get(request)
            #expect(try spans(ours).isEmpty && spans(theirs).isEmpty, "outside of a trace nothing is recorded")
            try await tracer.withSpan("a page") { _ in _ = try await storage.get(request) }
            await client.close()
            let made = try spans(ours)
            #expect(made.map(\.name) == ["get", "a page"])
            let call = try #require(made.first)
            #expect(call.kind == 3 && call.parentSpanId == made.last?.spanId)
            let served = try #require(try spans(theirs).first)
            #expect(served.name == "get" && served.kind == 2)
            #expect(served.parentSpanId == call.spanId && served.traceId == call.traceId)
        }
    }
}
