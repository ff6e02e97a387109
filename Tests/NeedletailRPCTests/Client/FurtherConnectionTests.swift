//! Connections beside one that has answered: when they get calls, and what their failures cost.

import NIOCore
import NIOPosix
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct FurtherConnectionTests {
    /// A client with so many calls on a connection that has answered that it connects once more.
    private func clientThatConnectsOnceMore(
        _ configure: (inout RPCClientConfiguration) -> Void = { _ in }
    ) throws -> (client: TestClient, proven: TestServerSide) {
        let client = TestClient(RPCWire(.messagePack), configure)
        client.call("e1")
        let proven = try client.connector.accept()
        try proven.send(client.answer("e1"))
        for id in 2...34 { client.call("h\(id)", timeout: .seconds(100)) }
        _ = try proven.received()
        #expect(client.connector.attemptCount == 2)
        return (client, proven)
    }

    /// Whether it was asked for a sign of life since the last time: no other call has this letter.
    private func isAsked(_ server: TestServerSide) throws -> Bool {
        try server.received().readableBytesView.contains(UInt8(ascii: "p"))
    }

    @Test func aFurtherConnectionTakesCallsWhenItHasAnswered() throws {
        let (client, proven) = try clientThatConnectsOnceMore()
        let further = try client.connector.accept()
        #expect(try isAsked(further))
        client.call("e35")
        #expect(try proven.received() == ScriptedCall("e35").message(client.wire))
        #expect(try further.received().readableBytes == 0)
        try further.send(pong(2))
        client.call("e36")
        #expect(try further.received() == ScriptedCall("e36").message(client.wire), "where fewer calls are")
    }

    @Test func whenAConnectionAnswersTheOthersAreAskedToo() throws {
        let client = TestClient()
        for id in 1...33 { client.call("h\(id)") }
        let first = try client.connector.accept()
        client.call("h34")
        let second = try client.connector.accept()
        #expect(try second.received().readableBytes == 0, "nothing speaks for the other one either")
        try first.send(client.answer("h1"))
        #expect(try isAsked(second))
        client.call("e35")
        #expect(try second.received().readableBytes == 0)
        try second.send(pong(2))
        client.call("e36")
        #expect(try second.received() == ScriptedCall("e36").message(client.wire))
    }

    /// Found by review: each was tried after the first pause, got calls, and lost them.
    @Test func furtherConnectionsThatEndAtOnceAreTriedLessAndLess() throws {
        let (client, proven) = try clientThatConnectsOnceMore()
        var id: UInt32 = 34
        func call() {
            id += 1
            client.call("h\(id)", timeout: .seconds(100))
        }
        for pause in [50, 100, 200, 400] as [Int64] {
            let closing = try client.connector.accept()
            call()
            closing.vanish()
            // Not even an answer of the good one makes the next pause shorter.
            try proven.send(client.answer("e1"))
            client.advance(byMilliseconds: pause - 1)
            call()
            #expect(!client.connector.isConnecting, "no attempt before \(pause) ms")
            client.advance(byMilliseconds: 1)
            call()
            #expect(client.connector.isConnecting)
        }
        #expect(client.outcomes.ended.count == 1, "no call was lost")
    }

    @Test func aFurtherConnectionThatStaysSilentIsAFailure() throws {
        let (client, proven) = try clientThatConnectsOnceMore()
        let silent = try client.connector.accept()
        client.advance(byMilliseconds: 999)
        #expect(silent.isOpen)
        client.advance(byMilliseconds: 1)
        #expect(!silent.isOpen)
        client.call("h35")
        #expect(!client.connector.isConnecting)
        client.advance(byMilliseconds: 50)
        client.call("h36")
        #expect(client.connector.isConnecting)
        #expect(proven.isOpen)
    }

    @Test func whatFurtherConnectionsFailedDoesNotDelayTheNextFirstOne() throws {
        let (client, proven) = try clientThatConnectsOnceMore()
        try client.connector.accept().vanish()
        client.call("h35")
        #expect(!client.connector.isConnecting)
        proven.vanish()
        client.call("e36")
        let next = try client.connector.accept()
        #expect(try next.received() == ScriptedCall("e36").message(client.wire))
    }

    @Test func eachSilentConnectionIsAsked() throws {
        let (client, first) = try clientThatConnectsOnceMore { $0.probeInterval = .seconds(2) }
        let second = try client.connector.accept()
        #expect(try isAsked(second))
        try second.send(pong(2))
        #expect(try !isAsked(first))
        client.advance(byMilliseconds: 2_000)
        #expect(try isAsked(first))
        #expect(try isAsked(second))
        try first.send(pong(1))
        try second.send(pong(2))
        client.advance(byMilliseconds: 1_500)
        #expect(first.isOpen && second.isOpen)
    }
}
