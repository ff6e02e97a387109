//! Gathers what the server knows of itself: from the engine, the connections, the service's counters and the kernel.

internal import NeedletailRPC
internal import NeedletailTelemetry
internal import StorageEngine
internal import Timing

/// Makes the answers of the admin port; safe to call from any thread.
struct ReportMaker<Engine: ServedEngine>: Sendable {
    private let engine: Engine
    private let log: ServerLog?
    private let engineKind: String
    private let durability: String
    private let rpc: RPCServer
    private let admissionRules: AdmissionConfiguration
    private let serviceCounters: [CounterBlock]
    private let latencies: LatencyFigures
    private let governor: Governor
    private let slowCalls: SlowCallLog
    private let tracing: ServerTracing?
    private let readiness: Readiness
    private let alerts: AlertWatch
    private let clock: Clock
    private let start: MonotonicTime

    init(
        engine: Engine, log: ServerLog?, engineKind: String, durability: String, rpc: RPCServer,
        admission: AdmissionConfiguration, serviceCounters: [CounterBlock], latencies: LatencyFigures,
        slowCalls: SlowCallLog, tracing: ServerTracing?, governor: Governor, readiness: Readiness, alerts: AlertWatch,
        clock: Clock
    ) {
        self.engine = engine
        self.log = log
        self.engineKind = engineKind
        self.durability = durability
        self.rpc = rpc
        admissionRules = admission
        self.serviceCounters = serviceCounters
        self.latencies = latencies
        self.governor = governor
        self.slowCalls = slowCalls
        self.tracing = tracing
        self.readiness = readiness
        self.alerts = alerts
        self.clock = clock
        start = clock.now()
    }

    var source: ReportSource {
        ReportSource(
            notReady: { readiness.reason }, report: { report() }, slow: { slowCalls.report() }, metrics: { metrics() },
            requestSnapshot: { log?.requestSnapshot() ?? false })
    }

    private func report() -> ServerReport {
        let statistics = engine.statistics()
        let runtime = RuntimeFigures.sample(governor)
        let (total, recent) = latencies.methods()
        return ServerReport(
            build: needletailVersion, ready: readiness.reason == nil,
            uptimeSeconds: Double(clock.now().nanoseconds(since: start)) / 1e9, durability: durability,
            eventLoops: serviceCounters.count, rpcPort: rpc.port, connections: rpc.connectionsOpen,
            connectionsRejected: rpc.connectionsRejected,
            engine: ServerReport.Engine(
                kind: engineKind, keys: statistics.keys, entryBytes: statistics.entryBytes,
                tableBytes: statistics.tableBytes, memoryLimitBytes: statistics.memoryLimitBytes,
                expiredKeys: statistics.expiredKeys, evictedKeys: statistics.evictedKeys,
                contendedLocks: statistics.contendedLocks),
            log: log?.report(), admission: admission,
            methods: ServiceCounters.requestsByMethod(serviceCounters).enumerated().map { method, requests in
                let latency = ServerReport.Latency(total[method])
                return ServerReport.Method(
                    method: requests.method, requests: requests.count, inFlight: inFlight(method),
                    inFlightLimit: rpc.metrics.reduce(0) { $0 &+ $1.inFlightLimit(ofMethod: method) },
                    p50Micros: latency.p50Micros, p90Micros: latency.p90Micros, p99Micros: latency.p99Micros,
                    p999Micros: latency.p999Micros,
                    lastMinute: ServerReport.LastMinute(recent.distributions[method], seconds: recent.seconds))
            },
            eventLoopLagSeconds: latencies.lagSeconds, callers: latencies.callerReports(),
            process: runtime.processReport, runtime: runtime.report, governor: governor.report(),
            alerts: alerts.reports)
    }

