//! The distributed engine: values live in a Redis or Valkey, one or a cluster, as they are; Needletail in front of it
//! brings deadlines, results per key and its protocols, and no state of its own.
//!
//! Threads: the engine itself is shared and holds nothing that changes but figures; everything else is in the session
//! of an event loop.

public import NIOCore
public import StorageEngine
public import Timing

/// Redis or Valkey, one or a cluster, as a store.
///
/// No versions: `ifVersion` is unsupported, and so is an atomic `multiPut` over several slots of a cluster.
public struct RedisEngine: DeferredEngine {
    public typealias Session = RedisSession

    public let capabilities: EngineCapabilities
    /// What is counted, over all event loops.
    public let figures = RedisFigures()
    private let configuration: RedisEngineConfiguration
    private let clock: Clock
    private let connector: any NodeConnector

    /// Connects to nothing yet.
    public init(_ configuration: RedisEngineConfiguration, clock: Clock = .system) {
        self.init(configuration, clock: clock, connector: SocketNodeConnector(security: configuration.security))
    }

    init(_ configuration: RedisEngineConfiguration, clock: Clock, connector: any NodeConnector) {
        self.configuration = configuration
        self.clock = clock
        self.connector = connector
        // What Redis logs and syncs is its own configuration, which is not ours to promise.
        capabilities = EngineCapabilities(
            durabilities: configuration.replicas > 0 ? [.memory, .replicated] : [.memory], versions: false,
            atomicBatches: false)
    }

    public func makeSession(on eventLoop: any EventLoop, timers: LoopTimers) -> RedisSession {
        let session = RedisSession(
            RedisLoop(
                configuration, on: eventLoop, timers: timers, clock: clock, connector: connector, figures: figures))
        // The first call finds the topology, or its reading under way.
        session.cluster.whenKnown { _ in }
        return session
    }

    public func close(_ session: RedisSession) { session.close() }

    /// Redis' own figures are Redis' to show; those of our connections are `figures`.
    public func statistics() -> EngineStatistics { EngineStatistics() }
}
