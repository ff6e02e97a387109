//! The service put together: an engine and its log, the RPC port, the admin port, and the order in which they come and go.
//!
//! Start: everything that can be wrong is checked before a port is bound, but for what only reading the whole log shows; then
//! RPC is bound, then admin; then the log is loaded, while calls are refused with a word on how long that takes; then the
//! server is ready. Stop: not ready, no more connections, what was accepted is answered (bounded by `rpc.shutdownTimeout`),
//! the log is synced and closed, end.

internal import HistoryService
package import Logging
internal import NIOCore
internal import NIOPosix
internal import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailThreads
package import NeedletailTracing
internal import NeedletailWire
internal import ServiceLifecycle
internal import StorageEngine
internal import Synchronization
package import Timing

/// Why the server did not start; one line for the person who started it.
package struct StartError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The version that `/stats` and `--version` show.
package let needletailVersion = "0.1.0"

/// A server over an engine. `run` is its whole life.
package final class StorageServer<Engine: ServedEngine>: Service {
    /// The ports that were bound; 0 in the configuration picks them.
    package struct Ports: Sendable {
        package let rpc: Int
        package let admin: Int
    }

    private let configuration: ServerConfiguration
    private let engine: Engine
    private let log: ServerLog?
    private let limits: ServiceLimits
    private let eventLoops: Int
    private let clock: Clock
    private let security: PortSecurity
    private let options: ResolvedConfiguration?
    private let tracing: ServerTracing?
    private let logger: Logger
    private let onReady: @Sendable (Ports) -> Void

    /// Checks the configuration against the engine; binds nothing.
    /// - Parameters:
    ///   - log: what keeps the engine's changes; nil: nothing does.
    ///   - eventLoops: how many threads serve calls.
    ///   - security: what the configuration asks for, ready to use.
    ///   - options: where the configuration's values came from, for `/debug/options`.
    ///   - spans: posts spans to the collector of the configuration.
    ///   - onReady: told once that the server is ready.
    /// - Throws: `StartError`.
    package init(
        _ configuration: ServerConfiguration, engine: Engine, log: ServerLog? = nil, eventLoops: Int,
        clock: Clock = .system,
        security: PortSecurity = PortSecurity(), options: ResolvedConfiguration? = nil,
        spans: (any SpanTransport)? = nil, logger: Logger,
        onReady: @escaping @Sendable (Ports) -> Void = { _ in }
    ) throws(StartError) {
        self.configuration = configuration
        self.engine = engine
        self.log = log
        self.eventLoops = eventLoops
        self.clock = clock
        self.security = security
        self.options = options
        tracing = try ServerTracing(configuration.tracing, transport: spans, clock: clock)
        self.logger = logger
        self.onReady = onReady
        limits = try ServiceLimits(configuration, capabilities: engine.capabilities)
        // Without it the port would be served in plaintext.
        if configuration.tls.mode != .off, security.rpc == nil {
            throw StartError(
                "tls.mode is '\(configuration.tls.mode.rawValue)', and the server was given no security for RPC")
        }
        if configuration.admin.tls, security.admin == nil {
            throw StartError("admin.tls is true, and the server was given no security for the admin port")
        }
    }

    /// Binds, serves until the service is asked to shut down (or the task is cancelled), and ends in order.
    /// - Throws: `BindError`, if a port or socket is taken; `StartError`, if the log is damaged.
    package func run() async throws {
        FileDescriptorLimit.raise(forConnections: configuration.rpc.maxConnections, logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
        let ends = LoopEnds()
        let export = tracing.map { tracing in Task { await tracing.run() } }
        defer { export?.cancel() }
        do {
            try await serve(on: group, ends)
        } catch {
            await ends.run()
            try? await group.shutdownGracefully()
            export?.cancel()
            await export?.value
            throw error
        }
        await ends.run()
        try await group.shutdownGracefully()
        export?.cancel()
        await export?.value
    }

    private func serve(on group: MultiThreadedEventLoopGroup, _ ends: LoopEnds) async throws {
        let serviceCounters = (0..<eventLoops).map { _ in CounterBlock(count: ServiceCounters.count) }
        let (engine, limits, clock, eventLoops, tracing) = (engine, limits, clock, eventLoops, tracing)
        let (reads, history) = (FanOutWidth(configuration.reads), HistoryConfiguration(configuration))
        let callers = Callers(loops: eventLoops)
        let slowCalls = SlowCallLog(
            configuration.slowCalls, eventLoops: eventLoops, clock: clock, logger: logger)
        let loading = log == nil ? Loading.done : Loading(isDone: false)
        let governor = Governor(
            configuration.governor, holdsStore: configuration.engine.kind == .memory, clock: clock, logger: logger)
        let rpc = try await RPCServer.start(rpcConfiguration, on: group, clock: clock, logger: logger) {
            index, eventLoop in
            engine.makeService(
                ServedLoop(
                    index: index, count: eventLoops, eventLoop: eventLoop,
                    timers: LoopTimers(on: eventLoop, clock: clock),
                    checks: RequestChecks(
                        limits, engine.capabilities, clock: clock, counters: serviceCounters[index],
                        callers: LoopCallers(callers, loop: index), loading: loading, memory: governor.gate,
                        notes: slowCalls.makeNotes(index), sampler: slowCalls.sampler(index), tracing: tracing?.calls),
                    reads: reads, history: history, ends: ends))
        }
        let endGoverning = governor.start { rpc.economize(toPercent: $0) }
        defer { endGoverning() }
        let readiness = Readiness(loading)
        let latencies = LatencyFigures(rpc, callers: callers, clock: clock)
        let alerts = AlertWatch(
            configuration.alerting.rules, intervalMillis: configuration.alerting.intervalMillis, clock: clock,
            logger: logger)
        let reports = ReportMaker(
            engine: engine, log: log, engineKind: configuration.engine.kind.rawValue,
            durability: "\(limits.durability ?? engine.capabilities.bestDurability)", rpc: rpc,
            admission: rpcConfiguration.admission, serviceCounters: serviceCounters, latencies: latencies,
            slowCalls: slowCalls, tracing: tracing, governor: governor, readiness: readiness, alerts: alerts,
            clock: clock)
        let admin = AdminServer(
            host: configuration.admin.host, port: configuration.admin.port, source: reports.source,
            debug: configuration.admin.debug ? debugSource(rpc) : nil, security: security.admin, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (ports, portsContinuation) = AsyncStream.makeStream(of: Int.self)
            let address = "\(configuration.admin.host):\(configuration.admin.port) (admin.port, --admin-port)"
            tasks.addTask {
                defer { portsContinuation.finish() }
                do {
                    try await admin.run { portsContinuation.yield($0) }
                } catch is CancellationError {
                } catch {
                    throw BindError(address: address, reason: plainReason(of: error))
                }
            }
            tasks.addTask { await latencies.run() }
            guard let adminPort = await ports.first(where: { _ in true }) else {
                await rpc.shutDown(within: .zero)
                // The admin server has ended; what else runs has no end of its own.
                tasks.cancelAll()
                try await tasks.waitForAll()
                return
            }
            tasks.addTask { await alerts.run(reports.source.metrics) }
            do {
                if try await load(loading) {
                    readiness.serve()
                    announce(Ports(rpc: rpc.port, admin: adminPort))
                    try? await gracefulShutdown()
                }
            } catch {
                await rpc.shutDown(within: .zero)
                throw error
            }
            readiness.stop()
            logger.info("stopping: no new connections; answering what was accepted")
            await rpc.shutDown(within: .milliseconds(configuration.rpc.shutdownTimeoutMillis))
            log?.close()
            // The admin server was asked to stop by the same signal.
            try await tasks.waitForAll()
            logger.info("stopped")
        }
    }

    private func debugSource(_ rpc: RPCServer) -> DebugSource {
        let engine = engine
        return DebugSource(
            rpc: rpc, options: options, statistics: { engine.statistics() }, shards: { engine.shardFigures() })
    }

    /// Loads the log on a thread of its own.
    /// - Returns: false if the server was asked to stop first. The thread is left alone then: the process may end at any
    ///   point of its work.
    private func load(_ loading: Loading) async throws -> Bool {
        guard let log else { return true }
        let (events, continuation) = AsyncStream.makeStream(of: Result<Bool, any Error>.self)
        let thread = DedicatedThread("load") {
            continuation.yield(
                Result {
                    try log.load(loading)
                    return true
                })
        }
        let isLoaded = try await withGracefulShutdownHandler {
            try await events.first { _ in true }?.get() ?? false
        } onGracefulShutdown: {
            continuation.yield(.success(false))
        }
        if isLoaded {
            thread.join()
            loading.finish()
        }
        return isLoaded
    }

    private func announce(_ ports: Ports) {
        var metadata: Logger.Metadata = [
            "rpcPort": .stringConvertible(ports.rpc), "adminPort": .stringConvertible(ports.admin),
            "host": .string(configuration.rpc.host), "eventLoops": .stringConvertible(eventLoops),
            "engine": .string(configuration.engine.kind.rawValue),
            "tls": .string(configuration.tls.mode.rawValue),
            "durability": "\(limits.durability ?? engine.capabilities.bestDurability)",
        ]
        if let path = configuration.rpc.unixSocketPath { metadata["unixSocket"] = .string(path) }
        logger.info("ready", metadata: metadata)
        onReady(ports)
    }

    private var rpcConfiguration: RPCServerConfiguration {
        RPCServerConfiguration(
            host: configuration.rpc.host, port: configuration.rpc.port,
            unixSocketPath: configuration.rpc.unixSocketPath, backlog: configuration.rpc.backlog,
            limits: RPCLimits(
                frameSizeMax: configuration.limits.maxFrameSizeBytes,
                budget: WireBudget(
                    depth: configuration.limits.maxDepth, count: configuration.limits.maxKeysPerRequest),
                heldBytesMax: configuration.limits.maxHeldBytes, connectionsMax: configuration.rpc.maxConnections,
                unsentBytesHigh: configuration.rpc.writeBufferHighWatermarkBytes,
                unsentBytesLow: configuration.rpc.writeBufferLowWatermarkBytes,
                stallMillisMax: configuration.rpc.stallTimeoutMillis),
            admission: AdmissionConfiguration(
                isEnabled: configuration.admission.enabled, targetMillis: configuration.admission.targetMillis,
                intervalMillis: configuration.admission.intervalMillis,
                inFlightMax: configuration.admission.maxInFlight, inFlightMin: configuration.admission.minInFlight),
            security: security.rpc)
    }
}

/// Whether the server may be sent calls; set by its life, read by `/readyz`.
final class Readiness: Sendable {
    private let loading: Loading
    private let isServing = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)

    init(_ loading: Loading) { self.loading = loading }

    /// Why it may not; nil if it may.
    var reason: String? {
        if isServing.load(ordering: .relaxed) { return nil }
        if isStopping.load(ordering: .relaxed) { return "stopping" }
        return loading.isDone ? "starting" : "\(loading)"
    }

    func serve() { isServing.store(true, ordering: .relaxed) }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        isServing.store(false, ordering: .relaxed)
    }
}

extension ServiceLimits {
    /// - Throws: `StartError` if the configuration promises more than the engine can keep.
    init(_ configuration: ServerConfiguration, capabilities: EngineCapabilities) throws(StartError) {
        self.init()
        keySizeMax = configuration.limits.maxKeySizeBytes
        valueSizeMax = configuration.limits.maxValueSizeBytes
        keysPerRequestMax = configuration.limits.maxKeysPerRequest
        responseSizeMax = configuration.limits.maxResponseSizeBytes
        defaultTimeoutMillis = configuration.limits.defaultTimeoutMillis
        timeoutMillisMax = configuration.limits.maxTimeoutMillis
        // Without a log of ours a write that asks for nothing gets the engine's best.
        guard configuration.engine.kind == .memory else { return }
        let asked = configuration.log.durability.rawValue
        guard let level = EngineDurability.allCases.first(where: { "\($0)" == asked }),
            capabilities.durabilities.contains(level)
        else {
            throw StartError(
                "log.durability is '\(asked)', which the engine '\(configuration.engine.kind.rawValue)' does not have; its best is '\(capabilities.bestDurability)'"
            )
        }
        durability = level
    }
}
