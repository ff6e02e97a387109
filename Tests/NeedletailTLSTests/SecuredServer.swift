//! The service on a real port of its own, behind TLS, in this process.

import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailRPC
import NeedletailTLS
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import StorageEngine
import StorageServer
import Timing

struct SecuredServer: Sendable {
    private let server: RPCServer
    private let engine: MemoryEngine

    var port: Int { server.port }

    /// Runs `body` with a server.
    @discardableResult
    static func with<Result: Sendable>(
        _ security: (any ServerSecurity)?, limits: RPCLimits = RPCLimits(),
        _ body: (SecuredServer) async throws -> Result
    ) async throws -> Result {
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 4))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0, limits: limits, security: security), on: group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _, _ in
            StorageService(
                engine: engine, limits: ServiceLimits(), clock: .system,
                counters: CounterBlock(count: ServiceCounters.count))
        }
        do {
            let result = try await body(SecuredServer(server: server, engine: engine))
            await server.shutDown(within: .seconds(5))
            try await group.shutdownGracefully()
            return result
        } catch {
            await server.shutDown(within: .zero)
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Runs `body` with a client of this server.
    @discardableResult
    func withClient<Result: Sendable>(
        _ security: (any ClientSecurity)?, _ wire: RPCWire = RPCWire(.messagePack), host: String = "127.0.0.1",
        _ body: (StorageClient) async throws -> Result
    ) async throws -> Result {
        let rpc = try await RPCClient.connect(
            to: .tcp(host: host, port: port), RPCClientConfiguration(wire: wire, security: security))
        do {
            let result = try await body(StorageClient(rpc))
            await rpc.close()
            return result
        } catch {
            await rpc.close()
            throw error
        }
    }

    var keyCount: Int { engine.statistics().keys }

    func count(_ counter: RPCCounter) -> UInt64 {
        server.metrics.reduce(0) { $0 + $1.counters[counter.rawValue] }
    }
}

let allWires = [
    RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact), RPCWire(.thriftBinary, .framed),
    RPCWire(.thriftCompact, .framed),
]

/// The exception that a call of the service ends with; nil if it does not.
func exception(_ call: () async throws -> Void) async -> StorageError? {
    do {
        try await call()
        return nil
    } catch CallFailure<StorageError>.exception(let error) {
        return error
    } catch {
        return nil
    }
}

extension ByteBuffer {
    static func text(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }
}
