//! A long answer leaves in portions, between which others have their turns.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct PortionTests {
    private static let portionMax = 256 << 10
    private static let long = String(repeating: "0123456789", count: 70_000)

    private func calls(_ wire: RPCWire, _ texts: [String]) -> ByteBuffer {
        var bytes = ByteBuffer()
        for (index, text) in texts.enumerated() {
            bytes.writeImmutableBuffer(encodeCall(wire, id: UInt32(index), Echo.self, One(Note(text))))
        }
        return bytes
    }

    private func joined(_ portions: [ByteBuffer]) -> ByteBuffer {
        portions.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    /// The answers to `texts`, each asked for on a connection of its own.
    private func expected(_ wire: RPCWire, _ texts: [String]) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for (index, text) in texts.enumerated() {
            let connection = try TestConnection()
            let call = encodeCall(wire, id: UInt32(index), Echo.self, One(Note(text)))
            bytes.writeImmutableBuffer(try connection.whole(after: connection.send(call)))
        }
        return bytes
    }

    @Test(arguments: allWires) func othersHaveTheirTurnsBetween(_ wire: RPCWire) throws {
        let greedy = try TestConnection()
        let modest = try TestConnection(sharing: greedy)
        let call = calls(wire, ["modest"])
        let answer = try modest.send(call)
        var portions = [try greedy.send(calls(wire, [Self.long]))]
        while let last = portions.last, last.readableBytes > 0 {
            #expect(last.readableBytes <= Self.portionMax)
            try modest.channel.writeInbound(call)
            greedy.channel.embeddedEventLoop.advanceTime(by: TestConnection.tick)
            #expect(try modest.received() == answer, "after portion \(portions.count)")
            portions.append(try greedy.received())
        }
        #expect(portions.count == 4)
        #expect(try decoded(joined(portions), wire) == Self.long)
        #expect(greedy.loop.heldBytes == 0)
    }

    private func decoded(_ answer: ByteBuffer, _ wire: RPCWire) throws -> String {
        var message = answer
        switch wire.framing {
        case .unframed: break
        case .framed: message.moveReaderIndex(forwardBy: 4)
        case .theader, .ttheader:
            message.moveReaderIndex(forwardBy: 4)
            message = try HeaderAnswer(message, wire.framing, sizeMax: 1 << 20).message
        }
        return String(buffer: try decodeAnswer(message, wire.format, Echo.self).text)
    }

    @Test(arguments: allWires) func whatIsAskedForBehindItComesBehindIt(_ wire: RPCWire) throws {
        let texts = ["first", Self.long, "third", "fourth", Self.long, "last"]
        let connection = try TestConnection(frameSizeMax: 1 << 20)
        let first = try connection.send(calls(wire, texts))
        #expect(connection.service.served == Array(texts[..<2]), "what is asked for next waits")
        #expect(try connection.whole(after: first) == (try expected(wire, texts)))
        #expect(connection.service.served == texts)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires) func anAnswerThatIsLateComesInPortionsToo(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        #expect(try connection.send(encodeCall(wire, id: 0, Hold.self, One(Note(Self.long)))).readableBytes == 0)
        connection.service.answer(Self.long)
        let first = try connection.received()
        #expect(first.readableBytes <= Self.portionMax)
        #expect(try decoded(try connection.whole(after: first), wire) == Self.long)
    }

    @Test(arguments: allWires) func aClientThatDoesNotReadGetsNoMoreUntilItDoes(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let first = try connection.send(calls(wire, ["short", Self.long]))
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        for _ in 0..<5 { connection.channel.embeddedEventLoop.advanceTime(by: TestConnection.tick) }
        #expect(try connection.received().readableBytes == 0)
        #expect(connection.loop.heldBytes > Self.portionMax, "it counts as unread")
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        var rest = try connection.received()
        #expect(rest.readableBytes > 0, "there is room again")
        rest = try connection.whole(after: rest)
        #expect(joined([first, rest]) == (try expected(wire, ["short", Self.long])))
        #expect(connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires) func aClientThatHasEndedItsSideGetsAllOfIt(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let first = try connection.send(calls(wire, [Self.long]))
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(connection.channel.isActive)
        let portions = try connection.portions(after: first)
        #expect(portions.allSatisfy { $0.readableBytes <= Self.portionMax })
        #expect(try decoded(joined(portions), wire) == Self.long)
        connection.channel.embeddedEventLoop.run()
        #expect(!connection.channel.isActive)
    }

    @Test(arguments: allWires) func aConnectionThatBreaksHoldsNothingMore(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, [Self.long]))
        #expect(connection.loop.heldBytes > Self.portionMax)
        _ = try? connection.channel.close().wait()
        #expect(connection.loop.heldBytes == 0)
        connection.channel.embeddedEventLoop.advanceTime(by: TestConnection.tick)
        #expect(connection.loop.pool.buffersOut == 0)
    }

    /// A message that can not be read ends the connection, after what was answered before it.
    @Test(arguments: allWires) func aConnectionThatEndsSendsAllOfItFirst(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        var bytes = calls(wire, [Self.long])
        bytes.writeRepeatingByte(0xc1, count: 64)
        let answer = try connection.whole(after: connection.send(bytes))
        let expected = try expected(wire, [Self.long])
        #expect(answer.getSlice(at: 0, length: expected.readableBytes) == expected)
    }

    @Test func throughTLSItLeavesInPortionsToo() throws {
        let wire = RPCWire(.messagePack)
        let connection = try TestConnection(security: MaskingSecurity())
        var sent = MaskingSecurity.greeting()
        sent.writeImmutableBuffer(MaskingSecurity.masked(calls(wire, [Self.long, "last"])))
        var answers = MaskingSecurity.welcome
        answers.writeImmutableBuffer(MaskingSecurity.masked(try expected(wire, [Self.long, "last"])))
        let portions = try connection.portions(after: connection.send(sent))
        #expect(portions.count > 2)
        #expect(joined(portions) == answers)
    }

    @Test func theQueueGivesWhatItWasGiven() {
        let queue = OutputQueue()
        #expect(queue.isEmpty)
        #expect(queue.next(atMost: 10) == nil)
        for text in ["abc", "", "defghij", "k"] { queue.add(ByteBuffer(string: text)) }
        #expect(queue.byteCount == 11)
        #expect(queue.next(atMost: 0) == nil)
        var taken: [String] = []
        while let piece = queue.next(atMost: 4) { taken.append(String(buffer: piece)) }
        #expect(taken == ["abc", "defg", "hij", "k"])
        #expect(queue.isEmpty)
        queue.add(ByteBuffer(string: "again"))
        #expect(queue.next(atMost: .max).map { String(buffer: $0) } == "again")
    }
}
