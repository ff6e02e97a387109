//! A server of service Storage of which can be seen whether anything is left of its calls.

import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import StorageEngine
import Synchronization
import Timing

@testable import NeedletailRPC
@testable import RedisEngine
@testable import StorageServer

final class SoakServer: Sendable {
    /// What is left of calls, over all event loops; all zero when there are none.
    struct Remains: Equatable, CustomStringConvertible {
        var callsInFlight = 0
        var connections = 0
        var timers = 0
        var engineRequests = 0
        var buffersOut = 0
        var heldBytes = 0

        var description: String {
            "\(callsInFlight) calls in flight, \(connections) connections, \(timers) timers, \(engineRequests) requests to the engine, \(buffersOut) buffers out of the pool, \(heldBytes) bytes held"
        }
    }

    /// What one event loop's service holds; looked at on that loop.
    private struct Loop {
        let timers: LoopTimers
        let engineRequests: () -> Int
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let loops = Mutex<[(any EventLoop, NIOLoopBound<Loop>)]>([])
    private let ends = LoopEnds()
    private let server = Mutex<RPCServer?>(nil)

    init(over engine: MemoryEngine) async throws {
        try await start { index, eventLoop, timers in
            StorageService(
                engine: engine, checks: Self.checks(engine.capabilities), on: eventLoop, timers: timers)
        } engineRequests: { _ in
            { 0 }
        }
    }

    init(over engine: RedisEngine) async throws {
        try await start { [ends] index, eventLoop, timers in
            let session = engine.makeSession(on: eventLoop, timers: LoopTimers(on: eventLoop, clock: .system))
            ends.add(on: eventLoop) { engine.close(session) }
            return DeferredStorageService(
                engine: engine, session: session, checks: Self.checks(engine.capabilities),
                width: FanOutWidth(concurrency: 64, keysPerPart: 16), timers: timers)
        } engineRequests: { service in
            let session = service.session
            return { session.cluster.load }
        }
    }

    private static func checks(_ capabilities: EngineCapabilities) -> RequestChecks {
        RequestChecks(
            ServiceLimits(), capabilities, clock: .system, counters: CounterBlock(count: ServiceCounters.count),
            loading: .done)
    }

    private func start<Service: RPCService>(
        _ makeService: @escaping @Sendable (Int, any EventLoop, LoopTimers) -> Service,
        engineRequests: @escaping @Sendable (Service) -> () -> Int
    ) async throws {
        let started = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { index, eventLoop in
            let timers = LoopTimers(on: eventLoop, clock: .system)
            let service = makeService(index, eventLoop, timers)
            let loop = NIOLoopBound(
                Loop(timers: timers, engineRequests: engineRequests(service)), eventLoop: eventLoop)
            self.loops.withLock { $0.append((eventLoop, loop)) }
            return service
        }
        server.withLock { $0 = started }
    }

    private var running: RPCServer {
        guard let server = server.withLock({ $0 }) else { preconditionFailure("the server was started") }
        return server
    }

    var port: Int { running.port }

    func remains() async throws -> Remains {
        let server = running
        server.publishGauges()
        var remains = Remains()
        for (eventLoop, loop) in loops.withLock({ $0 }) {
            let (timers, requests) = try await eventLoop.submit {
                (loop.value.timers.count, loop.value.engineRequests())
            }.get()
            remains.timers += timers
            remains.engineRequests += requests
        }
        let inFlight = server.metrics.reduce(0) { sum, metrics in
            server.methodNames.indices.reduce(sum) { $0 + metrics.inFlight(ofMethod: $1) }
        }
        remains.callsInFlight = max(await server.lateCallsOpen(), inFlight)
        remains.connections = server.connectionsOpen
        func sum(_ counter: RPCCounter) -> Int { server.metrics.reduce(0) { $0 + Int($1.counters[counter.rawValue]) } }
        remains.buffersOut = sum(.bufferPoolOut)
        remains.heldBytes = sum(.heldBytes)
        return remains
    }

    func stop() async throws {
        await running.shutDown(within: .seconds(10))
        await ends.run()
        try await group.shutdownGracefully()
    }
}
