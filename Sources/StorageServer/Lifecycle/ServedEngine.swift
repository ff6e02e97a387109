//! An engine as a server has it: with the services of each event loop that are made over it.

internal import HistoryService
package import MemoryEngine
internal import NIOCore
package import NeedletailRPC
package import StorageEngine
internal import Timing

/// What a server is a server of.
package protocol ServedEngine: Sendable {
    associatedtype Service: RPCService

    var capabilities: EngineCapabilities { get }

    /// Makes the service of one loop, on that loop.
    func makeService(_ loop: ServedLoop) -> Service

    /// Figures for `/stats` and `/metrics`.
    func statistics() -> EngineStatistics

    /// The same for each shard; none of an engine that has no shards here.
    func shardFigures() -> [ShardFigures]
}

extension ServedEngine {
    package func shardFigures() -> [ShardFigures] { [] }
}

/// One event loop of a server.
package struct ServedLoop {
    let index: Int
    /// How many there are.
    let count: Int
    let eventLoop: any EventLoop
    let timers: LoopTimers
    let checks: RequestChecks
    let reads: FanOutWidth
    let history: HistoryConfiguration
    let ends: LoopEnds

    fileprivate func makeHistory<Engine: DeferredEngine>(
        _ engine: Engine, _ session: Engine.Session, thrift: (any ThriftEventDecoder)? = nil
    ) -> HistoryService<Engine> {
        HistoryService(
            engine: engine, session: session, configuration: history, limits: HistoryLimits(checks.limits),
            host: StorageHost(checks), timers: timers, clock: checks.clock, thrift: thrift)
    }
}

/// The embedded engine: calls are answered where they arrive.
package struct EmbeddedEngine: ServedEngine {
    let engine: MemoryEngine
    let clock: Clock
    private let crew = ReadCrew<MemoryEngine>()

    init(engine: MemoryEngine, clock: Clock) {
        self.engine = engine
        self.clock = clock
    }

    package var capabilities: EngineCapabilities { engine.capabilities }

    package func makeService(_ loop: ServedLoop) -> some RPCService {
        let storage = StorageService(
            engine: engine, checks: loop.checks, on: loop.eventLoop, timers: loop.timers, crew: crew)
        crew.join(storage, on: loop.eventLoop)
        Housekeeping.start(storage, worker: loop.index, of: loop.count, on: loop.eventLoop)
        return PairedService(storage, loop.makeHistory(AtOnceEngine(engine, clock: clock), storage.session))
    }

    package func statistics() -> EngineStatistics { engine.statistics() }

    package func shardFigures() -> [ShardFigures] { engine.shardFigures() }
}

/// An engine behind a network: calls are answered when it has answered.
package struct DistributedEngine<Engine: DeferredEngine>: ServedEngine {
    let engine: Engine
    /// Decodes the events of Thrift blobs; nil: what our compiler generates.
    let thrift: (any ThriftEventDecoder)?

    package var capabilities: EngineCapabilities { engine.capabilities }

    package func makeService(_ loop: ServedLoop) -> some RPCService {
        let session = engine.makeSession(on: loop.eventLoop, timers: loop.timers)
        loop.ends.add(on: loop.eventLoop) { engine.close(session) }
        let storage = DeferredStorageService(
            engine: engine, session: session, checks: loop.checks, width: loop.reads, timers: loop.timers)
        return PairedService(storage, loop.makeHistory(engine, session, thrift: thrift))
    }

    package func statistics() -> EngineStatistics { engine.statistics() }
}
