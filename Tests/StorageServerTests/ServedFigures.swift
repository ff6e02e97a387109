//! A server with what it measures of its calls and loops, on a clock of the test's choice.

import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import Timing

@testable import NeedletailRPC
@testable import StorageServer

struct ServedFigures {
    let eventLoop: any EventLoop
    private let server: RPCServer
    private let figures: LatencyFigures

    var port: Int { server.port }
    var families: [MetricFamily] { figures.families() }

    /// Runs `body` with a server that has one event loop.
    static func with(
        clock: Clock = .system, interceptors: [any ServerInterceptor] = [], tracing: CallTracing? = nil,
        _ body: (ServedFigures) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let engine = MemoryEngine()
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, interceptors: interceptors
        ) { _, loop in
            let checks = RequestChecks(
                ServiceLimits(), engine.capabilities, clock: clock,
                counters: CounterBlock(count: ServiceCounters.count), loading: .done, tracing: tracing)
            return StorageService(
                engine: engine, checks: checks, on: loop, timers: LoopTimers(on: loop, clock: clock))
        }
        let figures = LatencyFigures(server, callers: Callers(loops: 1), clock: clock)
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(ServedFigures(eventLoop: group.next(), server: server, figures: figures)))
        } catch { result = .failure(error) }
        await server.shutDown(within: .seconds(10))
        try await group.shutdownGracefully()
        try result.get()
    }
}
