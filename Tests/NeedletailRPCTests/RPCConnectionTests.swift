import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct RPCConnectionTests {
    private func calls(_ wire: RPCWire, _ count: Int) -> [ByteBuffer] {
        (1...count).map { number in
            encodeCall(
                wire, id: UInt32(number), Echo.self,
                One(Note("text \(number)", items: (0..<number % 40).map { "item \($0)" })))
        }
    }

    private func joined(_ messages: [ByteBuffer]) -> ByteBuffer {
        messages.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    @Test(arguments: allWires) func callsAreAnsweredHoweverTheirBytesCome(_ wire: RPCWire) throws {
        let messages = calls(wire, 60)
        let whole = try TestConnection()
        var expected = ByteBuffer()
        for message in messages { expected.writeImmutableBuffer(try whole.send(message)) }
        #expect(whole.service.executed == 60)

        let together = try TestConnection()
        #expect(try together.send(joined(messages)) == expected)

        let single = try TestConnection()
        var answers = ByteBuffer()
        for byte in joined(messages).readableBytesView {
            answers.writeImmutableBuffer(try single.send(ByteBuffer(bytes: [byte])))
        }
        #expect(answers == expected)
        #expect(single.service.executed == 60)

        for size in [3, 7, 64, 100, 1_000] {
            let pieces = try TestConnection()
            var answers = ByteBuffer()
            var bytes = joined(messages)
            while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)), piece.readableBytes > 0 {
                answers.writeImmutableBuffer(try pieces.send(piece))
            }
            #expect(answers == expected, "in pieces of \(size)")
        }
    }

    @Test(arguments: allWires) func aCallThatIsCutOffDoesNothing(_ wire: RPCWire) throws {
        let message = calls(wire, 3)[2]
        for length in 0..<message.readableBytes {
            let connection = try TestConnection()
            let answer = try connection.send(message.getSlice(at: 0, length: length) ?? ByteBuffer())
            #expect(answer.readableBytes == 0 && connection.service.executed == 0 && connection.channel.isActive)
            try connection.channel.close().wait()
        }
    }

    @Test(arguments: allWires) func aFlippedBitIsAnsweredOrCloses(_ wire: RPCWire) throws {
        let good = calls(wire, 3)[2]
        for bit in 0..<good.readableBytes * 8 {
            var message = good
            let index = bit / 8
            let byte = message.getInteger(at: index, as: UInt8.self) ?? 0
            message.setInteger(byte ^ (1 << UInt8(bit % 8)), at: index)
            let connection = try TestConnection()
            _ = try connection.send(message)
            #expect(connection.service.executed <= 1)
            _ = try? connection.channel.finish()
        }
    }

    @Test(arguments: allWires) func anUnknownMethodIsRefusedAndTheConnectionGoesOn(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let refused = try connection.send(encodeCall(wire, id: 1, Nothing.self, One(Note("x"))))
        #expect(refused.readableBytes > 0)
        #expect(connection.service.refusals == [.unknownMethod("nothing")])
        #expect(try connection.send(calls(wire, 1)[0]).readableBytes > 0)
        #expect(connection.service.executed == 1)
    }

    /// The limit is 64; parameters of an unknown method are passed over.
    @Test(arguments: [64, 65]) func messagePackIsAsDeepAsItMayBeHoweverItComes(_ depth: Int) throws {
        let message: [UInt8] =
            [0x94, 0x00, 0x01, 0xa1, 0x78, 0x91] + [UInt8](repeating: 0x91, count: depth) + [0xc0]
        for step in [message.count, 1] {
            let connection = try TestConnection()
            var answers = ByteBuffer()
            for start in stride(from: 0, to: message.count, by: step) {
                answers.writeImmutableBuffer(try connection.send(ByteBuffer(bytes: message[start..<start + step])))
            }
            #expect(answers.readableBytes > 0 && connection.service.refusals.count == 1)
            let goesOn = try connection.send(calls(RPCWire(.messagePack), 1)[0]).readableBytes > 0
            #expect(goesOn == (depth <= 64), "in pieces of \(step)")
        }
    }

    @Test(arguments: allWires) func aMissingFieldIsRefusedAndTheConnectionGoesOn(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let empty = encodeCall(wire, id: 1, Mistaken.self, One(Unrelated()))
        #expect(try connection.send(empty).readableBytes > 0)
        #expect(connection.service.refusals.count == 1 && connection.service.executed == 0)
        #expect(try connection.send(calls(wire, 1)[0]).readableBytes > 0)
        #expect(connection.service.executed == 1)
    }

    @Test(arguments: allWires) func aMessageOverTheLimitIsRefusedByNameBeforeItHasCome(_ wire: RPCWire) throws {
        let connection = try TestConnection(frameSizeMax: 10_000)
        let message = encodeCall(wire, id: 7, Echo.self, One(Note(String(repeating: "x", count: 20_000))))
        let answer = try connection.send(message.getSlice(at: 0, length: 200) ?? ByteBuffer())
        let text = String(buffer: answer)
        #expect(text.contains("10000"), "the limit is named")
        #expect(text.contains("200"), "the size is named")
        #expect(connection.service.executed == 0)
        let more = try connection.send(calls(wire, 1)[0])
        #expect(more.readableBytes == 0 && connection.service.executed == 0, "what follows is thrown away")
    }

    @Test(arguments: allWires) func aMessageOverTheLimitIsRefusedAlsoWhenItComesAtOnce(_ wire: RPCWire) throws {
        let connection = try TestConnection(frameSizeMax: 10_000)
        let message = encodeCall(wire, id: 7, Echo.self, One(Note(String(repeating: "x", count: 20_000))))
        #expect(String(buffer: try connection.send(message)).contains("10000"), "the limit is named")
        #expect(connection.service.executed == 0)
    }

    @Test(arguments: allWires) func moreThanTheLimitOfPipelinedCallsIsServed(_ wire: RPCWire) throws {
        let connection = try TestConnection(frameSizeMax: 1_000)
        let messages = calls(wire, 100)
        #expect(joined(messages).readableBytes > 10_000)
        _ = try connection.send(joined(messages))
        #expect(connection.service.executed == 100)
    }

    @Test(arguments: allWires) func oneWayCallsExecuteAndAnswerNothing(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        #expect(try connection.send(oneway(wire, "e1")).readableBytes == 0)
        #expect(connection.service.executed == 1)
        #expect(try connection.send(calls(wire, 1)[0]).readableBytes > 0)
    }

    @Test(arguments: allWires) func aClientThatDoesNotReadIsNotServed(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let messages = calls(wire, 10)
        _ = try connection.send(messages[0])
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try connection.send(joined(Array(messages[1...]))).readableBytes == 0)
        #expect(connection.service.executed == 1)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try connection.received().readableBytes > 0)
        #expect(connection.service.executed == 10)
    }

    /// As SwiftNIO does it when a write fails: what has come is read, then the channel is closed, all in the midst of the turn.
    @Test(arguments: allWires, [0, 1, 2])
    func aSocketThatBreaksInATurnCostsNoBuffers(_ wire: RPCWire, _ readsBefore: Int) throws {
        let text = String(repeating: "x", count: 40_000)
        let call = encodeCall(wire, id: 1, Echo.self, One(Note(text)))
        for headBytes in [0, 1, 1_000] {
            let connection = try TestConnection()
            let socket = BreakingSocket(reads: Array(repeating: call, count: readsBefore))
            try connection.channel.pipeline.syncOperations.addHandler(socket, position: .first)
            var bytes = ByteBuffer()
            for _ in 0..<4 { bytes.writeImmutableBuffer(call) }
            if let head = bytes.readSlice(length: headBytes), headBytes > 0 { _ = try connection.send(head) }
            _ = try? connection.send(bytes)
            #expect(socket.hasBroken)
            #expect(!connection.channel.isActive)
            #expect(connection.service.executed < 4, "in the midst of the turn")
            #expect(connection.loop.pool.buffersOut == 0, "after \(headBytes) bytes")
            #expect(connection.loop.heldBytes == 0)
        }
    }

    @Test func foreignProtocolsAreClosed() throws {
        for text in [
            "GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n", "*1\r\n$4\r\nPING\r\n",
            "\u{16}\u{03}\u{01}\u{02}\u{00}",
        ] {
            let connection = try TestConnection()
            #expect(try connection.send(ByteBuffer(string: text)).readableBytes == 0)
            #expect(!connection.channel.isActive, "\(text)")
        }
    }

    @Test(arguments: allWires) func drainingAnswersWhatCameAndEnds(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let messages = calls(wire, 2)
        _ = try connection.send(messages[0])
        let half = messages[1].readableBytes / 2
        _ = try connection.send(messages[1].getSlice(at: 0, length: half) ?? ByteBuffer())
        let handler = try connection.channel.pipeline.syncOperations.handler(type: RPCConnection.self)
        handler.drain()
        connection.channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        #expect(connection.channel.isActive, "half a call has come: it may be finished")
        let rest = messages[1].getSlice(at: half, length: messages[1].readableBytes - half) ?? ByteBuffer()
        #expect(try connection.send(rest).readableBytes > 0)
        #expect(connection.service.executed == 2)
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!connection.channel.isActive)
    }
}

/// Fails the first write of a connection.
private final class BreakingSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private let reads: [ByteBuffer]
    private(set) var hasBroken = false

    /// - Parameter reads: what is read when the write has failed.
    init(reads: [ByteBuffer]) { self.reads = reads }

    func flush(context: ChannelHandlerContext) {
        guard !hasBroken else { return }
        hasBroken = true
        for bytes in reads { context.fireChannelRead(NIOAny(bytes)) }
        context.close(promise: nil)
    }
}
