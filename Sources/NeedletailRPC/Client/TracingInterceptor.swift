public import Tracing

/// Has calls that are made within a trace be spans of it, and tells the server: `traceparent` and `tracestate` travel in the
/// call's header, or in the baggage of its request. A call that is made outside of one is passed on as it is.
public struct TracingInterceptor: ClientInterceptor {
    private let tracer: any Tracer

    /// - Parameter tracer: makes the spans; by default the one that the process has set up.
    public init(tracer: any Tracer = InstrumentationSystem.tracer) { self.tracer = tracer }

    public func intercept<Method: RPCMethod>(
        _ call: OutgoingCall<Method>,
        next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        guard let context = ServiceContext.current else { return try await next(call) }
        let span: any Span = tracer.startSpan("\(Method.name)", context: context, ofKind: .client)
        defer { span.end() }
        span.updateAttributes { $0["rpc.method"] = "\(Method.name)" }
        var call = call
        tracer.inject(span.context, into: &call.metadata.baggage, using: BaggageInjector())
        do throws(CallFailure<Method.Failure>) {
            return try await next(call)
        } catch {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error))
            throw error
        }
    }
}

private struct BaggageInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
}
