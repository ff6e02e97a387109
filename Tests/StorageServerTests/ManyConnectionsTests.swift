//! Several connections at once, over two event loops and every protocol.

import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct ManyConnectionsTests {
    private static let wires = [
        RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact),
        RPCWire(.thriftBinary, .framed), RPCWire(.thriftCompact, .framed), RPCWire(.messagePack),
    ]

    /// Runs `body` against a server with two event loops.
    private func withServer(
        limits: RPCLimits = RPCLimits(),
        _ body: (RPCServer, MultiThreadedEventLoopGroup) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let engine = MemoryEngine()
        let server = try await RPCServer.start(
            // How long calls wait here depends on what else the machine does; none may be shed for it.
            RPCServerConfiguration(
                port: 0, limits: limits, admission: AdmissionConfiguration(isEnabled: false)), on: group,
            clock: .system, logger: Logger(label: "test")
        ) { _, _ in
            StorageService(
                engine: engine, limits: ServiceLimits(), clock: .system,
                counters: CounterBlock(count: ServiceCounters.count))
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(server, group)) } catch { result = .failure(error) }
        await server.shutDown(within: .seconds(5))
        try await group.shutdownGracefully()
        try result.get()
    }

    @Test func noAnswerIsWrongUnderLoadFromSeveralConnections() async throws {
        let rounds = Int64(300)
        try await withServer { (server, group) async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (number, wire) in Self.wires.enumerated() {
                    tasks.addTask {
                        let client = try await RPCClient.connect(
                            to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: wire),
                            on: group)
                        let storage = Storage(client, ManualTime())
                        let names = Self.wires.indices.map { "key\($0)" }
                        for round in 0..<rounds {
                            try await storage.put("key\(number)", "\(number):\(round)")
                            #expect(try await storage.text("key\(number)") == "\(number):\(round)")
                            try await storage.increment("sum", 1)
                            let answer = try await storage.multiGet(names)
                            for (index, text) in answer.texts.enumerated()
                            where answer.statusBytes[index] == Status.found {
                                #expect(text.hasPrefix("\(index):"), "another key's value")
                            }
                        }
                        await client.close()
                    }
                }
                try await tasks.waitForAll()
            }
            let client = try await RPCClient.connect(
                to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: Self.wires[0]), on: group)
            #expect(try await Storage(client, ManualTime()).text("sum") == "\(rounds * Int64(Self.wires.count))")
            await client.close()
        }
    }

    @Test(arguments: wires.dropLast()) func twoThousandCallsInFlightAreAllAnswered(_ wire: RPCWire) async throws {
        try await withServer { (server, group) async throws in
            var configuration = RPCClientConfiguration(wire: wire)
            configuration.inFlightMax = 2_000
            let client = try await RPCClient.connect(
                to: .tcp(host: "127.0.0.1", port: server.port), configuration, on: group)
            let storage = Storage(client, ManualTime())
            try await withThrowingTaskGroup(of: Bool.self) { tasks in
                for number in 0..<2_000 {
                    tasks.addTask {
                        try await storage.put("k\(number)", "v\(number)")
                        return try await storage.text("k\(number)") == "v\(number)"
                    }
                }
                for try await isRight in tasks { #expect(isRight) }
            }
            await client.close()
        }
    }

    @Test func connectionsOverTheLimitAreClosedAndTheOthersGoOn() async throws {
        var limits = RPCLimits()
        limits.connectionsMax = 2
        try await withServer(limits: limits) { (server, group) async throws in
            let target = RPCTarget.tcp(host: "127.0.0.1", port: server.port)
            var clients: [RPCClient] = []
            for _ in 0..<2 {
                let client = try await RPCClient.connect(
                    to: target, RPCClientConfiguration(wire: Self.wires[0]), on: group)
                try await Storage(client, ManualTime()).put("k", "v")
                clients.append(client)
            }
            let third = try await RPCClient.connect(to: target, RPCClientConfiguration(wire: Self.wires[0]), on: group)
            await #expect(throws: RPCClientError.self) {
                try await Storage(third, ManualTime()).put("k", "w")
            }
            // The client may have tried twice.
            #expect(server.connectionsRejected >= 1)
            for client in clients {
                #expect(try await Storage(client, ManualTime()).text("k") == "v")
                await client.close()
            }
        }
    }
}
