//! What a client does with its connections: how many it makes, when it gives one up, and what that does to calls.

import NIOCore
import NIOPosix
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct ClientConnectionTests {
    // MARK: Answers

    @Test(arguments: allWires) func answersAreFoundInAnyOrderAndInAnyPieces(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        let words = ["h1", "e2", "h3", "e4"]
        for word in words { client.call(word) }
        let server = try client.connector.accept()
        var sent = ByteBuffer()
        for word in words { sent.writeImmutableBuffer(ScriptedCall(word).message(wire)) }
        #expect(try server.received() == sent)
        var answers = ByteBuffer()
        for word in words.reversed() { answers.writeImmutableBuffer(client.answer(word)) }
        while let byte = answers.readSlice(length: 1) { try server.send(byte) }
        for word in words { #expect(client.isAnswered(word)) }
    }

    @Test(arguments: allWires) func longAnswersComeWhole(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("e1")
        client.call("e2")
        let server = try client.connector.accept()
        let call = ScriptedCall("e1", padding: 100_000)
        var answers = call.answer(wire)
        answers.writeImmutableBuffer(client.answer("e2"))
        while let piece = answers.readSlice(length: min(60_000, answers.readableBytes)), piece.readableBytes > 0 {
            try server.send(piece)
        }
        #expect(client.outcomes.answer(1) == call.answer(RPCWire(wire.format)))
        #expect(client.isAnswered("e2"))
    }

    @Test(arguments: allWires) func rubbishEndsTheConnectionAndItsCalls(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("e1")
        client.call("e2")
        let server = try client.connector.accept()
        // A frame of four bytes that are no message; without frames, bytes that begin none.
        try server.send(
            ByteBuffer(bytes: wire.framing != .unframed ? [0, 0, 0, 4, 1, 1, 1, 1] : [0xc1, 0xc1, 0xc1, 0xc1]))
        #expect(!server.isOpen)
        for id in [1, 2] as [UInt32] {
            guard case .undecodable? = client.outcomes.error(id) else {
                Issue.record("call \(id) ended with \(String(describing: client.outcomes.ended[id]))")
                continue
            }
            #expect(client.outcomes.error(id)?.effect == .unknown)
        }
        client.call("e3")
        #expect(client.outcomes.error(3)?.effect == .notExecuted, "no storm of connections to a server that is broken")
        client.advance(byMilliseconds: 50)
        client.call("e4")
        let next = try client.connector.accept()
        try next.send(client.answer("e4"))
        #expect(client.isAnswered("e4"))
    }

    @Test(arguments: allWires) func aCallIsNoAnswer(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("e1")
        let server = try client.connector.accept()
        try server.send(ScriptedCall("e1").message(wire))
        guard case .undecodable? = client.outcomes.error(1) else { return #expect(Bool(false)) }
    }

    /// Found by review: the end of its method was waited for, however far away.
    @Test(
        arguments: [
            [0x94, 0, 1, 0xc9, 0xff, 0xff, 0xff, 0xff, 0], [0x94, 0, 1, 0xdd, 0xff, 0xff, 0xff, 0xff],
            [0x93, 2, 0xc9, 0xff, 0xff, 0xff, 0xff, 0],
        ] as [[UInt8]])
    func aCallIsNoAnswerHoweverLongItsMethodIs(_ bytes: [UInt8]) throws {
        let client = TestClient()
        client.call("e1")
        let server = try client.connector.accept()
        try server.send(ByteBuffer(bytes: bytes))
        guard case .undecodable(.badMessage)? = client.outcomes.error(1) else {
            Issue.record("\(String(describing: client.outcomes.ended[1]))")
            return
        }
        #expect(!server.isOpen)
    }

    @Test(arguments: allWires.filter { $0.framing == .unframed })
    func aHeadThatIsTooLongIsNotWaitedFor(_ wire: RPCWire) throws {
        let client = TestClient(wire) { $0.answerSizeMax = 4 }
        client.call("e1")
        let server = try client.connector.accept()
        var head = client.answer("e1")
        head.moveWriterIndex(to: head.readerIndex + 5)
        try server.send(head)
        guard case .undecodable(.sizeOverLimit)? = client.outcomes.error(1) else {
            Issue.record("\(String(describing: client.outcomes.ended[1]))")
            return
        }
        #expect(!server.isOpen)
    }

    @Test(arguments: allWires) func anAnswerThatIsTooLongIsRefused(_ wire: RPCWire) throws {
        let client = TestClient(wire) { $0.answerSizeMax = 1_000 }
        client.call("e1")
        let server = try client.connector.accept()
        try server.send(client.answer("e1", padding: 2_000))
        guard case .undecodable(.sizeOverLimit)? = client.outcomes.error(1) else {
            Issue.record("\(String(describing: client.outcomes.ended[1]))")
            return
        }
        #expect(!server.isOpen)
    }

    // MARK: The end of a connection

    @Test func aConnectionThatEndsWhileItSendsIsForgotten() throws {
        let client = TestClient()
        client.call("e1")
        weak var connection: ClientConnection?
        do {
            let server = try client.connector.accept()
            connection = try server.connection()
            server.setWritable(false)
            client.call("e2")
            client.call("e3")
            server.vanish()
        }
        #expect(client.outcomes.error(2) == .connectionClosed(.unknown))
        #expect(client.outcomes.error(3)?.effect == .notExecuted)
        #expect(connection == nil)
    }

    @Test(arguments: allWires) func aConnectionThatEndsInAnAnswerLeavesItsCallsUnknown(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("e1")
        client.call("e2")
        let server = try client.connector.accept()
        try server.send(client.answer("e1"))
        var half = client.answer("e2")
        half.moveWriterIndex(to: half.readerIndex + half.readableBytes / 2)
        try server.send(half)
        server.vanish()
        #expect(client.isAnswered("e1"))
        #expect(client.outcomes.error(2) == .connectionClosed(.unknown))
        // It recovers without help, and at once: this server answers.
        client.call("e3")
        let next = try client.connector.accept()
        #expect(try next.received() == ScriptedCall("e3").message(wire), "what was sent once is not sent again")
        try next.send(client.answer("e3"))
        #expect(client.isAnswered("e3"))
    }

    @Test func whatWasNotSentGoesToTheNextConnection() throws {
        let client = TestClient()
        client.call("e1")
        let server = try client.connector.accept()
        try server.send(client.answer("e1"))
        server.setWritable(false)
        client.call("e2")
        client.call("e3")
        server.vanish()
        #expect(client.outcomes.error(2) == .connectionClosed(.unknown), "a part of it may have arrived")
        #expect(client.outcomes.ended[3] == nil)
        let next = try client.connector.accept()
        #expect(try next.received() == ScriptedCall("e3").message(client.wire))
        try next.send(client.answer("e3"))
        #expect(client.isAnswered("e3"))
    }

    @Test func aServerThatClosesEveryConnectionIsNotStormed() throws {
        let client = TestClient()
        client.call("e1")
        try client.connector.accept().vanish()
        #expect(client.outcomes.error(1) == .connectionClosed(.unknown))
        client.call("e2")
        #expect(client.outcomes.error(2)?.effect == .notExecuted)
        #expect(client.connector.attemptCount == 1)
        client.advance(byMilliseconds: 50)
        client.call("e3")
        #expect(client.connector.attemptCount == 2)
    }

    // MARK: Draining

    @Test(arguments: allWires.filter { $0.framing == .theader || $0.framing == .ttheader })
    func aServerThatAnnouncesItsEndGetsNoFurtherCalls(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("h1")
        client.call("e2")
        let server = try client.connector.accept()
        _ = try server.received()
        try server.send(ScriptedCall("e2").answer(wire, draining: true))
        #expect(client.isAnswered("e2"))
        client.call("e3")
        #expect(try server.received().readableBytes == 0)
        #expect(server.isOpen, "an answer is to come")
        try server.send(ScriptedCall("h1").answer(wire, draining: true))
        #expect(client.isAnswered("h1"))
        #expect(!server.isOpen)
        let next = try client.connector.accept()
        #expect(try next.received() == ScriptedCall("e3").message(wire))
    }

    @Test(arguments: allWires.filter { $0.framing == .theader || $0.framing == .ttheader })
    func aServerThatAnnouncesItsEndWhenNoCallWaitsLosesItsConnection(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("h1", timeout: .milliseconds(50))
        let server = try client.connector.accept()
        client.advance(byMilliseconds: 50)
        #expect(client.outcomes.error(1) == .timedOut(.read, .unknown))
        #expect(server.isOpen)
        try server.send(ScriptedCall("h1").answer(wire, draining: true))
        #expect(!server.isOpen)
        client.call("e2")
        let next = try client.connector.accept()
        #expect(try next.received() == ScriptedCall("e2").message(wire))
    }

    // MARK: Several

    @Test func aSecondConnectionIsMadeWhereCallsWouldWait() throws {
        let client = TestClient()
        for id in 1...32 { client.call("h\(id)") }
        let first = try client.connector.accept()
        #expect(client.connector.attemptCount == 1)
        client.call("h33")
        #expect(client.connector.attemptCount == 2)
        _ = try first.received()
        let second = try client.connector.accept()
        client.call("h34")
        #expect(try second.received() == ScriptedCall("h34").message(client.wire), "where fewer calls are")
        for id in 35...99 { client.call("h\(id)") }
        #expect(client.connector.attemptCount == 2, "connectionsMax")
    }

    @Test func aConnectionThatIsNotNeededIsClosed() throws {
        let client = TestClient {
            $0.idleTimeout = .seconds(5)
            $0.probeInterval = .seconds(100)
        }
        for id in 1...33 { client.call("h\(id)") }
        let first = try client.connector.accept()
        let second: TestServerSide
        if client.connector.isConnecting {
            second = try client.connector.accept()
        } else {
            client.call("h34")
            second = try client.connector.accept()
        }
        for id in 1...34 {
            try first.send(client.answer("h\(id)"))
        }
        try second.send(pong(2))
        client.call("e50")
        try first.send(client.answer("e50"))
        #expect(client.isAnswered("e50"))
        client.advance(byMilliseconds: 6_000)
        #expect([first.isOpen, second.isOpen].filter { $0 }.count == 1, "one stays")
    }

    @Test func aSilentServerGetsASecondConnection() throws {
        let client = TestClient { $0.probeInterval = .seconds(2) }
        client.call("e1", timeout: .milliseconds(50))
        let frozen = try client.connector.accept()
        client.advance(byMilliseconds: 50)
        #expect(client.outcomes.error(1) == .timedOut(.read, .unknown))
        #expect(client.connector.attemptCount == 1)
        client.call("e2")
        let other = try client.connector.accept()
        client.call("e3")
        #expect(try other.received() == ScriptedCall("e3").message(client.wire))
        // The server wakes up: its late answer is no harm, and the connection is good again.
        try frozen.send(client.answer("e1"))
        try frozen.send(client.answer("e2"))
        #expect(client.isAnswered("e2"))
        client.advance(byMilliseconds: 1_900)
        #expect(frozen.isOpen)
    }

    @Test func aServerThatStaysSilentLosesItsConnection() throws {
        let client = TestClient { $0.probeInterval = .seconds(2) }
        client.call("e1", timeout: .milliseconds(50))
        let frozen = try client.connector.accept()
        client.call("h2", timeout: .seconds(20))
        client.advance(byMilliseconds: 2_049)
        #expect(frozen.isOpen)
        client.advance(byMilliseconds: 2)
        #expect(!frozen.isOpen)
        #expect(client.outcomes.error(2) == .connectionClosed(.unknown))
    }

    // MARK: Liveness

    @Test(arguments: allWires) func anIdleConnectionIsAskedForASignOfLife(_ wire: RPCWire) throws {
        let client = TestClient(wire) { $0.probeInterval = .seconds(1) }
        client.call("e1")
        let server = try client.connector.accept()
        try server.send(client.answer("e1"))
        _ = try server.received()
        client.advance(byMilliseconds: 999)
        #expect(try server.received().readableBytes == 0)
        client.advance(byMilliseconds: 1)
        var probe = try server.received()
        #expect(probe.readableBytes > 0)
        #expect(probe.readableBytesView.contains(UInt8(ascii: "p")), "a call of ping")
        probe.clear()
        // No answer: it is closed, and the next call finds another.
        client.advance(byMilliseconds: 1_001)
        #expect(!server.isOpen)
        client.call("e2")
        let next = try client.connector.accept()
        try next.send(client.answer("e2"))
        #expect(client.isAnswered("e2"))
    }

    // MARK: Bounds

    @Test func moreCallsOfAMethodThanAllowedFailAtOnce() throws {
        let client = TestClient { $0.inFlightMax = 3 }
        for id in 1...3 { client.call("h\(id)") }
        client.call("h4")
        #expect(client.outcomes.error(4) == .tooManyInFlight(method: "hold", limit: 3))
        #expect(client.outcomes.error(4)?.effect == .notExecuted)
        client.call("e5")
        #expect(client.outcomes.ended[5] == nil, "another method")
        let server = try client.connector.accept()
        try server.send(client.answer("h2"))
        client.cancel(3)
        client.call("h6")
        client.call("h7")
        client.call("h8")
        #expect(client.outcomes.ended[6] == nil)
        #expect(client.outcomes.ended[7] == nil)
        #expect(client.outcomes.error(8) == .tooManyInFlight(method: "hold", limit: 3))
    }

    // MARK: Cancelling

    @Test func cancellingReachesTheServer() throws {
        let client = TestClient()
        client.call("h7")
        let server = try client.connector.accept()
        _ = try server.received()
        client.cancel(7)
        #expect(client.outcomes.error(7) == .cancelled(.unknown))
        let cancel: [UInt8] = [0x93, 2, 0xa7] + Array("$cancel".utf8) + [0x91, 7]
        #expect(try server.received() == ByteBuffer(bytes: cancel))
        try server.send(client.answer("h7"))
        #expect(client.outcomes.ended.count == 1)
        #expect(server.isOpen)
    }

    @Test func aCallWhoseTimeIsOverIsCancelledOnTheServer() throws {
        let client = TestClient()
        client.call("h7", timeout: .milliseconds(10))
        let server = try client.connector.accept()
        _ = try server.received()
        client.advance(byMilliseconds: 10)
        #expect(try server.received().readableBytes > 0)
    }

    @Test func aCancellationThatOvertakesItsCallCounts() {
        let client = TestClient()
        client.callCancelledBefore("e1")
        #expect(client.outcomes.error(1) == .cancelled(.notExecuted))
    }

    @Test(arguments: allWires) func closingEndsAllCalls(_ wire: RPCWire) throws {
        let client = TestClient(wire)
        client.call("e1")
        let server = try client.connector.accept()
        server.setWritable(false)
        client.call("e2")
        client.call("e3")
        client.core.close()
        #expect(client.outcomes.error(1) == .connectionClosed(.unknown))
        #expect(client.outcomes.error(2) == .connectionClosed(.unknown))
        #expect(client.outcomes.error(3) == .clientClosed)
        #expect(!server.isOpen)
        client.call("e4")
        #expect(client.outcomes.error(4) == .clientClosed)
    }

    // MARK: Found by review

    @Test(arguments: allWires) func whatWasReadIsNotKept(_ wire: RPCWire) throws {
        var cutter = AnswerCutter(wire, sizeMax: 1 << 20)
        let answer = ScriptedCall("e1", padding: 1_000).answer(wire)
        var stream = ByteBuffer()
        for _ in 0..<2_000 { stream.writeImmutableBuffer(answer) }
        var count = 0
        // Each piece ends inside of an answer.
        let piece = answer.readableBytes * 16 + 7
        while stream.readableBytes > 0 {
            // In a buffer of its own, as a socket gives them.
            let bytes = stream.readBytes(length: min(piece, stream.readableBytes))
            cutter.add(ByteBuffer(bytes: try #require(bytes)))
            while try cutter.next() != nil { count += 1 }
            #expect(cutter.storageBytes < 8 * piece)
        }
        #expect(count == 2_000)
    }

    @Test func ofSeveralAddressesTheFirstThatAnswersIsTaken() throws {
        let client = TestClient()
        client.call("e1")
        let server = try client.connector.accept(addresses: 3)
        try server.send(client.answer("e1"))
        #expect(client.isAnswered("e1"))
        client.call("e2")
        try server.send(client.answer("e2"))
        #expect(client.isAnswered("e2"))
        #expect(client.connector.attemptCount == 1)
    }

    @Test func aBusyServerThatIsSilentIsFoundOutAlsoWhenItsCallsAreCancelled() throws {
        let client = TestClient { $0.probeInterval = .seconds(2) }
        client.call("h1", timeout: .seconds(100))
        let dead = try client.connector.accept()
        for id in 2...60 {
            client.call("h\(id)", timeout: .seconds(100))
            client.advance(byMilliseconds: 60)
            client.cancel(UInt32(id))
        }
        #expect(client.connector.isConnecting, "another connection")
        let other = try client.connector.accept()
        client.call("e90")
        #expect(try other.received() == ScriptedCall("e90").message(client.wire))
        client.advance(byMilliseconds: 2_000)
        #expect(!dead.isOpen)
        #expect(client.outcomes.error(1) == .connectionClosed(.unknown))
    }

    @Test func aSlowCallMayKeepAnOrderedConnectionSilent() throws {
        let client = TestClient(RPCWire(.thriftBinary, .framed)) { $0.probeInterval = .seconds(1) }
        client.call("h1", timeout: .seconds(100))
        let server = try client.connector.accept()
        client.advance(byMilliseconds: 20_000)
        #expect(server.isOpen)
        try server.send(client.answer("h1"))
        #expect(client.isAnswered("h1"))
    }

    @Test func connectionsThatAreNoGoodDoNotStandInTheWay() throws {
        let client = TestClient { $0.connectionsMax = 1 }
        client.call("e1", timeout: .milliseconds(10))
        _ = try client.connector.accept()
        client.advance(byMilliseconds: 10)
        client.call("e2", timeout: .milliseconds(10))
        let other = try client.connector.accept()
        client.call("e3")
        try other.send(client.answer("e3"))
        #expect(client.isAnswered("e3"))
    }

    @Test func withItsDefaultsAClientClosesWhatItDoesNotNeed() throws {
        let client = TestClient()
        for id in 1...33 { client.call("h\(id)") }
        let first = try client.connector.accept()
        client.call("h34")
        let second = try client.connector.accept()
        for id in 1...34 {
            try first.send(client.answer("h\(id)"))
            try second.send(client.answer("h\(id)"))
        }
        // Each minute the first is used, and both answer what they are asked.
        for _ in 0..<5 {
            for (number, server) in [(1, first), (2, second)] where server.isOpen {
                if try server.received().readableBytes > 0 { try server.send(pong(number)) }
            }
            client.advance(byMilliseconds: 30_500)
        }
        #expect([first, second].filter(\.isOpen).count == 1)
    }

    @Test func aCancellationIsSentAsSoonAsThereIsRoom() throws {
        let client = TestClient()
        client.call("h1")
        let server = try client.connector.accept()
        _ = try server.received()
        server.setWritable(false)
        client.call("h2")
        _ = try server.received()
        client.cancel(1)
        client.cancel(2)
        #expect(try server.received().readableBytes == 0)
        server.setWritable(true)
        var expected = encodeCancel(1)
        expected.writeImmutableBuffer(encodeCancel(2))
        #expect(try server.received() == expected)
    }

    @Test func aDrainingConnectionEndsWithItsLastCallHoweverThatEnds() throws {
        let wire = RPCWire(.thriftBinary, .ttheader)
        let client = TestClient(wire)
        client.call("e1")
        client.call("h2", timeout: .milliseconds(50))
        let server = try client.connector.accept()
        try server.send(ScriptedCall("e1").answer(wire, draining: true))
        #expect(server.isOpen)
        client.advance(byMilliseconds: 50)
        #expect(client.outcomes.error(2) == .timedOut(.read, .unknown))
        #expect(!server.isOpen)
    }

    @Test func whatWasNotSentLeavesADrainingConnection() throws {
        let wire = RPCWire(.thriftBinary, .ttheader)
        let client = TestClient(wire)
        client.call("e1")
        client.call("h2")
        let server = try client.connector.accept()
        _ = try server.received()
        server.setWritable(false)
        client.call("h3")
        client.call("e4")
        _ = try server.received()
        try server.send(ScriptedCall("e1").answer(wire, draining: true))
        let next = try client.connector.accept()
        #expect(try next.received() == ScriptedCall("e4").message(wire))
    }

    @Test func aCallToAnEventLoopThatIsGoneEnds() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = RPCClient(to: .unixSocket("/nonexistent/needletail.sock"), on: group)
        await #expect(throws: CallFailure<NoteError>.self) { try await client.call(Echo.self, One(Note("x"))) }
        try await group.shutdownGracefully()
        await #expect(throws: CallFailure<NoteError>.call(.clientClosed)) {
            try await client.call(Echo.self, One(Note("x")))
        }
        await client.close()
        #expect(await client.figures() == RPCClientFigures())
    }
}
