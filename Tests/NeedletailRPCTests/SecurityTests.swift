//! TLS from a connection's side: who is served, who is refused, and what a handshake may cost.

import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct SecurityTests {
    private func count(_ counter: RPCCounter, _ connection: TestConnection) -> UInt64 {
        connection.loop.metrics.counters[counter.rawValue]
    }

    private func masked(_ bytes: ByteBuffer, after start: ByteBuffer) -> ByteBuffer {
        var joined = start
        joined.writeImmutableBuffer(MaskingSecurity.masked(bytes))
        return joined
    }

    @Test(arguments: allWires) func callsAreServedThroughTLSHoweverTheirBytesCome(_ wire: RPCWire) throws {
        let sent = masked(calls(wire, ["e1", "e2", "e3"]), after: MaskingSecurity.greeting())
        let expected = masked(answers(wire, ["e1", "e2", "e3"]), after: MaskingSecurity.welcome)
        for size in [1, 2, 7, 8, 9, 64, sent.readableBytes] {
            let connection = try TestConnection(security: MaskingSecurity())
            var rest = sent
            var received = ByteBuffer()
            while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                received.writeImmutableBuffer(try connection.send(piece))
            }
            #expect(received == expected, "in pieces of \(size)")
            #expect(connection.loop.heldBytes == 0)
        }
    }

    @Test(arguments: allWires + [RPCWire(.thriftBinary, .theader, isCompressed: true)])
    func whereTLSIsRequiredPlaintextIsAnsweredThatItIs(_ wire: RPCWire) throws {
        let connection = try TestConnection(security: MaskingSecurity())
        let call = encodeCall(wire, id: 7, Echo.self, One(Note(String(repeating: "x", count: 1_000))))
        var answer = ByteBuffer()
        var sentBytes = 0
        for byte in call.readableBytesView where answer.readableBytes == 0 {
            answer = try connection.send(ByteBuffer(bytes: [byte]))
            sentBytes += 1
        }
        let isHeaded = wire.framing == .theader || wire.framing == .ttheader
        #expect(sentBytes < 50, "its head is enough, or its header")
        #expect(connection.service.executed == 0)
        if wire.framing != .unframed { answer.moveReaderIndex(forwardBy: 4) }
        if isHeaded { answer = try HeaderAnswer(answer, wire.framing, sizeMax: 1_000).message }
        #expect(String(buffer: answer).contains("TLS is required on this port"))
        #expect(throws: CallFailure<Echo.Failure>.self) { try decodeAnswer(answer, wire.format, Echo.self) }
        #expect(count(.connectionsPlaintext, connection) == 1)
        _ = try connection.send(calls(wire, ["e1"]))
        #expect(connection.service.executed == 0, "nothing more is served")
    }

    /// A request whose method name is an array of four billion elements.
    @Test func aPlaintextHeadThatDoesNotEndIsNotWaitedFor() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        #expect(try connection.send(ByteBuffer(bytes: [0x94, 0, 1, 0xdd, 0xff, 0xff, 0xff, 0xff])).readableBytes == 0)
        var sentBytes = 8
        while count(.connectionsPlaintext, connection) == 0, sentBytes < 10_000 {
            #expect(try connection.send(ByteBuffer(repeating: 0xc0, count: 100)).readableBytes == 0)
            sentBytes += 100
        }
        #expect(sentBytes < 2_200)
        #expect(connection.loop.heldBytes == 0)
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!connection.channel.isActive)
    }

    @Test(arguments: [ThriftHeader.Kind.theader, .ttheader])
    func aPlaintextHeaderWithNothingBehindItIsRefused(_ kind: ThriftHeader.Kind) throws {
        let connection = try TestConnection(security: MaskingSecurity())
        var writer = ByteWriter(into: ByteBuffer())
        writer.end(writer.begin(ThriftHeader(kind, sequenceID: 1)))
        let answer = try connection.send(writer.finish())
        #expect(String(buffer: answer).contains("TLS is required on this port"))
        #expect(count(.connectionsPlaintext, connection) == 1)
    }

    /// With TLS required, and where there is none.
    @Test(arguments: [true, false], [RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact)])
    func aHeadThatTricklesInIsNoProgress(_ isRequired: Bool, _ wire: RPCWire) throws {
        let connection = try TestConnection(security: isRequired ? MaskingSecurity() : nil)
        let call = encodeCall(wire, id: 7, Echo.self, One(Note("x")))
        for index in 0..<5 {
            #expect(connection.channel.isActive)
            _ = try connection.send(try #require(call.getSlice(at: call.readerIndex + index, length: 1)))
            connection.time.advance(byMilliseconds: connection.loop.limits.stallMillisMax / 5)
            connection.loop.sweep()
        }
        #expect(!connection.channel.isActive)
        #expect(count(.connectionsStalled, connection) == 1)
    }

    @Test func refusedPlaintextIsUnauthenticatedAndNotExecuted() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        // [0, 1, "echo", []] and [1, 1, {"code": 7, "message": ..., "effect": 1}, nil]
        let answer = try connection.send(ByteBuffer(bytes: [0x94, 0, 1, 0xa4] + Array("echo".utf8) + [0x90]))
        let bytes = Array(answer.readableBytesView)
        #expect(bytes.starts(with: [0x94, 1, 1, 0x83, 0xa4] + Array("code".utf8) + [7]))
        #expect(bytes.suffix(9) == [0xa6] + Array("effect".utf8) + [1, 0xc0])
    }

    @Test(arguments: allWires) func whereTLSIsOptionalBothAreServed(_ wire: RPCWire) throws {
        let security = MaskingSecurity(isRequired: false)
        let plain = try TestConnection(security: security)
        #expect(try plain.send(calls(wire, ["e1"])) == answers(wire, ["e1"]))
        let secured = try TestConnection(security: security)
        let sent = masked(calls(wire, ["e1"]), after: MaskingSecurity.greeting())
        #expect(try secured.send(sent) == masked(answers(wire, ["e1"]), after: MaskingSecurity.welcome))
    }

    @Test(arguments: allWires) func aUnixSocketTakesPlaintextInAnyCase(_ wire: RPCWire) throws {
        let connection = try TestConnection(security: MaskingSecurity(), isLocal: true)
        #expect(try connection.send(calls(wire, ["e1"])) == answers(wire, ["e1"]))
    }

    @Test func tlsIsForeignWhereThereIsNone() throws {
        let connection = try TestConnection()
        #expect(try connection.send(MaskingSecurity.greeting()).readableBytes == 0)
        #expect(!connection.channel.isActive)
        #expect(count(.connectionsForeign, connection) == 1)
    }

    @Test func tlsWithinTLSIsForeign() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        let sent = masked(MaskingSecurity.greeting(), after: MaskingSecurity.greeting())
        #expect(try connection.send(sent) == MaskingSecurity.welcome)
        #expect(count(.connectionsForeign, connection) == 1)
    }

    @Test func theNamesOfTheClientReachItsCalls() throws {
        let connection = try TestConnection(security: MaskingSecurity(names: ["billing", "ledger"]))
        _ = try connection.send(
            masked(calls(RPCWire(.messagePack), ["e1", "e2"]), after: MaskingSecurity.greeting()))
        #expect(connection.service.callers == [["billing", "ledger"], ["billing", "ledger"]])
        let unnamed = try TestConnection(security: MaskingSecurity(names: []))
        _ = try unnamed.send(masked(calls(RPCWire(.messagePack), ["e1"]), after: MaskingSecurity.greeting()))
        #expect(unnamed.service.callers == [nil])
    }

    @Test func aCertificateThatNamesNobodyIsNotServed() throws {
        let connection = try TestConnection(security: MaskingSecurity(names: nil))
        // The call came together with the end of the handshake.
        _ = try connection.send(masked(calls(RPCWire(.messagePack), ["e1"]), after: MaskingSecurity.greeting()))
        #expect(connection.service.executed == 0)
        #expect(!connection.channel.isActive)
        #expect(count(.connectionsTLSFailed, connection) == 1)
    }

    @Test func aHandshakeThatFailsClosesAndIsCounted() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        _ = try connection.send(MaskingSecurity.greeting(MaskingSecurity.refused))
        #expect(!connection.channel.isActive)
        #expect(count(.connectionsTLSFailed, connection) == 1)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test func aHandshakeThatDoesNotEndIsGivenUp() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        let greeting = MaskingSecurity.greeting()
        _ = try connection.send(greeting.getSlice(at: 0, length: 4) ?? ByteBuffer())
        connection.time.advance(byMilliseconds: connection.loop.limits.stallMillisMax - 1)
        // Bytes that trickle in buy no time.
        _ = try connection.send(greeting.getSlice(at: 4, length: 2) ?? ByteBuffer())
        connection.loop.sweep()
        #expect(connection.channel.isActive)
        connection.time.advance(byMilliseconds: 1)
        connection.loop.sweep()
        #expect(!connection.channel.isActive)
        #expect(count(.connectionsStalled, connection) == 1)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test func aSecuredConnectionMayBeIdle() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        _ = try connection.send(MaskingSecurity.greeting())
        connection.time.advance(byMilliseconds: 10_000_000)
        connection.loop.sweep()
        #expect(connection.channel.isActive)
    }

    @Test func handshakesAreBoundedLikeAllThatIsHeld() throws {
        let first = try TestConnection(heldBytesMax: 20 * RPCConnection.handshakeBytes, security: MaskingSecurity())
        var others: [TestConnection] = []
        for _ in 0..<100 {
            let other = try TestConnection(sharing: first)
            _ = try other.send(ByteBuffer(bytes: [0x16, 0x03]))
            first.time.advance(byMilliseconds: 1)
            others.append(other)
        }
        #expect(others.filter { $0.channel.isActive }.count <= 20)
        #expect(others.last?.channel.isActive == true)
        #expect(first.loop.heldBytes <= 20 * RPCConnection.handshakeBytes)
    }

    @Test func anEndThatTLSDidNotAnnounceStillGetsItsAnswers() throws {
        let wire = RPCWire(.messagePack)
        let connection = try TestConnection(security: MaskingSecurity())
        var received = try connection.send(masked(calls(wire, ["h1"]), after: MaskingSecurity.greeting()))
        connection.channel.pipeline.fireErrorCaught(MaskingSecurity.EndedUnannounced())
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        received.writeImmutableBuffer(try connection.received())
        connection.service.answer("h1")
        received.writeImmutableBuffer(try connection.received())
        #expect(received == masked(answers(wire, ["h1"]), after: MaskingSecurity.welcome))
    }

    @Test func aClientThatSaysNoMoreInItsHandshakeIsClosedAtOnce() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        var part = MaskingSecurity.greeting()
        part.moveWriterIndex(to: 4)
        _ = try connection.send(part)
        #expect(connection.channel.isActive)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        _ = try connection.received()
        #expect(!connection.channel.isActive)
    }

    @Test func drainingDoesNotWaitForAHandshake() throws {
        let connection = try TestConnection(security: MaskingSecurity())
        _ = try connection.send(ByteBuffer(bytes: [0x16, 0x03]))
        connection.loop.drain()
        connection.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!connection.channel.isActive)
    }
}
