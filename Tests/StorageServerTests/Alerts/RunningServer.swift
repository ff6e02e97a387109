//! A whole server with a log in a folder of its own, and its admin port.

import Foundation
import LogSimulation
import Logging
import MemoryEngine
import NIOCore
import NeedletailRPC
import Testing
import Timing

@testable import StorageServer

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct RunningServer {
    let ports: (rpc: Int, admin: Int)

    /// Runs `body` with a server that is ready.
    /// - Parameter disk: what has its log; nil: the folder.
    static func with(
        on disk: SimulatedLogStorage? = nil, _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (RunningServer) async throws -> Void
    ) async throws {
        let tree = try TemporaryTree()
        var configuration = ServerConfiguration.defaults
        configuration.rpc.port = 0
        configuration.rpc.eventLoops = 1
        configuration.rpc.shutdownTimeoutMillis = 0
        configuration.admin.port = 0
        configuration.log.directory = tree.path
        configuration.log.segmentSizeBytes = 1 << 20
        change(&configuration)
        let (ready, continuation) = AsyncStream.makeStream(of: (rpc: Int, admin: Int).self)
        let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let onReady = { @Sendable (ports: StorageServer<EmbeddedEngine>.Ports) in
            _ = continuation.yield((ports.rpc, ports.admin))
        }
        let server: StorageServer<EmbeddedEngine>
        if let disk {
            let engine = MemoryEngine(configuration: MemoryEngineConfiguration(isLogged: true))
            server = try StorageServer(
                configuration, engine: EmbeddedEngine(engine: engine, clock: .system),
                log: ServerLog(
                    configuration.log, on: disk, for: engine, workers: 1, clock: .system, logger: silence),
                eventLoops: 1, logger: silence, onReady: onReady)
        } else {
            server = try StorageServer.embedded(configuration, logger: silence, onReady: onReady)
        }
        let task = Task {
            defer { continuation.finish() }
            try await server.run()
        }
        let result: Result<Void, any Error>
        if let ports = await ready.first(where: { _ in true }) {
            do { result = .success(try await body(RunningServer(ports: ports))) } catch { result = .failure(error) }
        } else {
            Issue.record("the server did not start")
            result = .success(())
        }
        task.cancel()
        try await task.value
        try result.get()
    }

    /// What the admin port answers.
    func get(_ path: String) async throws -> String {
        let url = try #require(URL(string: "http://127.0.0.1:\(ports.admin)\(path)"))
        return String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
    }
}
