//! A live server is asked what it is doing, while it does something known.

import Dispatch
import Logging
import NIOCore
import NIOPosix
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct InspectionTests {
    private func withServer(
        _ gate: Gate, noting caller: CallMetadata? = nil,
        _ body: (RPCServer, MultiThreadedEventLoopGroup) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, logger: Logger(label: "test")
        ) { _, eventLoop in
            let notes = caller.map { caller in
                let notes = CallNotes()
                notes.current.caller = caller
                return notes
            }
            return AsyncService(gate, eventLoop, notes: notes)
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(server, group)) } catch { result = .failure(error) }
        await server.shutDown(within: .seconds(30))
        try await group.shutdownGracefully()
        try result.get()
    }

    @Test func callsThatWaitAreShownUntilTheyAreAnswered() async throws {
        let gate = Gate()
        try await withServer(gate) { server, group in
            let client = try await RPCClient.connect(
                to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: RPCWire(.messagePack)),
                on: group)
            async let answer = client.call(Hold.self, One(Note("held")), options: CallOptions(timeout: .seconds(60)))
            await gate.reaches(1, .arrived)
            let calls = await server.inspectCalls().compactMap(\.answer)
            #expect(calls.reduce(0) { $0 + $1.total } == 1)
            let call = try #require(calls.flatMap(\.shown).first)
            #expect(call.method == "hold")
            #expect(call.ageMillis >= 0)
            #expect(!call.abandoned)
            let connections = await server.inspectConnections().compactMap(\.answer).flatMap(\.shown)
            #expect(connections.map(\.inFlight) == [1])
            await gate.openAll()
            _ = try await answer
            #expect(await server.inspectCalls().compactMap(\.answer).allSatisfy { $0.total == 0 && $0.shown.isEmpty })
            await client.close()
        }
    }

    @Test func theDeadlineOfTheRequestItselfIsShown() async throws {
        let gate = Gate()
        try await withServer(gate, noting: CallMetadata(timeoutMillis: 30_000)) { server, group in
            // MessagePack has no header that would say anything.
            let client = try await RPCClient.connect(
                to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(wire: RPCWire(.messagePack)),
                on: group)
            async let answer = client.call(Hold.self, One(Note("held")), options: CallOptions(timeout: .seconds(60)))
            await gate.reaches(1, .arrived)
            let call = try #require(await server.inspectCalls().compactMap(\.answer).flatMap(\.shown).first)
            #expect(try #require(call.deadlineLeftMillis) == 30_000 - call.ageMillis)
            await gate.openAll()
            _ = try await answer
            await client.close()
        }
    }

    @Test func aFrozenLoopIsShownAndHoldsUpNobody() async throws {
        try await withServer(Gate()) { server, group in
            let thaw = DispatchSemaphore(value: 0)
            let frozen = server.loops[0].eventLoop
            frozen.execute { thaw.wait() }
            let pools = await server.inspectPools()
            thaw.signal()
            #expect(pools.map(\.frozen) == [true, false])
            #expect(pools[0].answer == nil)
            #expect(pools[1].answer?.buffersMax == BufferPool.buffersMax)
            #expect(await server.inspectPools().map(\.frozen) == [false, false])
        }
    }
}
