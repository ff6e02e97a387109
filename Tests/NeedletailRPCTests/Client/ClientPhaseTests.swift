//! When calls of a client run out of time, and what that leaves behind. Nothing here waits: time is the test's.

import NIOCore
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct ClientPhaseTests {
    // MARK: Connect

    @Test func aCallWaitsForItsConnectionAsLongAsConnectingMayTake() {
        let client = TestClient { $0.connectTimeout = .milliseconds(100) }
        client.call("e1")
        client.advance(byMilliseconds: 99)
        #expect(client.outcomes.ended.isEmpty)
        client.advance(byMilliseconds: 1)
        #expect(client.outcomes.error(1) == .notConnected("test: no connection in time"))
        #expect(client.outcomes.error(1)?.effect == .notExecuted)
    }

    @Test func aCallWhoseTimeIsShorterDoesNotWaitSoLong() throws {
        let client = TestClient { $0.connectTimeout = .milliseconds(100) }
        client.call("e1", timeout: .milliseconds(30))
        client.advance(byMilliseconds: 30)
        #expect(client.outcomes.error(1) == .timedOut(.connect, .notExecuted))
        // The attempt goes on, for those that come after.
        client.call("e2")
        let server = try client.connector.accept()
        #expect(try server.received() == ScriptedCall("e2").message(client.wire))
        #expect(client.connector.attemptCount == 1)
    }

    @Test func aCallWhoseTimeIsOverIsNotMade() {
        let client = TestClient()
        client.call("e1", timeout: .zero)
        #expect(client.outcomes.error(1) == .timedOut(.connect, .notExecuted))
        #expect(!client.connector.isConnecting)
    }

    @Test func anAttemptThatFailsFailsThoseThatWaitForItAndTellsWhy() {
        let client = TestClient()
        client.call("e1")
        client.call("e2")
        client.connector.refuse("Connection refused")
        for id in [1, 2] as [UInt32] {
            #expect(client.outcomes.error(id) == .notConnected("test: Connection refused"))
        }
    }

    @Test func afterAFailureCallsFailAtOnceUntilTheBackoffIsOver() throws {
        let client = TestClient { $0.backoff = Backoff(first: .milliseconds(50), most: .milliseconds(150)) }
        var id = 0
        for pause in [50, 100, 150, 150] as [Int64] {
            id += 1
            client.call("e\(id)")
            client.connector.refuse("no")
            client.advance(byMilliseconds: pause - 1)
            id += 1
            client.call("e\(id)")
            #expect(client.outcomes.error(UInt32(id)) == .notConnected("test: no"))
            #expect(!client.connector.isConnecting, "no attempt before \(pause) ms")
            client.advance(byMilliseconds: 1)
        }
        client.call("e100")
        let server = try client.connector.accept()
        try server.send(client.answer("e100"))
        #expect(client.isAnswered("e100"))
        // Once it went well, the next failure waits for the first pause again.
        server.vanish()
        client.call("e101")
        client.connector.refuse("no")
        client.advance(byMilliseconds: 50)
        client.call("e102")
        #expect(client.connector.isConnecting)
    }

    // MARK: Write

    @Test func whatCannotBeSentInTimeWasNotExecuted() throws {
        let client = TestClient { $0.writeTimeout = .milliseconds(100) }
        client.call("e1")
        let server = try client.connector.accept()
        server.setWritable(false)
        client.call("e2")
        #expect(try !server.received().readableBytes.isZero, "e1, and e2, of which a part may be on its way")
        client.call("e3")
        client.call("e4", timeout: .milliseconds(10))
        #expect(try server.received().readableBytes.isZero, "what comes after waits where it can be taken back")
        client.advance(byMilliseconds: 10)
        #expect(client.outcomes.error(4) == .timedOut(.write, .notExecuted))
        client.advance(byMilliseconds: 89)
        #expect(client.outcomes.ended.count == 1)
        client.advance(byMilliseconds: 2)
        #expect(client.outcomes.error(2) == .timedOut(.write, .unknown))
        #expect(client.outcomes.error(3) == .timedOut(.write, .notExecuted))
        #expect(!server.isOpen, "a connection on which nothing moves is of no use")
    }

    @Test func whatIsSentLateButInTimeGoesOn() throws {
        let client = TestClient { $0.writeTimeout = .milliseconds(100) }
        client.call("e1")
        let server = try client.connector.accept()
        server.setWritable(false)
        client.call("e2")
        client.call("e3")
        _ = try server.received()
        client.advance(byMilliseconds: 90)
        server.setWritable(true)
        #expect(try server.received() == ScriptedCall("e3").message(client.wire))
        client.advance(byMilliseconds: 1_000)
        for word in ["e1", "e2", "e3"] { try server.send(client.answer(word)) }
        for word in ["e1", "e2", "e3"] { #expect(client.isAnswered(word)) }
    }

    @Test func aCallThatIsTakenBackIsNeverSent() throws {
        let client = TestClient()
        client.call("e1")
        let server = try client.connector.accept()
        server.setWritable(false)
        client.call("e2")
        client.call("e3")
        client.call("e4")
        _ = try server.received()
        client.cancel(3)
        #expect(client.outcomes.error(3) == .cancelled(.notExecuted))
        server.setWritable(true)
        #expect(try server.received() == ScriptedCall("e4").message(client.wire))
    }

    @Test func aOnewayCallEndsWhenTheOperatingSystemHasIt() throws {
        let client = TestClient()
        client.call("t1")
        #expect(client.outcomes.ended.isEmpty)
        let server = try client.connector.accept()
        #expect(client.outcomes.answer(1) != nil)
        server.setWritable(false)
        client.call("t2")
        #expect(client.outcomes.ended.count == 1)
        server.setWritable(true)
        #expect(client.outcomes.answer(2) != nil)
    }

    // MARK: Read

    @Test(arguments: allWires) func anAnswerHasItsOwnTime(_ wire: RPCWire) throws {
        let client = TestClient(wire) { $0.readTimeout = .milliseconds(100) }
        client.call("e1")
        let server = try client.connector.accept()
        client.advance(byMilliseconds: 99)
        #expect(client.outcomes.ended.isEmpty)
        client.advance(byMilliseconds: 1)
        #expect(client.outcomes.error(1) == .timedOut(.read, .unknown))
        #expect(server.isOpen, "a call's time is not the connection's")
    }

    @Test(arguments: allWires) func aLateAnswerIsDroppedAndTheConnectionGoesOn(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("e1", timeout: .milliseconds(20))
        client.call("e2")
        let server = try client.connector.accept()
        client.advance(byMilliseconds: 20)
        #expect(client.outcomes.error(1) == .timedOut(.read, .unknown))
        try server.send(client.answer("e1"))
        #expect(client.outcomes.ended.count == 1)
        try server.send(client.answer("e2"))
        #expect(client.isAnswered("e2"))
        client.call("e3")
        try server.send(client.answer("e3"))
        #expect(client.isAnswered("e3"))
        #expect(client.connector.attemptCount == 1)
    }

    @Test func theCallAsAWholeEndsWhateverPhaseItIsIn() throws {
        let client = TestClient {
            $0.readTimeout = .milliseconds(100)
            $0.writeTimeout = .milliseconds(100)
        }
        client.call("e1", timeout: .milliseconds(150))
        client.advance(byMilliseconds: 60)
        let server = try client.connector.accept()
        client.advance(byMilliseconds: 89)
        #expect(client.outcomes.ended.isEmpty)
        client.advance(byMilliseconds: 1)
        #expect(client.outcomes.error(1) == .timedOut(.read, .unknown))
        #expect(server.isOpen)
    }

    @Test func shortCallsEndInTimeAmongLongOnes() throws {
        let client = TestClient()
        client.call("e1", timeout: .seconds(10))
        let server = try client.connector.accept()
        for id in 2...100 { client.call("e\(id)", timeout: .milliseconds(Int64(300 - 2 * id))) }
        for milliseconds in 1...300 {
            client.advance(byMilliseconds: 1)
            let over = (2...100).filter { 300 - 2 * $0 <= milliseconds }
            #expect(client.outcomes.ended.count == over.count)
        }
        #expect(server.isOpen)
        try server.send(client.answer("e1"))
        #expect(client.isAnswered("e1"))
    }
}

extension Int {
    fileprivate var isZero: Bool { self == 0 }
}
