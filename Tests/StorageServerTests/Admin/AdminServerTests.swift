//! The admin port's bounds: connections, silence, threads.

import Foundation
import Logging
import MemoryEngine
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailThreads
import Synchronization
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite struct AdminServerTests {
    private static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` with the port of an admin server that has nothing to report.
    private func withAdminServer(
        connectionsMax: Int = AdminServer.connectionsMax, idleMillisMax: Int64 = AdminServer.idleSecondsMax * 1_000,
        debug: DebugSource? = nil, _ body: (Int) async throws -> Void
    ) async throws {
        let source = ReportSource(
            notReady: { nil }, report: { fatalError("nobody asks") }, slow: { fatalError("nobody asks") },
            metrics: { [] }, requestSnapshot: { false })
        let server = AdminServer(
            host: "127.0.0.1", port: 0, source: source, debug: debug, connectionsMax: connectionsMax,
            idleMillisMax: idleMillisMax, logger: Self.silence)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let task = Task { try await server.run { continuation.yield($0) } }
        let port = try #require(await ports.first { _ in true })
        let result: Result<Void, any Error>
        do { result = .success(try await body(port)) } catch { result = .failure(error) }
        task.cancel()
        _ = await task.result
        try result.get()
    }

    /// Tells of what comes in on a connection, and of its end.
    private final class Bytes: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let answers: AsyncStream<Void>.Continuation

        init(_ answers: AsyncStream<Void>.Continuation) { self.answers = answers }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { answers.yield() }

        func channelInactive(context: ChannelHandlerContext) { answers.finish() }
    }

    /// Connects and sends this.
    /// - Returns: the connection, and what comes back, one element a piece; it ends with the connection.
    private func connect(
        _ port: Int, sending text: String
    ) async throws -> (channel: any Channel, answers: AsyncStream<Void>) {
        let (stream, answers) = AsyncStream.makeStream(of: Void.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Bytes(answers)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        // The server may have closed it already.
        try? await channel.writeAndFlush(ByteBuffer(string: text))
        return (channel, stream)
    }

    private static let request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: ["", "GET /healthz HT", request])
    func aSilentConnectionIsClosed(_ sent: String) async throws {
        try await withAdminServer(idleMillisMax: 100) { port in
            let channel = try await connect(port, sending: sent).channel
            let isClosed = await withTaskGroup(of: Bool.self) { tasks in
                tasks.addTask { (try? await channel.closeFuture.get()) != nil }
                tasks.addTask { (try? await Task.sleep(for: .seconds(20))) == nil }
                defer { tasks.cancelAll() }
                let isClosed = await tasks.next() == true
                if !isClosed { try? await channel.close() }
                return isClosed
            }
            #expect(isClosed)
        }
    }

    /// Whether an answer comes before the connection's end.
    private func isAnswered(_ answers: AsyncStream<Void>) async -> Bool { await answers.first { _ in true } != nil }

    @Test(.timeLimit(.minutes(2))) func connectionsBeyondTheBoundAreClosed() async throws {
        try await withAdminServer(connectionsMax: 2) { port in
            let (one, two) = (
                try await connect(port, sending: Self.request), try await connect(port, sending: Self.request)
            )
            #expect(await isAnswered(one.answers))
            #expect(await isAnswered(two.answers))
            for _ in 0..<20 {
                let more = try await connect(port, sending: Self.request)
                #expect(await !isAnswered(more.answers))
            }
            try await one.channel.close()
            // There is room once the server has seen that.
            while true {
                let next = try await connect(port, sending: Self.request)
                let hasRoom = await isAnswered(next.answers)
                try? await next.channel.close()
                if hasRoom { break }
            }
            try await two.channel.close()
        }
    }

    @Test func withoutThreadsDiagnosisIsRefusedAndTheProcessGoesOn() async throws {
        let (group, engine) = (MultiThreadedEventLoopGroup(numberOfThreads: 1), MemoryEngine())
        let rpc = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, logger: Self.silence
        ) { _, eventLoop in
            StorageService(
                engine: engine, limits: ServiceLimits(), on: eventLoop, clock: .system,
                counters: CounterBlock(count: ServiceCounters.count))
        }
        let debug = DebugSource(
            rpc: rpc, options: nil, statistics: { engine.statistics() }, shards: { [] },
            startThread: { name, _ throws(DedicatedThread.Unavailable) in
                throw DedicatedThread.Unavailable(name: name, code: EAGAIN)
            })
        try await withAdminServer(debug: debug) { port in
            for path in ["threads", "profile?seconds=1", "heap", "threads", "heap"] {
                let url = try #require(URL(string: "http://127.0.0.1:\(port)/debug/\(path)"))
                let (body, response) = try await URLSession.shared.data(from: url)
                #expect((response as? HTTPURLResponse)?.statusCode == 503, "\(path)")
                #expect(String(decoding: body, as: UTF8.self).hasPrefix("the system has no thread for "), "\(path)")
            }
        }
        await rpc.shutDown(within: .seconds(5))
        try await group.shutdownGracefully()
    }
}
