//! The history of a real server, through the generated client.

import Logging
import NIOCore
import NeedletailRPC
import StorageAPI
import Testing

@testable import StorageServer

struct HistoryEndToEndTests {
    /// Runs `body` with the port of a server of its own, and stops it.
    private func withServer(
        eventLoops: Int = 2, durability: LogDurability = .memory, directory: String = "",
        codec: HistoryCodec = .msgpack,
        _ body: (Int) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration.defaults
        configuration.rpc.port = 0
        configuration.rpc.eventLoops = eventLoops
        configuration.rpc.shutdownTimeoutMillis = 0
        configuration.admin.port = 0
        configuration.log.durability = durability
        configuration.log.directory = directory
        configuration.history.codec = codec
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try StorageServer.embedded(
            configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) {
            continuation.yield($0.rpc)
        }
        let task = Task {
            defer { continuation.finish() }
            try await server.run()
        }
        let result: Result<Void, any Error>
        if let port = await ports.first(where: { _ in true }) {
            do { result = .success(try await body(port)) } catch { result = .failure(error) }
        } else {
            result = .success(())
        }
        task.cancel()
        try await task.value
        try result.get()
    }

    private func withClient(
        port: Int, _ wire: RPCWire = RPCWire(.messagePack), _ body: (RPCClient) async throws -> Void
    ) async throws {
        let client = try await RPCClient.connect(
            to: .tcp(host: "127.0.0.1", port: port), RPCClientConfiguration(wire: wire))
        let result: Result<Void, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.close()
        try result.get()
    }

    private func events(_ range: Range<Int64>, _ text: String) -> [Event] {
        range.map { Event(timestampMillis: $0 * 600_000, data: ByteBuffer(string: "\(text).\($0)")) }
    }

    private static let wires = [
        RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact), RPCWire(.thriftBinary, .framed),
        RPCWire(.thriftCompact, .ttheader), RPCWire(.thriftBinary, .theader),
    ]

    @Test(arguments: HistoryCodec.allCases)
    func bothServicesAnswerOnOneConnection(codec: HistoryCodec) async throws {
        try await withServer(codec: codec) { port in
            for (number, wire) in Self.wires.enumerated() {
                try await withClient(port: port, wire) { client in
                    let history = HistoryClient(client)
                    let storage = StorageClient(client)
                    let owner = ByteBuffer(string: "owner \(number)")
                    let events = events(-10..<10, "event")
                    #expect(try await history.setData(SetDataRequest(owner: owner, events: events)).written == 20)
                    _ = try await storage.put(PutRequest(key: owner, value: ByteBuffer(string: "v")))
                    let answer = try await history.getDataByRange(
                        GetDataByRangeRequest(owner: owner, fromMillis: -3_600_000, toMillis: 3_600_000))
                    #expect(answer.events == Array(events[4..<16]) && answer.complete)
                    #expect(try await storage.get(GetRequest(key: owner)).value == ByteBuffer(string: "v"))
                }
            }
        }
    }

    /// On several event loops, so that they meet between a read and its swap.
    @Test func concurrentWritersToOneOwnerLoseNoEvent() async throws {
        let (writers, rounds) = (8, 40)
        try await withServer(eventLoops: 4) { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        try await withClient(port: port, Self.wires[writer % 3]) { client in
                            let history = HistoryClient(client)
                            for round in 0..<rounds {
                                let answer = try await history.setData(
                                    SetDataRequest(
                                        owner: ByteBuffer(string: "ann"), events: events(0..<8, "\(writer).\(round)")))
                                #expect(answer.written == 8)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await withClient(port: port) { client in
                let answer = try await HistoryClient(client).getDataByRange(
                    GetDataByRangeRequest(owner: ByteBuffer(string: "ann"), fromMillis: 0, toMillis: 7_200_000))
                #expect(answer.events.count == writers * rounds * 8)
                #expect(Set(answer.events).count == writers * rounds * 8)
                // Each writer's events of one moment in the order in which it wrote them.
                for writer in 0..<writers {
                    let own = answer.events.filter { $0.timestampMillis == 0 }.map { String(buffer: $0.data) }
                        .filter { $0.hasPrefix("\(writer).") }
                    #expect(own == (0..<rounds).map { "\(writer).\($0).0" })
                }
            }
        }
    }

    @Test func acknowledgedEventsAreThereAfterARestart() async throws {
        let tree = try TemporaryTree([:])
        let owner = ByteBuffer(string: "ann")
        let written = events(0..<20, "event")
        try await withServer(durability: .synced, directory: tree.path) { port in
            try await withClient(port: port) { client in
                let answer = try await HistoryClient(client).setData(SetDataRequest(owner: owner, events: written))
                #expect(answer.durability == .synced)
            }
        }
        try await withServer(durability: .synced, directory: tree.path) { port in
            try await withClient(port: port) { client in
                let answer = try await HistoryClient(client).getDataByRange(
                    GetDataByRangeRequest(owner: owner, fromMillis: 0, toMillis: 36_000_000))
                #expect(answer.events == written)
            }
        }
    }
}
