//! How long calls take, and how large they are: what the event loops measured, added up for the admin port. The last minute
//! needs readings of the past, which `run` takes on no event loop.

internal import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import ServiceLifecycle
internal import Timing

/// The latencies and sizes of a server's calls. Safe to use from any thread.
final class LatencyFigures: @unchecked Sendable {
    private let rpc: RPCServer
    private let callers: Callers
    private let clock: Clock
    private let lock = Lock()
    /// Of the methods by their numbers, and of the callers by their places. Under the lock.
    private var methodWindow: LatencyWindow
    private var callerWindow: LatencyWindow

    init(_ rpc: RPCServer, callers: Callers, clock: Clock) {
        self.rpc = rpc
        self.callers = callers
        self.clock = clock
        methodWindow = LatencyWindow(Self.methods(rpc), at: clock.now())
        callerWindow = LatencyWindow(callers.distributions(), at: clock.now())
    }

    /// Takes readings until the service shuts down or the task is cancelled.
    func run() async {
        await cancelWhenGracefulShutdown { [self] in
            while (try? await Task.sleep(for: .nanoseconds(LatencyWindow.intervalNanoseconds))) != nil { takeReading() }
        }
    }

    /// Keeps what the histograms hold now, if it is time. Only `run` calls this, so that readings come in their order.
    private func takeReading() {
        let (ofMethods, ofCallers) = (Self.methods(rpc), callers.distributions())
        lock.lock()
        defer { lock.unlock() }
        methodWindow.keep(ofMethods, at: clock.now())
        callerWindow.keep(ofCallers, at: clock.now())
    }

    /// Of each method, over all loops: since the start, and in the last minute.
    func methods() -> (total: [LatencyDistribution], recent: LatencyWindow.Recent) {
        // The past first: what is read now is never older.
        lock.lock()
        let window = methodWindow
        lock.unlock()
        let total = Self.methods(rpc)
        return (total, window.recent(total, at: clock.now()))
    }

    private static func methods(_ rpc: RPCServer) -> [LatencyDistribution] {
        rpc.methodNames.indices.map { distribution(rpc, at: RPCMetrics.place(ofMethod: $0)) }
    }

    private static func distribution(_ rpc: RPCServer, at place: Int) -> LatencyDistribution {
        LatencyDistribution(merging: rpc.metrics.map(\.latencies), at: place)
    }

    // MARK: For Prometheus

    func families() -> [MetricFamily] {
        let (total, recent) = methods()
        let names = rpc.methodNames
        return [
            MetricFamily(
                latencies: "request_duration_seconds", "From a call's arrival until its answer is encoded.",
                by: "method", zip(names, total).map { ($0, $1) }),
            MetricFamily(
                quantiles: "request_duration_quantile_seconds",
                "The same, as quantiles of the last minute; sum and count are since the start.",
                names.indices.map { ([("method", names[$0])], recent.distributions[$0], total[$0]) }),
            MetricFamily(
                latencies: "request_stage_duration_seconds",
                "Where calls spend their time; write is once for all answers that leave together.", by: "stage",
                CallStage.allCases.map { ("\($0)", Self.distribution(rpc, at: RPCMetrics.place(of: $0))) }),
            sizes(
                "request_bytes", "Bytes of a call's message, its frame and header left out.",
                RPCMetrics.place(ofRequestsOf:)),
            sizes(
                "response_bytes", "Bytes of an answer's message, its frame and header left out.",
                RPCMetrics.place(ofAnswersOf:)),
            MetricFamily(
                "event_loop_lag_seconds", .gauge,
                "The latest that an event loop ran a task of its own in the last 10 s.",
                rpc.metrics.enumerated().map { loop, metrics in
                    .init([("loop", "\(loop)")], Double(metrics.lag.nanoseconds(at: clock.now())) / 1e9)
                }),
        ] + callerFamilies()
    }

    /// Powers of two that are buckets: 16 bytes to 64 MiB, the largest frame by default.
    private static let sizePowers = stride(from: 4, through: 26, by: 2)

    private func sizes(_ name: String, _ help: String, _ place: (Int) -> Int) -> MetricFamily {
        MetricFamily(
            sizes: name, help, by: "method",
            rpc.methodNames.enumerated().map { method, name in
                (name, SizeDistribution(merging: rpc.metrics.map(\.sizes), at: place(method)))
            }, powers: Self.sizePowers)
    }

    private func callerFamilies() -> [MetricFamily] {
        let figures = callerFigures().figures.map { (labels: labels($0.caller), total: $0.total, recent: $0.recent) }
        return [
            MetricFamily(
                "caller_requests_total", .counter,
                "Calls of those that say where they come from; _other: the rest of them.",
                figures.map { .init($0.labels, Double($0.total.count)) }),
            MetricFamily(
                coarseLatencies: "caller_request_duration_seconds",
                "From a call's arrival until its answer is encoded, by where it says that it comes from.",
                figures.map { ($0.labels, $0.total) }),
            MetricFamily(
                quantiles: "caller_request_duration_quantile_seconds",
                "The same, as quantiles of the last minute; sum and count are since the start.",
                figures.map { ($0.labels, $0.recent, $0.total) }),
        ]
    }

    /// One caller, or all that have no place of their own (nil): since the start, and in the last minute.
    private typealias CallerFigures = (caller: Caller?, total: LatencyDistribution, recent: LatencyDistribution)

    /// In the order in which they first called, the rest of them last, if there are any.
    private func callerFigures() -> (figures: [CallerFigures], seconds: Double) {
        lock.lock()
        let window = callerWindow
        lock.unlock()
        let known = callers.callers()
        let total = callers.distributions()
        let recent = window.recent(total, at: clock.now())
        var figures = known.enumerated().map { place, caller in
            CallerFigures(caller, total[place], recent.distributions[place])
        }
        if let others = total.last, let recentOthers = recent.distributions.last, others.count > 0 {
            figures.append((nil, others, recentOthers))
        }
        return (figures, recent.seconds)
    }

    private func labels(_ caller: Caller?) -> [(name: String, value: String)] {
        let others = "_other"
        return [
            ("from_service", caller?.fromService ?? others), ("from_cluster", caller?.fromCluster ?? others),
            ("to_service", caller?.toService ?? others), ("to_cluster", caller?.toCluster ?? others),
            ("method", caller.map { rpc.methodNames[$0.method] } ?? others),
        ]
    }

    // MARK: For /stats

    /// In the order in which they first called, the rest of them last.
    func callerReports() -> [ServerReport.Caller] {
        let (figures, seconds) = callerFigures()
        return figures.map { caller, total, recent in
            let labels = labels(caller)
            return ServerReport.Caller(
                fromService: labels[0].value, fromCluster: labels[1].value, toService: labels[2].value,
                toCluster: labels[3].value, method: labels[4].value, requests: total.count,
                latency: ServerReport.Latency(total),
                lastMinute: ServerReport.LastMinute(recent, seconds: seconds))
        }
    }

    /// The greatest lateness of any loop in the last seconds.
    var lagSeconds: Double {
        let now = clock.now()
        return Double(rpc.metrics.map { $0.lag.nanoseconds(at: now) }.max() ?? 0) / 1e9
    }
}
