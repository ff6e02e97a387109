public import Metrics
internal import Synchronization
internal import Timing

/// Counts calls and measures how long they take, through whatever backend swift-metrics has: the counter
/// `rpc_client_calls_total` by `method` and `status` (`ok`, `exception`, or why there was no answer), and the timer
/// `rpc_client_call_duration` by `method`.
public final class MetricsInterceptor: ClientInterceptor {
    /// How a call ended.
    private enum Status: String, CaseIterable {
        case ok
        case exception
        case notConnected = "not_connected"
        case tooManyInFlight = "too_many_in_flight"
        case timedOut = "timed_out"
        case cancelled
        case connectionClosed = "connection_closed"
        case clientClosed = "client_closed"
        case refused
        case undecodable

        init<Exception>(_ failure: CallFailure<Exception>) {
            switch failure {
            case .exception: self = .exception
            case .call(.notConnected): self = .notConnected
            case .call(.tooManyInFlight): self = .tooManyInFlight
            case .call(.timedOut): self = .timedOut
            case .call(.cancelled): self = .cancelled
            case .call(.connectionClosed): self = .connectionClosed
            case .call(.clientClosed): self = .clientClosed
            case .call(.refused): self = .refused
            case .call(.undecodable): self = .undecodable
            }
        }
    }

    /// A method's metrics, made when it is first called.
    private final class Instruments: Sendable {
        let calls: [Status: Counter]
        let duration: Metrics.Timer

        init(_ method: String, _ factory: any MetricsFactory) {
            calls = Dictionary(
                uniqueKeysWithValues: Status.allCases.map {
                    let dimensions = [("method", method), ("status", $0.rawValue)]
                    return ($0, Counter(label: "rpc_client_calls_total", dimensions: dimensions, factory: factory))
                })
            duration = Metrics.Timer(
                label: "rpc_client_call_duration", dimensions: [("method", method)], factory: factory)
        }
    }

    private let factory: any MetricsFactory
    private let instruments = Mutex<[ObjectIdentifier: Instruments]>([:])

    /// - Parameter factory: makes the metrics; by default the one that the process has set up.
    public init(factory: any MetricsFactory = MetricsSystem.factory) { self.factory = factory }

    public func intercept<Method: RPCMethod>(
        _ call: OutgoingCall<Method>,
        next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        let instruments = instruments(of: Method.self)
        let start = call.clock.now()
        var status = Status.ok
        defer {
            instruments.duration.recordNanoseconds(call.clock.now().nanoseconds(since: start))
            instruments.calls[status]?.increment()
        }
        do throws(CallFailure<Method.Failure>) {
            return try await next(call)
        } catch {
            status = Status(error)
            throw error
        }
    }

    private func instruments<Method: RPCMethod>(of method: Method.Type) -> Instruments {
        instruments.withLock { known in
            if let instruments = known[ObjectIdentifier(method)] { return instruments }
            let instruments = Instruments("\(method.name)", factory)
            known[ObjectIdentifier(method)] = instruments
            return instruments
        }
    }
}
