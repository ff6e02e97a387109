//! The server with the embedded engine, made from a configuration.

package import Logging
internal import MemoryEngine
package import NeedletailTracing
internal import StorageEngine
package import Timing

#if canImport(Glibc)
    internal import CIntrinsics
#endif

extension StorageServer where Engine == EmbeddedEngine {
    /// A server over a new memory engine, sized for the container that it runs in, and its log unless the durability is
    /// memory. The data directory is locked; it is loaded when the server runs.
    /// - Throws: `StartError`.
    package static func embedded(
        _ configuration: ServerConfiguration, container: ContainerLimits = .current(), clock: Clock = .system,
        security: PortSecurity = PortSecurity(), options: ResolvedConfiguration? = nil,
        spans: (any SpanTransport)? = nil, logger: Logger,
        onReady: @escaping @Sendable (Ports) -> Void = { _ in }
    ) throws(StartError) -> StorageServer<EmbeddedEngine> {
        let eventLoops = configuration.rpc.eventLoopCount(in: container)
        #if canImport(Glibc)
            // One arena a loop and one for the rest: glibc's 8 per core would spread the heap.
            nt_limit_arenas(Int32(eventLoops + 1))
        #endif
        let isLogged = configuration.log.durability != .memory
        let engine = MemoryEngine(
            configuration: MemoryEngineConfiguration(
                shardCount: configuration.memory.shards,
                memoryLimitBytes: configuration.memory.maxMemoryBytes(in: container),
                evictionPolicy: .init(configuration.memory.eviction),
                firstVersion: MemoryEngineConfiguration.version(at: clock.wallNow()), isLogged: isLogged))
        let log =
            isLogged
            ? try ServerLog(configuration.log, for: engine, workers: eventLoops, clock: clock, logger: logger) : nil
        return try StorageServer(
            configuration, engine: EmbeddedEngine(engine: engine, clock: clock), log: log, eventLoops: eventLoops,
            clock: clock, security: security, options: options, spans: spans,
            logger: logger, onReady: onReady)
    }
}

extension MemoryEngineConfiguration {
    /// The first version of a run: microseconds since 1970, so that versions never go back over restarts, also without a log
    /// and after changes were lost.
    static func version(at now: WallTime) -> Int64 { max(1, now.milliseconds * 1_000) }
}

extension MemoryEngineConfiguration.EvictionPolicy {
    fileprivate init(_ policy: EvictionPolicy) {
        self =
            switch policy {
            case .none: .none
            case .s3fifo: .s3fifo
            }
    }
}
