//! The server with the embedded engine, made from a configuration.

package import Logging
package import MemoryEngine
internal import StorageEngine
package import Timing

#if canImport(Glibc)
    internal import CIntrinsics
#endif

extension StorageServer where Engine == MemoryEngine {
    /// A server over a new memory engine, sized for the container that it runs in.
    /// - Throws: `StartError`.
    package static func embedded(
        _ configuration: ServerConfiguration, container: ContainerLimits = .current(), clock: Clock = .system,
        security: PortSecurity = PortSecurity(), logger: Logger,
        onReady: @escaping @Sendable (Ports) -> Void = { _ in }
    ) throws(StartError) -> StorageServer<MemoryEngine> {
        let eventLoops = configuration.rpc.eventLoopCount(in: container)
        #if canImport(Glibc)
            // One arena a loop and one for the rest: glibc's 8 per core would spread the heap.
            nt_limit_arenas(Int32(eventLoops + 1))
        #endif
        let engine = MemoryEngine(
            configuration: MemoryEngineConfiguration(
                shardCount: configuration.memory.shards,
                memoryLimitBytes: configuration.memory.maxMemoryBytes(in: container),
                evictionPolicy: .init(configuration.memory.eviction),
                // Versions never go back over restarts, also without a log.
                firstVersion: max(1, clock.wallNow().milliseconds * 1_000)))
        return try StorageServer(
            configuration, engine: engine, eventLoops: eventLoops, clock: clock, security: security, logger: logger,
            onReady: onReady)
    }
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
