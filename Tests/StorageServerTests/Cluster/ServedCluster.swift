//! A server over a cluster of real Redis processes, and a client of it.

import Logging
import NIOCore
import NeedletailRPC
import NeedletailWire
import RedisProcesses
import StorageAPI

@testable import StorageServer

enum ServedCluster {
    /// Runs `body` with a client of a server over `cluster`, and stops the server.
    static func run(_ cluster: RedisCluster, _ body: (StorageClient) async throws -> Void) async throws {
        var configuration = ServerConfiguration.defaults
        configuration.rpc.port = 0
        configuration.rpc.eventLoops = 2
        configuration.rpc.shutdownTimeoutMillis = 0
        configuration.admin.port = 0
        configuration.engine.kind = .redis
        configuration.engine.endpoints = cluster.nodes.prefix(2).map { "127.0.0.1:\($0.port)" }
        configuration.engine.replicas = 1
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try StorageServer.distributed(
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
            do { result = .success(try await withClient(port, body)) } catch { result = .failure(error) }
        } else {
            result = .success(())
        }
        task.cancel()
        try await task.value
        try result.get()
    }

    private static func withClient(_ port: Int, _ body: (StorageClient) async throws -> Void) async throws {
        // Failures are what is looked at: nothing is tried again behind the test's back.
        let rpc = try await RPCClient.connect(
            to: .tcp(host: "127.0.0.1", port: port), RPCClientConfiguration(interceptors: []))
        let result: Result<Void, any Error>
        do { result = .success(try await body(StorageClient(rpc))) } catch { result = .failure(error) }
        await rpc.close()
        try result.get()
    }
}

extension StorageClient {
    /// Reads many keys, with so many milliseconds for it.
    func read(_ keys: BinaryList, timeoutMillis: Int32) async throws -> MultiGetResponse {
        try await multiGet(
            MultiGetRequest(keys: keys, context: RequestContext(timeoutMillis: timeoutMillis)),
            options: CallOptions(timeout: .seconds(30)))
    }
}
