//! A server whose log is on a simulated disk, with a client, and its figures as `/metrics` shows them.

import LogSimulation
import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing
import Timing
import WriteAheadLog

@testable import NeedletailRPC
@testable import StorageServer

struct SimulatedServer {
    let disk: SimulatedLogStorage
    let storage: Storage
    let log: ServerLog
    private let counters: CounterBlock

    var families: [MetricFamily] { ServiceCounters.families([counters]) + log.families() }

    /// Runs `body` with a server that has taken its first write.
    static func with(
        _ change: (inout ServerConfiguration.Log) -> Void = { _ in }, _ body: (SimulatedServer) async throws -> Void
    ) async throws {
        let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (disk, counters) = (SimulatedLogStorage(), CounterBlock(count: ServiceCounters.count))
        var configuration = ServerConfiguration.defaults.log
        configuration.segmentSizeBytes = 1 << 20
        change(&configuration)
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(isLogged: true))
        let log = try ServerLog(configuration, on: disk, for: engine, workers: 1, clock: .system, logger: silence)
        try log.load(Loading(isDone: false))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, clock: .system, logger: silence
        ) { _, eventLoop in
            StorageService(engine: engine, limits: ServiceLimits(), on: eventLoop, clock: .system, counters: counters)
        }
        let client = try await RPCClient.connect(
            to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: RPCWire(.messagePack)),
            on: group)
        let result: Result<Void, any Error>
        do {
            let storage = Storage(client, ManualTime())
            try await storage.put("before", "1")
            result = .success(
                try await body(SimulatedServer(disk: disk, storage: storage, log: log, counters: counters)))
        } catch {
            result = .failure(error)
        }
        await client.close()
        await server.shutDown(within: .seconds(5))
        try await group.shutdownGracefully()
        log.close()
        try result.get()
    }

    /// Writes while the disk takes this long for its sync.
    func put(syncMillis: Int64) async throws {
        let latch = SyncLatch()
        disk.latch = latch
        let storage = storage
        async let answer = storage.put("slow", "1")
        #expect(latch.waitForSync(until: Clock.system.now().advanced(byMilliseconds: 8_000)))
        disk.latch = nil
        try await Task.sleep(for: .milliseconds(syncMillis))
        latch.open()
        _ = try await answer
    }
}
