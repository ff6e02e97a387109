//! What a stop does to clients: nothing that was accepted is lost.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Shutdown {
        @Test("SIGTERM and SIGINT end the server with 0", arguments: [SIGTERM, SIGINT])
        func signalEndsInOrder(signal: Int32) throws {
            let server = try RunningServer()
            server.send(signal)
            #expect(try server.wait() == 0)
            let log = try server.completeLog().map(JSONValue.object)
            #expect(log.contains { $0["message"] == .string("stopped") })
            #expect(log.allSatisfy { $0["level"] == .string("info") }, "nothing went wrong: \(log)")
        }

        @Test("a connection without calls does not delay a stop")
        func idleConnection() throws {
            let server = try RunningServer()
            let idle = try RawSocket.connect(port: server.port)
            #expect(try server.run(["ping"]).status == 0)
            server.send(SIGTERM)
            #expect(try idle.receiveToEnd().isEmpty)
            #expect(try server.wait(seconds: 8) == 0)
        }

        /// Large calls: hardly a read of the server ends where a call ends.
        @Test(
            "SIGTERM under load: answers without a gap, whole, then the end of the stream", arguments: [100, 50_001])
        func underLoad(callBytes: Int) throws {
            let server = try RunningServer()
            let clients = try (RawProtocol.allCases + RawProtocol.allCases).map {
                try LoadClient($0, port: server.port, callBytes: callBytes, warmBytes: 1_000)
            }
            for client in clients { try client.waitUntilWarm(seconds: 20) }
            server.send(SIGTERM)
            let outcomes = try clients.map { try $0.finish(seconds: RunningServer.shutdownSecondsMax) }
            #expect(try server.wait() == 0)
            for outcome in outcomes {
                #expect(outcome.failure == nil, "the stream ends; it is not reset")
                #expect(outcome.restCount == 0, "the last answer is whole")
                #expect(outcome.errorCount == 0)
                #expect(outcome.answered.count >= 10)
                #expect(outcome.answered == Array(0..<outcome.answered.count), "in order, without a gap")
                // A batch that was cut off by the close may have been accepted in part.
                #expect(outcome.answered.count <= outcome.sent + LoadClient.batch)
            }
            #expect(try server.completeLog().contains { $0.contains("\"stopped\"") })
        }

        /// Sizes that divide what a server reads at once: that a read ends with a message says nothing about more.
        @Test(
            "calls that have arrived before SIGTERM are all answered", arguments: RawProtocol.allCases,
            [64, 100, 1_024])
        func arrivedBeforeSignal(wire: RawProtocol, callBytes: Int) throws {
            let server = try RunningServer()
            let socket = try RawSocket.connect(port: server.port)
            // No more than the kernel takes without the server's help.
            let count = 64 * 1_024 / callBytes
            try socket.send((0..<count).flatMap { wire.put(id: $0, size: callBytes) })
            var answers = AnswerStream(wire)
            try answers.add(socket.receive())
            server.send(SIGTERM)
            try answers.add(socket.receiveToEnd())
            // The server need not wait for us to notice that it has ended.
            try socket.endSending()
            #expect(answers.ids.count == count)
            #expect(answers.ids == Array(0..<answers.ids.count), "in order, without a gap")
            #expect(answers.errorCount == 0)
            #expect(answers.rest.isEmpty)
            #expect(try server.wait() == 0)
        }

        @Test("a client that has ended its side still gets its answers", arguments: RawProtocol.allCases)
        func halfClosed(wire: RawProtocol) throws {
            try RunningServer.with { server throws in
                let socket = try RawSocket.connect(port: server.port)
                try socket.send((0..<500).flatMap { wire.put(id: $0, size: 100) })
                try socket.endSending()
                var answers = AnswerStream(wire)
                try answers.add(socket.receiveToEnd())
                #expect(answers.ids == Array(0..<500))
                #expect(answers.errorCount == 0)
                #expect(answers.rest.isEmpty)
            }
        }

        @Test("half a call does not keep a stop beyond its bound")
        func halfCall() throws {
            let server = try RunningServer(["--rpc-shutdown-timeout", "500ms"])
            let socket = try RawSocket.connect(port: server.port)
            let call = RawProtocol.messagePack.put(id: 7, size: 100)
            try socket.send(call + call.prefix(50))
            #expect(try !socket.receive().isEmpty)
            server.send(SIGTERM)
            #expect(try server.wait(seconds: 8) == 0)
        }
    }
}
