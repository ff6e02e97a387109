//! A server whose disk holds a sync, as its clients see it.

import LogSimulation
import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Testing
import Timing
import WriteAheadLog

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct HeldSyncTests {
    private let disk = SimulatedLogStorage()
    private let latch = SyncLatch()
    private let counters = CounterBlock(count: ServiceCounters.count)

    /// Runs `body` with a client of a server over this disk.
    private func withServer(_ body: (RPCClient) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(isLogged: true))
        let directory = try LogDirectory.open(disk)
        var recovered = RecoveredLog()
        recovered.directoryID = directory.id
        var configuration = LogConfiguration()
        configuration.segmentBytes = 1 << 20
        let log = try WriteAheadLog(disk, configuration: configuration, after: recovered, firstLSN: 1)
        engine.attach(log)
        let threads = LogThreads(log, directory, after: recovered, source: { MemorySnapshot(of: engine) })
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, clock: .system, logger: Logger(label: "test")
        ) { [counters] _, eventLoop in
            StorageService(
                engine: engine, limits: ServiceLimits(), on: eventLoop, clock: .system, counters: counters)
        }
        let client = try await RPCClient.connect(
            to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: RPCWire(.messagePack)),
            on: group)
        let result: Result<Void, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        disk.latch = nil
        latch.open()
        await client.close()
        await server.shutDown(within: .seconds(5))
        try await group.shutdownGracefully()
        _ = threads.stop()
        try result.get()
    }

    private func requests(_ failure: ErrorCode?) -> UInt64 {
        counters[ServiceCounters.requests(StorageMethod.put.rawValue, .messagePack, failure)]
    }

    @Test func aWriteThatWaitsForAHeldSyncIsUnknownAtItsDeadlineAndReadsGoOn() async throws {
        try await withServer { (client) async throws in
            let storage = Storage(client, ManualTime())
            try await storage.put("before", "1")
            disk.latch = latch
            await storage.expectError(.deadlineExceeded, effect: .unknown) {
                try await storage.put("k", "v", context: RequestContext(timeoutMillis: 30))
            }
            #expect(try await storage.text("k") == "v")
            #expect(try await storage.put("k", "w", durability: .memory).durability == .memory)
            disk.latch = nil
            latch.open()
            #expect(try await storage.put("k", "x").durability == .synced)
            #expect(requests(nil) == 3)
            #expect(requests(.deadlineExceeded) == 1)
        }
    }

    @Test func aWriteThatItsClientGivesUpIsCancelledAndMayBeKept() async throws {
        try await withServer { (client) async throws in
            let storage = Storage(client, ManualTime())
            try await storage.put("before", "1")
            disk.latch = latch
            let given = Task { try await storage.put("k", "v") }
            try await reads(storage) { try await storage.text("k") == "v" }
            given.cancel()
            await #expect(throws: (any Error).self) { try await given.value }
            try await reads(storage) { requests(.cancelled) == 1 }
            disk.latch = nil
            latch.open()
            #expect(try await storage.put("l", "x").durability == .synced)
            #expect(try await storage.text("k") == "v")
            #expect(requests(nil) == 2)
            #expect(requests(.cancelled) == 1)
        }
    }

    /// Reads until something holds, for some seconds at most.
    private func reads(_ storage: Storage, until holds: () async throws -> Bool) async throws {
        let end = Clock.system.now().advanced(byMilliseconds: 8_000)
        while try await !holds() {
            try #require(Clock.system.now() < end)
            _ = try await storage.text("k")
        }
    }
}