    private var admission: ServerReport.Admission {
        func shed(_ reason: ShedReason) -> UInt64 {
            serviceCounters.reduce(0) { $0 &+ $1[ServiceCounters.shed(reason)] }
        }
        return ServerReport.Admission(
            enabled: admissionRules.isEnabled, targetMillis: admissionRules.targetMillis,
            intervalMillis: admissionRules.intervalMillis, inFlight: inFlight, shedBySojourn: shed(.sojourn),
            shedByConcurrency: shed(.concurrency))
    }

    /// Calls of a method that will be answered later and have not been, over all loops.
    private func inFlight(_ method: Int) -> Int { rpc.metrics.reduce(0) { $0 + $1.inFlight(ofMethod: method) } }

    private var inFlight: Int { rpc.methodNames.indices.reduce(0) { $0 + inFlight($1) } }

    private func metrics() -> [MetricFamily] {
        rpc.publishGauges()
        let statistics = engine.statistics()
        func sum(_ counter: RPCCounter) -> Double {
            Double(rpc.metrics.reduce(0) { $0 &+ $1.counters[counter.rawValue] })
        }
        let engineFamilies = [
            MetricFamily("keys", .gauge, "Entries in the store.", value: Double(statistics.keys)),
            MetricFamily(
                "memory_used_bytes", .gauge, "Memory of the store, by what holds it.",
                [
                    .init([("kind", "entries")], Double(statistics.entryBytes)),
                    .init([("kind", "table")], Double(statistics.tableBytes)),
                ]),
            MetricFamily(
                "evicted_keys_total", .counter, "Entries evicted at the memory limit.",
                value: Double(statistics.evictedKeys)),
            MetricFamily(
                "expired_keys_total", .counter, "Entries removed because their time was over.",
                value: Double(statistics.expiredKeys)),
            MetricFamily(
                "contended_locks_total", .counter, "Times a shard's lock was found taken.",
                value: Double(statistics.contendedLocks)),
        ]
        let connectionFamilies = [
            MetricFamily("connections", .gauge, "Open connections.", value: Double(rpc.connectionsOpen)),
            MetricFamily(
                "requests_in_flight", .gauge, "Calls that were begun, will be answered later, and have not been.",
                value: Double(inFlight)),
            MetricFamily(
                "connections_total", .counter, "Connections accepted.", value: sum(.connectionsOpened)),
            MetricFamily(
                "connections_rejected_total", .counter, "Connections closed without serving them, by why.",
                [
                    .init([("reason", "limit")], Double(rpc.connectionsRejected)),
                    .init([("reason", "protocol")], sum(.connectionsForeign)),
                    .init([("reason", "plaintext")], sum(.connectionsPlaintext)),
                    .init([("reason", "tls")], sum(.connectionsTLSFailed)),
                ]),
            MetricFamily(
                "connections_aborted_total", .counter, "Connections closed in the middle of their work, by why.",
                [
                    .init([("reason", "stalled")], sum(.connectionsStalled)),
                    .init([("reason", "held_bytes")], sum(.connectionsOverHeldBytes)),
                ]),
            MetricFamily(
                "held_bytes", .gauge, "Bytes of messages that came in part and of answers that were not read.",
                value: sum(.heldBytes)),
            MetricFamily(
                "buffer_pool_hits_total", .counter, "Buffers taken from the pool.", value: sum(.bufferPoolHits)),
            MetricFamily(
                "buffer_pool_misses_total", .counter, "Buffers that had to be allocated.",
                value: sum(.bufferPoolMisses)),
            MetricFamily(
                "buffer_pool_bytes", .gauge, "Bytes that the pools hold.", value: sum(.bufferPoolBytes)),
            MetricFamily(
                "buffer_pool_buffers_out", .gauge, "Buffers that were taken from the pools and have not come back.",
                value: sum(.bufferPoolOut)),
        ]
        return ServiceCounters.families(serviceCounters) + latencies.families() + engineFamilies + connectionFamilies
            + (log?.families() ?? []) + slowCalls.families + (tracing?.families ?? [])
            + RuntimeFigures.sample(governor).families + governor.families() + alerts.families
            + LibraryMetrics.process.families
    }
}
