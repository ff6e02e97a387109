//! The client against servers that go wrong: calls fail with an error that says what is known, in time; the client
//! recovers without help; and nothing that is not idempotent is executed twice.

import Foundation
import NIOCore
import NIOPosix
import NeedletailRPC
import NeedletailWire
import StorageAPI
import Testing

extension CommandTests {
    @Suite struct ClientFaultTests {
        private static let wires = [
            RPCWire(.messagePack), RPCWire(.thriftBinary, .framed), RPCWire(.thriftCompact),
            RPCWire(.thriftCompact, .theader), RPCWire(.thriftBinary, .ttheader),
        ]
        private static let key = ByteBuffer(string: "counter")

        private func client(
            _ wire: RPCWire = RPCWire(.messagePack), port: Int, timeout: Duration = .seconds(5)
        ) -> StorageClient {
            var configuration = RPCClientConfiguration(wire: wire)
            configuration.callTimeout = timeout
            return StorageClient(RPCClient(to: .tcp(host: "127.0.0.1", port: port), configuration))
        }

        private func value(port: Int) async throws -> Int64 {
            let direct = client(port: port)
            let value = try await direct.get(GetRequest(key: Self.key)).value.map { String(buffer: $0) }
            await direct.rpc.close()
            return try #require(Int64(value ?? "0"))
        }

        // MARK: A network that breaks

        @Test(arguments: wires) func incrementsHappenAtMostOnceWhereConnectionsBreak(_ wire: RPCWire) async throws {
            let server = try RunningServer()
            let proxy = try await FaultyProxy.start(
                to: server.port, bytesMax: 6_000, on: MultiThreadedEventLoopGroup.singleton)
            let tally = try await increment(client(wire, port: proxy.port), count: 3_000)
            try await proxy.stop()
            let value = try await value(port: server.port)
            #expect(tally.acknowledged <= value, "what was acknowledged happened")
            #expect(value <= tally.acknowledged + tally.unknown, "what was not, at most once")
            #expect(tally.acknowledged > 0)
            #expect(tally.unknown > 0, "connections broke")
        }

        private struct Tally {
            var acknowledged: Int64 = 0
            var unknown: Int64 = 0
            var notExecuted: Int64 = 0

            mutating func note(_ effect: CallEffect?) {
                switch effect {
                case nil, .executed: acknowledged += 1
                case .unknown: unknown += 1
                case .notExecuted: notExecuted += 1
                }
            }
        }

        /// Increments from sixteen tasks, each of which ends when there is no server any more if `untilGone`.
        private func increment(_ client: StorageClient, count: Int, untilGone: Bool = false) async throws -> Tally {
            try await withThrowingTaskGroup(of: Tally.self) { tasks in
                for _ in 0..<16 {
                    tasks.addTask {
                        var tally = Tally()
                        for _ in 0..<count / 16 {
                            do throws(CallFailure<StorageError>) {
                                _ = try await client.increment(IncrementRequest(key: Self.key, delta: 1))
                                tally.note(nil)
                            } catch {
                                guard case .call(let error) = error else { throw error }
                                tally.note(error.effect)
                                guard error.effect == .notExecuted else { continue }
                                if untilGone { return tally }
                                // After a failure connections are not tried for a moment.
                                try await Task.sleep(for: .milliseconds(5))
                            }
                        }
                        return tally
                    }
                }
                return try await tasks.reduce(into: Tally()) {
                    $0.acknowledged += $1.acknowledged
                    $0.unknown += $1.unknown
                    $0.notExecuted += $1.notExecuted
                }
            }
        }

        // MARK: A server that freezes

