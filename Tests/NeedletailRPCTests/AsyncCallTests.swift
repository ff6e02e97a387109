//! Calls that are answered from tasks, over a real server and its client.

import Glibc
import Logging
import NIOCore
import NIOPosix
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct AsyncCallTests {
    /// Runs a server of an async service on two event loops, and ends both.
    private func withServer(
        _ gate: Gate, shutDownWithin limit: Duration = .seconds(30),
        _ body: (RPCServer, MultiThreadedEventLoopGroup) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, clock: .system, logger: Logger(label: "test")
        ) { _, eventLoop in AsyncService(gate, eventLoop) }
        let result: Result<Void, any Error>
        do { result = .success(try await body(server, group)) } catch { result = .failure(error) }
        await server.shutDown(within: limit)
        try await group.shutdownGracefully()
        try result.get()
    }

    private func connect(_ wire: RPCWire, _ server: RPCServer, _ group: any EventLoopGroup) async throws -> RPCClient {
        var configuration = RPCClientConfiguration(wire: wire)
        configuration.inFlightMax = 10_000
        return try await RPCClient.connect(to: .tcp(host: "127.0.0.1", port: server.port), configuration, on: group)
    }

    @Test(arguments: allWires) func aThousandCallsMayEndInAnyOrder(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate) { server, group in
            let client = try await connect(wire, server, group)
            let count = 1_000
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<count {
                    tasks.addTask {
                        let text = "call \(number)"
                        let answer = try await client.call(
                            Hold.self, One(Note(text)), options: CallOptions(timeout: .seconds(60)))
                        #expect(answer == Note(text, items: ["answered"]))
                    }
                }
                await gate.reaches(count, .arrived)
                await gate.openAll()
                try await tasks.waitForAll()
            }
            #expect(await gate.count(.cancelled) == 0)
            await client.close()
        }
    }

    @Test(arguments: allWires) func whatATaskThrowsArrives(_ wire: RPCWire) async throws {
        try await withServer(Gate()) { server, group in
            let client = try await connect(wire, server, group)
            await #expect(throws: CallFailure<Fail.Failure>.exception(.other(OtherError("from a task")))) {
                try await client.call(Fail.self, One(Note("x")), options: CallOptions(timeout: .seconds(60)))
            }
            await client.close()
        }
    }

    @Test(arguments: allWires) func aOnewayCallRunsAndAnswersNothing(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate) { server, group in
            let client = try await connect(wire, server, group)
            try await client.send(Tell.self, One(Note("told")))
            await gate.reaches(1, .arrived)
            let answer = try await client.call(
                Echo.self, One(Note("at once")), options: CallOptions(timeout: .seconds(60)))
            #expect(answer == Note("at once"), "nothing waits for it")
            await gate.openAll()
            #expect(await gate.count(.cancelled) == 0)
            await client.close()
        }
    }

    /// The client sends its last call and closes: it is a while until anybody can tell that it does not listen.
    @Test(arguments: allWires) func aOnewayCallOutlivesItsClient(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate) { server, group in
            let client = try await connect(wire, server, group)
            try await client.send(Tell.self, One(Note("told")))
            await gate.reaches(1, .arrived)
            await client.close()
            await gate.openAll()
        }
        #expect(await gate.count(.cancelled) == 0)
    }

    @Test(arguments: allWires) func aConnectionThatIsResetCancelsItsTasks(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate) { server, group in
            let channel = try await ClientBootstrap(group: group)
                .connect(host: "127.0.0.1", port: server.port).get()
            let options = try #require(channel as? any SocketOptionProvider)
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            for number in 0..<10 {
                try await channel.writeAndFlush(encodeCall(wire, id: UInt32(number), Hold.self, One(Note("\(number)"))))
                    .get()
            }
            await gate.reaches(10, .arrived)
            try await channel.close()
            await gate.reaches(10, .cancelled)
        }
        #expect(await gate.count(.cancelled) == 10)
    }

    @Test(arguments: allWires) func shuttingDownWaitsForTasks(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate) { server, group in
            let client = try await connect(wire, server, group)
            let answer = Task {
                try await client.call(Hold.self, One(Note("x")), options: CallOptions(timeout: .seconds(60)))
            }
            await gate.reaches(1, .arrived)
            async let end: Void = server.shutDown(within: .seconds(60))
            await gate.openAll()
            #expect(try await answer.value == Note("x", items: ["answered"]))
            await end
            #expect(server.connectionsOpen == 0)
            await client.close()
        }
        #expect(await gate.count(.cancelled) == 0)
    }

    @Test(arguments: allWires) func shuttingDownCancelsTasksThatOutlastIt(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate, shutDownWithin: .milliseconds(1)) { server, group in
            let client = try await connect(wire, server, group)
            let answer = Task {
                try await client.call(Hold.self, One(Note("x")), options: CallOptions(timeout: .seconds(60)))
            }
            await gate.reaches(1, .arrived)
            await server.shutDown(within: .milliseconds(1))
            let failure = await #expect(throws: CallFailure<Never>.self) { _ = try await answer.value }
            #expect(failure == .call(.connectionClosed(.unknown)))
            await gate.reaches(1, .cancelled)
            await client.close()
        }
    }

    @Test func cancelCancelsTheTask() async throws {
        let gate = Gate()
        let wire = RPCWire(.messagePack)
        try await withServer(gate) { server, group in
            let client = try await connect(wire, server, group)
            let answer = Task {
                try await client.call(Hold.self, One(Note("x")), options: CallOptions(timeout: .seconds(60)))
            }
            await gate.reaches(1, .arrived)
            // The client's first id is 1, and it sends notifications of any name.
            try await client.send(Cancel.self, Cancel.Arguments(id: 1))
            await gate.reaches(1, .cancelled)
            let failure = await #expect(throws: CallFailure<Never>.self) { _ = try await answer.value }
            guard case .call(.refused(let exception)) = failure else { return #expect(failure == nil, "no refusal") }
            #expect(exception.message.contains("cancelled"))
            await client.close()
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: allWires)
    func nothingIsLeftOfACall(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate, shutDownWithin: .milliseconds(1)) { server, group in
            let client = try await connect(wire, server, group)
            await gate.openAll()
            for _ in 0..<10 {
                _ = try await client.call(Hold.self, One(Note("x")), options: CallOptions(timeout: .seconds(60)))
            }
            try await client.send(Tell.self, One(Note("x")))
            await gate.reaches(11, .released)
            await client.close()
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: allWires)
    func nothingIsLeftOfACancelledCall(_ wire: RPCWire) async throws {
        let gate = Gate()
        try await withServer(gate, shutDownWithin: .milliseconds(1)) { server, group in
            let client = try await connect(wire, server, group)
            for _ in 0..<10 { try await client.send(Tell.self, One(Note("x"))) }
            await gate.reaches(10, .arrived)
            await server.shutDown(within: .milliseconds(1))
            await client.close()
        }
        await gate.reaches(10, .released)
    }
}

/// The notification that takes a call back.
private enum Cancel: RPCMethod {
    typealias Result = NoResult
    typealias Failure = Never

    static let name: StaticString = "$cancel"
    static let isOneway = true

    struct Arguments: RPCArguments {
        var id: Int64

        init(id: Int64) { self.id = id }

        init<Reader: MessageReader & ~Copyable & ~Escapable>(arguments reader: inout Reader) throws(WireError) {
            id = 0
        }

        func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
            var scope = writer.beginArguments(count: 1)
            writer.writeArgument(&scope, 1, "id", id)
            writer.endArguments()
        }
    }
}
