//! Gathers what the server knows of itself: from the engine, the connections, the service's counters and the kernel.

internal import NeedletailRPC
internal import NeedletailTelemetry
internal import StorageEngine
internal import Timing

/// Makes the answers of the admin port; safe to call from any thread.
struct ReportMaker<Engine: StorageEngine>: Sendable {
    private let engine: Engine
    private let engineKind: String
    private let durability: String
    private let rpc: RPCServer<StorageService<Engine>>
    private let serviceCounters: [CounterBlock]
    private let readiness: Readiness
    private let clock: Clock
    private let start: MonotonicTime

    init(
        engine: Engine, engineKind: String, durability: String, rpc: RPCServer<StorageService<Engine>>,
        serviceCounters: [CounterBlock], readiness: Readiness, clock: Clock
    ) {
        self.engine = engine
        self.engineKind = engineKind
        self.durability = durability
        self.rpc = rpc
        self.serviceCounters = serviceCounters
        self.readiness = readiness
        self.clock = clock
        start = clock.now()
    }

    var source: ReportSource {
        ReportSource(isReady: { readiness.isReady }, report: { report() }, metrics: { metrics() })
    }

    private func report() -> ServerReport {
        let statistics = engine.statistics()
        let process = ProcessFigures.sample()
        return ServerReport(
            build: needletailVersion, ready: readiness.isReady,
            uptimeSeconds: Double(clock.now().nanoseconds(since: start)) / 1e9, durability: durability,
            eventLoops: serviceCounters.count, rpcPort: rpc.port, connections: rpc.connectionsOpen,
            connectionsRejected: rpc.connectionsRejected,
            engine: ServerReport.Engine(
                kind: engineKind, keys: statistics.keys, entryBytes: statistics.entryBytes,
                tableBytes: statistics.tableBytes, memoryLimitBytes: statistics.memoryLimitBytes,
                expiredKeys: statistics.expiredKeys, evictedKeys: statistics.evictedKeys,
                contendedLocks: statistics.contendedLocks),
            methods: ServiceCounters.requestsByMethod(serviceCounters).map {
                ServerReport.Method(method: $0.method, requests: $0.count)
            },
            process: ServerReport.Process(
                cpuSeconds: process.cpuSeconds, residentBytes: process.residentBytes, threads: process.threads,
                openFileDescriptors: process.openFileDescriptors))
    }

    private func metrics() -> [MetricFamily] {
        rpc.publishPools()
        let statistics = engine.statistics()
        func sum(_ counter: RPCCounter) -> Double {
            Double(rpc.counters.reduce(0) { $0 &+ $1[counter.rawValue] })
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
                "connections_total", .counter, "Connections accepted.", value: sum(.connectionsOpened)),
            MetricFamily(
                "connections_rejected_total", .counter, "Connections closed without serving them, by why.",
                [
                    .init([("reason", "limit")], Double(rpc.connectionsRejected)),
                    .init([("reason", "protocol")], sum(.connectionsForeign)),
                ]),
            MetricFamily(
                "buffer_pool_hits_total", .counter, "Buffers taken from the pool.", value: sum(.bufferPoolHits)),
            MetricFamily(
                "buffer_pool_misses_total", .counter, "Buffers that had to be allocated.",
                value: sum(.bufferPoolMisses)),
            MetricFamily(
                "buffer_pool_bytes", .gauge, "Bytes that the pools hold.", value: sum(.bufferPoolBytes)),
        ]
        return ServiceCounters.families(serviceCounters) + engineFamilies + connectionFamilies
            + ProcessFigures.sample().families
    }
}