        @Test(arguments: wires) func aFrozenServerCostsItsCallsTheirTimeAndNoMore(_ wire: RPCWire) async throws {
            let server = try RunningServer()
            let client = client(wire, port: server.port, timeout: .milliseconds(200))
            _ = try await client.increment(IncrementRequest(key: Self.key, delta: 1))
            try server.freeze()
            let start = ContinuousClock.now
            let failure = await #expect(throws: CallFailure<StorageError>.self) {
                try await client.increment(IncrementRequest(key: Self.key, delta: 1))
            }
            #expect(failure == .call(.timedOut(.read, .unknown)))
            #expect(ContinuousClock.now - start < .seconds(2))
            server.send(SIGCONT)
            // The late answer is dropped; the next calls are answered, and the counter tells what happened.
            try await recovers { _ = try await client.increment(IncrementRequest(key: Self.key, delta: 1)) }
            #expect(try await value(port: server.port) >= 2)
            await client.rpc.close()
        }

        // MARK: A server that restarts

        @Test func aServerThatRestartsIsFoundAgain() async throws {
            var server = try RunningServer()
            let port = server.port
            let client = client(port: port, timeout: .milliseconds(500))
            _ = try await client.ping()
            let isRestarted = LockedBox(false)
            let callers = Task {
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for _ in 0..<4 {
                        tasks.addTask {
                            while !isRestarted.value {
                                let start = ContinuousClock.now
                                _ = try? await client.get(GetRequest(key: Self.key))
                                #expect(ContinuousClock.now - start < .seconds(2), "in time, whatever happens")
                                try await Task.sleep(for: .milliseconds(1))
                            }
                        }
                    }
                    try await tasks.waitForAll()
                }
            }
            server.send(SIGKILL)
            _ = try server.wait()
            let failure = await #expect(throws: CallFailure<StorageError>.self) {
                try await client.put(PutRequest(key: Self.key, value: Self.key))
            }
            if case .call(let error)? = failure { #expect(error.effect != .executed) }
            server = try RunningServer(port: port)
            try await recovers { _ = try await client.get(GetRequest(key: Self.key)) }
            isRestarted.update { $0 = true }
            try await callers.value
            await client.rpc.close()
        }

        @Test(arguments: wires) func aServerThatStopsAnswersWhatItAccepted(_ wire: RPCWire) async throws {
            let server = try RunningServer()
            let client = client(wire, port: server.port, timeout: .seconds(2))
            _ = try await client.ping()
            let callers = Task { try await increment(client, count: 1_000_000, untilGone: true) }
            try await recovers {
                let value = try await value(port: server.port)
                if value == 0 { throw TestFailure("nothing was added yet") }
            }
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            // Nobody is there any more: the rest fails at once, and is known not to have happened.
            let tally = try await callers.value
            #expect(tally.acknowledged > 0)
            #expect(tally.notExecuted > 0)
            #expect(tally.unknown <= 64, "at most what was on its way when the connections were closed")
            await client.rpc.close()
        }

        // MARK: A server that is none

        @Test(arguments: wires) func rubbishFailsAndARealServerIsFoundAfterwards(_ wire: RPCWire) async throws {
            let group = MultiThreadedEventLoopGroup.singleton
            let rubbish = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Rubbish()) }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let port = try #require(rubbish.localAddress?.port)
            let client = client(wire, port: port)
            let start = ContinuousClock.now
            let failure = await #expect(throws: CallFailure<StorageError>.self) {
                try await client.put(PutRequest(key: Self.key, value: Self.key))
            }
            #expect(ContinuousClock.now - start < .seconds(2))
            guard case .call(.undecodable)? = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            try await rubbish.close()
            let server = try RunningServer(port: port)
            try await recovers { _ = try await client.put(PutRequest(key: Self.key, value: Self.key)) }
            withExtendedLifetime(server) {}
            await client.rpc.close()
        }

        /// Calls until it works: the client has to find its way by itself, within some seconds.
        private func recovers(_ call: () async throws -> Void) async throws {
            let end = ContinuousClock.now + .seconds(10)
            while true {
                do { return try await call() } catch { if ContinuousClock.now > end { throw error } }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}

/// Answers everything with what is no message.
private final class Rubbish: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")), promise: nil)
    }
}
