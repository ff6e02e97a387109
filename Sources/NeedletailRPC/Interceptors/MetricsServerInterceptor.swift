public import Metrics

/// Counts and times calls in swift-metrics, for services whose process has its metrics there. (`RPCMetrics` measures all
/// calls in any case, per event loop and with plain stores.)
///
/// `rpc_server_requests_total{method,outcome}` counts calls that reached a method, by `answered` and `cancelled`;
/// `rpc_server_requests_refused_total` counts all others, which have no method: what clients send is no label.
/// `rpc_server_request_duration_seconds{method}` is a timer, from a call's arrival to its answer.
public struct MetricsServerInterceptor: ServerInterceptor {
    private struct Method {
        let answered: Counter
        let cancelled: Counter
        let duration: Timer
    }

    /// By the methods' numbers; made once, so that a call looks nothing up.
    private let methods: [Method]
    private let refused: Counter

    /// - Parameters:
    ///   - service: whose methods are counted.
    ///   - factory: where the metrics are made; by default the process's.
    public init<Service: RPCService>(
        for service: Service.Type, factory: any MetricsFactory = MetricsSystem.factory
    ) {
        methods = service.methodNames.map { name in
            func requests(_ outcome: String) -> Counter {
                Counter(
                    label: "rpc_server_requests_total", dimensions: [("method", name), ("outcome", outcome)],
                    factory: factory)
            }
            return Method(
                answered: requests("answered"), cancelled: requests("cancelled"),
                duration: Timer(
                    label: "rpc_server_request_duration_seconds", dimensions: [("method", name)],
                    preferredDisplayUnit: .seconds, factory: factory))
        }
        refused = Counter(label: "rpc_server_requests_refused_total", dimensions: [], factory: factory)
    }

    public func completed(_ call: CompletedCall) {
        guard let number = call.method else { return refused.increment() }
        let method = methods[number]
        if call.outcome == .cancelled { method.cancelled.increment() } else { method.answered.increment() }
        method.duration.recordNanoseconds(call.nanoseconds)
    }
}
