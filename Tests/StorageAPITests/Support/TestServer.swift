//! Servers that a client has to do with: ones that work, one that is gone, one that never answers, ones that say what a test
//! tells them to.

import Foundation
import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailRPC
import NeedletailTelemetry
import StorageAPI
import StorageServer
import Testing
import Timing

enum TestServer {
    /// The service over an engine of its own.
    case working
    /// One that there was when its client connected. (On a Unix socket, whose name nobody else is given later.)
    case gone
    /// One that takes connections and says nothing.
    case silent
    case scripted(ScriptedStorage)

    /// Runs `body` with a client of each of `servers`, and ends them all.
    static func with(_ servers: [TestServer], _ body: ([StorageClient]) async throws -> Void) async throws {
        try await start(servers[...], clients: [], body)
    }

    /// Runs `body` with a client over all of `servers`.
    static func withSharded(
        _ servers: [TestServer], partFailed: ShardedStorageClient.PartFailureHandler? = nil,
        _ body: (ShardedStorageClient) async throws -> Void
    ) async throws {
        try await with(servers) { try await body(ShardedStorageClient($0, partFailed: partFailed)) }
    }

    private static func start(
        _ servers: ArraySlice<TestServer>, clients: [StorageClient], _ body: ([StorageClient]) async throws -> Void
    ) async throws {
        guard let server = servers.first else { return try await body(clients) }
        try await server.run { (client) async throws in
            try await start(servers.dropFirst(), clients: clients + [client], body)
        }
    }

    private func run(_ body: (StorageClient) async throws -> Void) async throws {
        switch self {
        case .working: try await Self.withWorking { try await Self.withClient(of: $0, body) }
        case .silent: try await Self.withSilent { try await Self.withClient(of: $0, body) }
        case .scripted(let script):
            let server = try await RPCServer.start(RPCServerConfiguration(port: 0)) { _, eventLoop in
                StorageAsyncService(script, on: eventLoop)
            }
            try await Self.ending(server) {
                try await Self.withClient(of: .tcp(host: "127.0.0.1", port: server.port), body)
            }
        case .gone:
            let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).sock").path
            let server = try await Self.startWorking(RPCServerConfiguration(port: 0, unixSocketPath: path))
            try await Self.withClient(of: .unixSocket(path)) { (client) async throws in
                await server.shutDown(within: .seconds(5))
                try await body(client)
            }
        }
    }

    private static func withClient(of target: RPCTarget, _ body: (StorageClient) async throws -> Void) async throws {
        let rpc = try await RPCClient.connect(to: target)
        let result: Result<Void, any Error>
        do { result = .success(try await body(StorageClient(rpc))) } catch { result = .failure(error) }
        await rpc.close()
        try result.get()
    }

    /// Runs `body` with a server that works, and where it is.
    static func withWorking(_ body: (RPCTarget) async throws -> Void) async throws {
        let server = try await startWorking(RPCServerConfiguration(port: 0))
        try await ending(server) { try await body(.tcp(host: "127.0.0.1", port: server.port)) }
    }

    private static func startWorking(_ configuration: RPCServerConfiguration) async throws -> RPCServer {
        let engine = MemoryEngine()
        return try await RPCServer.start(configuration) { _, _ in
            StorageService(
                engine: engine, limits: ServiceLimits(), clock: .system,
                counters: CounterBlock(count: ServiceCounters.count))
        }
    }

    private static func ending(_ server: RPCServer, _ body: () async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await server.shutDown(within: .seconds(5))
        try result.get()
    }

    /// Runs `body` with a listener that reads nothing and writes nothing.
    static func withSilent(_ body: (RPCTarget) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            let port = try #require(listener.localAddress?.port)
            result = .success(try await body(.tcp(host: "127.0.0.1", port: port)))
        } catch {
            result = .failure(error)
        }
        try await listener.close()
        try result.get()
    }
}
