//! A connection's end, and its bounds, with answers that are still to come.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct LateLifeTests {
    // MARK: The end

    @Test(arguments: allWires) func aConnectionThatIsGoneCancelsWhatIsOpen(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2", "t3", "h4"]))
        connection.service.answer("h2")
        try connection.channel.close().wait()
        #expect(connection.service.cancelled.sorted() == ["h1", "h4", "t3"], "what was answered is not cancelled")
        #expect(connection.service.held["h1"]?.answer.isCancelled == true)
        connection.service.answer("h1")
        connection.service.answer("h4")
        connection.channel.embeddedEventLoop.run()
        #expect(connection.service.cancelled.count == 3, "once each")
        #expect(connection.loop.heldBytes == 0 && connection.loop.connectionCount == 0)
    }

    @Test func aCancelledTokenTellsWhoeverAsksLater() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(RPCWire(.thriftBinary), ["h1"]))
        try connection.channel.close().wait()
        var told = 0
        connection.service.held["h1"]?.answer.onCancel = { told += 1 }
        #expect(told == 1)
    }

    @Test(arguments: allWires) func whatIsCancelledMayAnswerOthers(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        connection.service.held["h1"]?.answer.onCancel = { [service = connection.service] in
            service.answer("h1")
            service.answer("h2")
        }
        try connection.channel.close().wait()
        #expect(connection.service.cancelled == [])
        #expect(connection.loop.connectionCount == 0)
    }

    @Test(arguments: allWires) func aClientThatSendsNoMoreIsStillAnswered(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2", "t3"]))
        connection.endInput()
        connection.advance(.seconds(60))
        #expect(connection.channel.isActive)
        #expect(try connection.answering("h1") == answers(wire, ["h1"]))
        #expect(try connection.answering("h2") == answers(wire, ["h2"]))
        #expect(connection.channel.isActive, "what it does not wait for is done, too")
        connection.service.told["t3"]?.send(NoResult())
        _ = try connection.received()
        #expect(!connection.channel.isActive)
        #expect(connection.service.cancelled == [])
    }

    @Test(arguments: allWires) func callsThatCameWithTheEndAreAnswered(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        try connection.channel.writeInbound(calls(wire, ["h1", "e2"]))
        connection.endInput()
        var received = try connection.received()
        #expect(connection.channel.isActive)
        received.writeImmutableBuffer(try connection.answering("h1"))
        #expect(received == answers(wire, wire.isOrdered ? ["h1", "e2"] : ["e2", "h1"]))
        #expect(!connection.channel.isActive)
    }

    @Test(arguments: allWires) func drainingWaitsForWhatIsOpen(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        connection.loop.drain()
        connection.advance(.milliseconds(10))
        #expect(try connection.send(calls(wire, ["h3"])).readableBytes == 0)
        connection.advance(.seconds(60))
        #expect(connection.service.served == ["h1", "h2", "h3"], "it had a turn to come")
        #expect(connection.channel.isActive, "the server's own limit ends it")
        #expect(try connection.send(calls(wire, ["e4"])).readableBytes == 0)
        #expect(connection.service.executed == 3, "and no others")
        #expect(try connection.answering("h1", "h2", "h3") == answers(wire, ["h1", "h2", "h3"], draining: true))
        connection.advance(.seconds(2))
        #expect(!connection.channel.isActive)
        #expect(connection.service.cancelled == [])
    }

    @Test(arguments: allWires) func aDrainedConnectionIsGoneWithItsClient(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1"]))
        connection.loop.drain()
        connection.advance(.seconds(1))
        connection.endInput()
        #expect(connection.channel.isActive)
        #expect(try connection.answering("h1") == answers(wire, ["h1"], draining: true))
        #expect(!connection.channel.isActive)
    }

    @Test func closingAllCancelsWhatDrainingWaitedFor() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(RPCWire(.messagePack), ["h1"]))
        connection.loop.drain()
        connection.advance(.seconds(1))
        connection.loop.closeAll()
        #expect(!connection.channel.isActive)
        #expect(connection.service.cancelled == ["h1"])
    }

    private func oversized(_ wire: RPCWire, id: UInt32) -> ByteBuffer {
        let message = encodeCall(wire, id: id, Echo.self, One(Note(String(repeating: "x", count: 20_000))))
        return message.getSlice(at: message.readerIndex, length: 200) ?? ByteBuffer()
    }

    @Test(arguments: allWires) func whatCameBeforeABrokenMessageIsAnswered(_ wire: RPCWire) throws {
        let refused = try TestConnection(frameSizeMax: 10_000).send(oversized(wire, id: 3))
        #expect(String(buffer: refused).contains("10000"))
        let connection = try TestConnection(frameSizeMax: 10_000)
        var bytes = calls(wire, ["h1", "h2"])
        bytes.writeImmutableBuffer(oversized(wire, id: 3))
        bytes.writeImmutableBuffer(calls(wire, ["e4"]))
        #expect(try connection.send(bytes) == (wire.isOrdered ? ByteBuffer() : refused))
        #expect(try connection.send(calls(wire, ["e5"])).readableBytes == 0)
        #expect(try connection.answering("h2") == (wire.isOrdered ? ByteBuffer() : answers(wire, ["h2"])))
        #expect(connection.channel.isActive && connection.service.cancelled == [])
        var last = answers(wire, wire.isOrdered ? ["h1", "h2"] : ["h1"])
        if wire.isOrdered { last.writeImmutableBuffer(refused) }
        #expect(try connection.answering("h1") == last)
        connection.advance(.seconds(2))
        #expect(!connection.channel.isActive)
        #expect(connection.service.executed == 2)
    }

    @Test(arguments: allWires) func aBrokenConnectionDoesNotWaitForEver(_ wire: RPCWire) throws {
        let connection = try TestConnection(frameSizeMax: 10_000)
        var bytes = calls(wire, ["h1"])
        bytes.writeImmutableBuffer(oversized(wire, id: 2))
        _ = try connection.send(bytes)
        connection.advance(RPCLoop.lastAnswersMax - .seconds(1))
        #expect(connection.channel.isActive)
        connection.advance(.seconds(1))
        #expect(!connection.channel.isActive)
        #expect(connection.service.cancelled == ["h1"])
    }

    // MARK: Bounds

    @Test(arguments: allWires) func aConnectionHasSoManyOpenAndNoMore(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let max = LateAnswers.countMax
        #expect(try connection.send(calls(wire, words("h", 1...max + 3))).readableBytes == 0)
        for word in ["e", "h"] {
            _ = try connection.send(calls(wire, ["\(word)9999"]))
            #expect(connection.service.executed == max)
        }
        #expect(try connection.answering("h1") == answers(wire, ["h1"]))
        #expect(connection.service.executed == max + 1)
        #expect(try connection.answering("h2", "h3") == answers(wire, ["h2", "h3"]))
        #expect(connection.service.executed == max + 3)
        var received = try connection.answering(words("h", 4...max + 3))
        received.writeImmutableBuffer(try connection.answering("h9999"))
        #expect(received.readableBytes == answers(wire, words("h", 4...max + 3) + ["e9999", "h9999"]).readableBytes)
        #expect(connection.service.executed == max + 5)
        #expect(try connection.handler().late.isEmpty && !connection.handler().isPaused)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires.filter(\.isOrdered)) func answersThatWaitAreBounded(_ wire: RPCWire) throws {
        let connection = try TestConnection(unsentBytesHigh: 10_000)
        let echoes = words("e", 2...40)
        var bytes = calls(wire, ["h1"])
        bytes.writeImmutableBuffer(calls(wire, echoes, padding: 1_000))
        #expect(try connection.send(bytes).readableBytes == 0)
        #expect(connection.service.executed == 11, "the call that is late, and as many as fit and one more")
        #expect(connection.loop.heldBytes > 10_000 && connection.loop.heldBytes < 10_000 + bytes.readableBytes * 2)
        var expected = answers(wire, ["h1"])
        expected.writeImmutableBuffer(answers(wire, echoes, padding: 1_000))
        #expect(try connection.answering("h1") == expected, "then it goes on")
        #expect(connection.service.executed == 40)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires.filter(\.isOrdered)) func lateAnswersThatWaitAreBoundedAsWell(_ wire: RPCWire) throws {
        let connection = try TestConnection(unsentBytesHigh: 10_000)
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        connection.service.held["h2"]?.send(Note(String(repeating: "x", count: 20_000)))
        #expect(try connection.received().readableBytes == 0)
        #expect(connection.loop.heldBytes >= 20_000)
        #expect(try connection.send(calls(wire, ["e3"])).readableBytes == 0)
        #expect(connection.service.executed == 2)
        #expect(try connection.answering("h1").readableBytes > 20_000)
        #expect(connection.service.executed == 3)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires) func aClientThatDoesNotReadIsNotServedForLateAnswersEither(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1"]))
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        _ = try connection.send(calls(wire, ["e2"]))
        _ = try connection.answering("h1")
        #expect(connection.service.executed == 1)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try connection.received() == answers(wire, ["e2"]))
    }

    @Test(arguments: allWires) func waitingForTheServiceIsNoStall(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, words("h", 1...LateAnswers.countMax + 1)))
        #expect(connection.loop.heldBytes > 0, "one call was not served")
        for _ in 0..<10 {
            connection.time.advance(byMilliseconds: connection.loop.limits.stallMillisMax)
            connection.loop.sweep()
        }
        #expect(connection.channel.isActive)
        // Nor does the time count afterwards.
        #expect(try connection.answering("h1") == answers(wire, ["h1"]))
        connection.loop.sweep()
        #expect(connection.channel.isActive)
    }

    @Test(arguments: allWires) func aMessageThatDoesNotEndIsAStallWhateverIsOpen(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        var bytes = calls(wire, ["h1", "e2"])
        let part = calls(wire, ["e3"])
        bytes.writeImmutableBuffer(part.getSlice(at: 0, length: part.readableBytes / 2) ?? ByteBuffer())
        _ = try connection.send(bytes)
        connection.time.advance(byMilliseconds: connection.loop.limits.stallMillisMax)
        connection.loop.sweep()
        #expect(!connection.channel.isActive)
        #expect(connection.service.cancelled == ["h1"])
    }

    @Test(arguments: allWires.filter(\.isOrdered)) func aboveTheBoundWhoMakesOthersWaitGoes(_ wire: RPCWire) throws {
        let first = try TestConnection(heldBytesMax: 100_000)
        let second = try TestConnection(sharing: first)
        for connection in [first, second] {
            var bytes = calls(wire, ["h1"])
            bytes.writeImmutableBuffer(calls(wire, words("e", 2...7), padding: 10_000))
            _ = try connection.send(bytes)
            first.time.advance(byMilliseconds: 10)
        }
        #expect(!first.channel.isActive && second.channel.isActive)
        #expect(first.service.cancelled == ["h1"])
        #expect(first.loop.heldBytes <= 100_000)
    }
}
