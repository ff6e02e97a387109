//! Connections whose frames have headers, as a server sees them. What holds for all protocols is tested with those
//! (`allWires`); here is what only headers have.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

/// The ways in which a message may travel behind a header.
private let headerWires = [
    RPCWire(.thriftBinary, .theader), RPCWire(.thriftCompact, .theader),
    RPCWire(.thriftBinary, .theader, isCompressed: true), RPCWire(.thriftCompact, .theader, isCompressed: true),
    RPCWire(.thriftBinary, .ttheader), RPCWire(.thriftCompact, .ttheader),
]

@Suite struct HeaderTests {
    private func kind(_ wire: RPCWire) throws -> ThriftHeader.Kind { try #require(ThriftHeader.Kind(wire.framing)) }

    /// A call of `method` behind a header of any kind.
    private func call<Method: RPCMethod>(
        _ method: Method.Type, _ text: String, id: UInt32 = 1, _ header: ThriftHeader,
        _ info: ThriftHeaderInfo = ThriftHeaderInfo()
    ) -> ByteBuffer where Method.Arguments == One<Note> {
        let format = header.encoding.format
        var message = encodeCall(RPCWire(format), id: id, method, One(Note(text)))
        if header.isCompressed { message = ZlibTransform().compress(message) }
        var writer = ByteWriter(into: ByteBuffer())
        let mark = writer.begin(header, info)
        writer.store(message)
        writer.end(mark)
        return writer.finish()
    }

    /// What came back, frame by frame.
    private func frames(_ bytes: ByteBuffer, _ framing: RPCFraming) throws -> [HeaderAnswer] {
        var bytes = bytes
        var answers: [HeaderAnswer] = []
        while bytes.readableBytes > 0 {
            let frame = bytes.readLengthPrefixedSlice(as: UInt32.self)
            answers.append(try HeaderAnswer(try #require(frame), framing, sizeMax: 1 << 20))
        }
        return answers
    }

    private func text(_ answer: HeaderAnswer) throws -> String {
        String(buffer: try decodeAnswer(answer.message, answer.format, Echo.self).text)
    }

    /// The exception in the only answer.
    private func exception(_ bytes: ByteBuffer, _ framing: RPCFraming) throws -> ApplicationException {
        let answers = try frames(bytes, framing)
        let answer = try #require(answers.first)
        #expect(answers.count == 1)
        let failure = #expect(throws: CallFailure<NoteError>.self) {
            try decodeAnswer(answer.message, answer.format, Echo.self)
        }
        guard case .call(.refused(let exception)) = failure else { throw Missing() }
        return exception
    }

    private struct Missing: Error {}

    // MARK: Both ways

    @Test(arguments: headerWires) func callsAreAnsweredHoweverTheirBytesCome(_ wire: RPCWire) throws {
        let words = words("e", 1...40)
        let bytes = words.enumerated().reduce(into: ByteBuffer()) { bytes, word in
            let note = Note(String(repeating: word.element, count: 1 + word.offset * 7))
            bytes.writeImmutableBuffer(encodeCall(wire, id: UInt32(word.offset), Echo.self, One(note)))
        }
        let expected = try TestConnection().send(bytes)
        let answers = try frames(expected, wire.framing)
        #expect(answers.map(\.id) == (0..<40).map { UInt32($0) })
        #expect(answers.allSatisfy { $0.format == wire.format && !$0.announcesDraining })
        #expect(try text(answers[39]) == String(repeating: "e40", count: 1 + 39 * 7))
        for size in [1, 7, 100] {
            let connection = try TestConnection()
            var rest = bytes
            var received = ByteBuffer()
            while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                received.writeImmutableBuffer(try connection.send(piece))
            }
            #expect(received == expected, "in pieces of \(size)")
        }
    }

    /// Values from 16 KiB on leave by reference, and are joined to be compressed.
    @Test(arguments: headerWires) func largeAnswersLeaveWhole(_ wire: RPCWire) throws {
        let large = String(repeating: "0123456789", count: 5_000)
        let connection = try TestConnection()
        let bytes = try connection.send(encodeCall(wire, id: 1, Echo.self, One(Note(large))))
        #expect(try text(try #require(frames(bytes, wire.framing).first)) == large)
        #expect((bytes.readableBytes < 5_000) == wire.isCompressed)
    }

    /// Too small to shrink, and too large for the event loop.
    @Test(arguments: [(200, false), (300, true), (200_000, true), (300_000, false)])
    func answersAreCompressedWhereItIsWorthIt(_ size: Int, _ isCompressed: Bool) throws {
        let wire = RPCWire(.thriftBinary, .theader, isCompressed: true)
        let text = String(repeating: "x", count: size)
        let connection = try TestConnection()
        let served = try connection.whole(
            after: connection.send(encodeCall(wire, id: 1, Echo.self, One(Note(text)))))
        _ = try connection.send(encodeCall(wire, id: 2, Hold.self, One(Note(text))))
        for answer in [served, try connection.whole(after: connection.answering(text))] {
            #expect((answer.readableBytes < size) == isCompressed)
            #expect(try self.text(try #require(frames(answer, .theader).first)) == text)
        }
    }

    @Test(arguments: headerWires) func anAnswerRepeatsWhatItsHeaderSays(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let kind = try kind(wire)
        let encoding = try #require(ThriftHeader.Encoding(wire.format))
        let header = ThriftHeader(
            kind, sequenceID: -7, flags: 0x09, encoding: encoding, isCompressed: wire.isCompressed)
        var bytes = try connection.send(call(Echo.self, "x", id: 30, header))
        let slice = bytes.readLengthPrefixedSlice(as: UInt32.self)
        let frame = try #require(slice)
        var reader = ThriftHeaderReader(frame, kind)
        try reader.readStart()
        try reader.readEncoding(frameSize: frame.readableBytes)
        var expected = header
        expected.flags = kind == .theader ? 1 : 0
        expected.isCompressed = false
        let answered = reader.header
        #expect(answered == expected)
        let entry = try reader.nextEntry() == nil
        #expect(entry, "an answer has nothing else to say")
    }

    /// One connection may speak both protocols behind its headers, with and without compression.
    @Test func eachFrameSaysWhatItIs() throws {
        let connection = try TestConnection()
        let headers: [ThriftHeader] = [
            ThriftHeader(.theader, sequenceID: 1, flags: 1), ThriftHeader(.theader, sequenceID: 2, encoding: .compact),
            ThriftHeader(.theader, sequenceID: 3, isCompressed: true),
        ]
        let bytes = headers.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer(call(Echo.self, "x", $1)) }
        let answers = try frames(try connection.send(bytes), .theader)
        #expect(answers.map(\.format) == [.thriftBinary, .thriftCompact, .thriftBinary])
        #expect(answers.map(\.id) == [1, 2, 3])
    }

    @Test func aMessageMayHaveALengthOfItsOwnBehindTTHeader() throws {
        var header = ThriftHeader(.ttheader, sequenceID: 5)
        header.isFramedInside = true
        let answer = try TestConnection().send(call(Echo.self, "x", id: 5, header))
        var plain = header
        plain.isFramedInside = false
        let unframed = try TestConnection().send(call(Echo.self, "x", id: 5, plain))
        #expect(answer.readableBytes == unframed.readableBytes + 4, "the answer has one, too")
        #expect(try text(try #require(frames(answer, .ttheader).first)) == "x")
    }

    // MARK: Order

    @Test func answersLeaveInOrderWithoutTheFlag() throws {
        let connection = try TestConnection()
        var bytes = ByteBuffer()
        for (id, flags) in [(1, 0), (2, 0), (3, 1), (4, 0)] as [(UInt32, UInt16)] {
            let header = ThriftHeader(.theader, sequenceID: Int32(id), flags: flags)
            bytes.writeImmutableBuffer(call(Hold.self, "h\(id)", id: id, header))
        }
        #expect(try connection.send(bytes).readableBytes == 0)
        #expect(try connection.answering("h2").readableBytes == 0)
        #expect(
            try frames(try connection.answering("h3"), .theader).map(\.id) == [3], "who asks for it is not held back")
        #expect(try frames(try connection.answering("h1"), .theader).map(\.id) == [1, 2])
        #expect(try frames(try connection.answering("h4"), .theader).map(\.id) == [4])
    }

    @Test(arguments: [false, true]) func finishedAnswersWaitBehindOpenOnes(_ isCompressed: Bool) throws {
        let connection = try TestConnection()
        func header(_ id: UInt32, _ flags: UInt16 = 0) -> ThriftHeader {
            ThriftHeader(.theader, sequenceID: Int32(id), flags: flags, isCompressed: isCompressed)
        }
        var bytes = call(Hold.self, "h1", id: 1, header(1))
        bytes.writeImmutableBuffer(call(Echo.self, "e2", id: 2, header(2)))
        bytes.writeImmutableBuffer(call(Echo.self, "e3", id: 3, header(3, 1)))
        #expect(try frames(try connection.send(bytes), .theader).map(\.id) == [3])
        #expect(try frames(try connection.answering("h1"), .theader).map(\.id) == [1, 2])
    }

    @Test func ttheaderLeavesAsItIsFinished() throws {
        let connection = try TestConnection()
        var bytes = call(Hold.self, "h1", id: 1, ThriftHeader(.ttheader, sequenceID: 1))
        bytes.writeImmutableBuffer(call(Echo.self, "e2", id: 2, ThriftHeader(.ttheader, sequenceID: 2)))
        #expect(try frames(try connection.send(bytes), .ttheader).map(\.id) == [2])
        #expect(try frames(try connection.answering("h1"), .ttheader).map(\.id) == [1])
    }

    // MARK: Draining

    @Test(arguments: headerWires) func answersSayThatTheServerStops(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let before = try connection.send(encodeCall(wire, id: 1, Echo.self, One(Note("x"))))
        _ = try connection.send(encodeCall(wire, id: 2, Hold.self, One(Note("h2"))))
        connection.loop.drain()
        let after = try connection.send(encodeCall(wire, id: 3, Echo.self, One(Note("x"))))
        let late = try connection.answering("h2")
        #expect(try frames(before, wire.framing).map(\.announcesDraining) == [false])
        #expect(try frames(after, wire.framing).map(\.announcesDraining) == [true])
        #expect(try frames(late, wire.framing).map(\.announcesDraining) == [true])
    }

    // MARK: What is refused

    /// Answered with an exception, after which the connection ends.
    private func expectRefusal(
        _ bytes: ByteBuffer, _ framing: RPCFraming, _ kind: ApplicationException.Kind, _ reason: String
    ) throws {
        let connection = try TestConnection()
        let exception = try exception(try connection.send(bytes), framing)
        #expect(exception.kind == kind && exception.message.contains(reason), "\(exception)")
        #expect(connection.service.executed == 0 && connection.service.refusals.count == 1)
        connection.advance(.seconds(2))
        #expect(!connection.channel.isActive)
    }

    /// A frame with these words and this payload.
    private func frame(_ start: [UInt8], _ words: [UInt8], _ payload: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(UInt32(10 + words.count + payload.readableBytes))
        frame.writeBytes(start + [0, 0, 0, 0, 0, 9])
        frame.writeInteger(UInt16(words.count / 4))
        frame.writeBytes(words)
        frame.writeImmutableBuffer(payload)
        return frame
    }

    private let message = encodeCall(RPCWire(.thriftBinary), id: 9, Echo.self, One(Note("x")))

    @Test func anUnknownTransformIsRefused() throws {
        try expectRefusal(
            frame([0x0f, 0xff], [0, 1, 5, 0], message), .theader, .invalidTransform, "transform 5")
    }

    @Test func anUnknownProtocolIsRefused() throws {
        try expectRefusal(frame([0x0f, 0xff], [3, 0, 0, 0], message), .theader, .invalidProtocol, "protocol 3")
        try expectRefusal(frame([0x10, 0x00], [4, 0, 0, 0], message), .ttheader, .invalidProtocol, "protocol 4")
    }

    @Test func anUnknownInfoOfTTHeaderIsRefused() throws {
        try expectRefusal(frame([0x10, 0x00], [0, 0, 9, 0], message), .ttheader, .protocolError, "info id 0x9")
    }

    @Test func whatIsNotCompressedIsRefused() throws {
        try expectRefusal(frame([0x0f, 0xff], [0, 1, 1, 0], message), .theader, .protocolError, "zlib")
    }

    @Test func aMessageThatExpandsOverTheLimitIsRefused() throws {
        let connection = try TestConnection(frameSizeMax: 10_000)
        let wire = RPCWire(.thriftBinary, .theader, isCompressed: true)
        let bomb = encodeCall(wire, id: 1, Echo.self, One(Note(String(repeating: "x", count: 20_000))))
        #expect(bomb.readableBytes < 1_000)
        let exception = try exception(try connection.send(bomb), .theader)
        #expect(exception.kind == .protocolError && exception.message.contains("10000"))
        #expect(connection.service.executed == 0)
    }

    @Test func aCompressedMessageHasALimitOfItsOwn() throws {
        let connection = try TestConnection(frameSizeMax: 64 << 20)
        let wire = RPCWire(.thriftBinary, .theader, isCompressed: true)
        let bomb = encodeCall(wire, id: 1, Echo.self, One(Note(String(repeating: "x", count: 17 << 20))))
        let exception = try exception(try connection.send(bomb), .theader)
        #expect(exception.kind == .protocolError && exception.message.contains("\(17 << 20)"))
        #expect(connection.service.executed == 0)
    }

    /// Found by fuzzing: what was no call was passed over, though it had not come.
    @Test(arguments: ThriftHeader.Kind.allCases)
    func anAnswerOverTheLimitEndsTheConnection(_ kind: ThriftHeader.Kind) throws {
        let connection = try TestConnection(frameSizeMax: 1_000)
        var message = message
        message.setInteger(2 as UInt8, at: message.readerIndex + 3)
        var bytes = headed(message, ThriftHeader(kind, sequenceID: 9))
        bytes.setInteger(0x7fff_ffff as UInt32, at: bytes.readerIndex)
        let answer = try connection.send(bytes)
        #expect(try exception(answer, kind == .theader ? .theader : .ttheader).kind == .invalidMessageType)
        connection.advance(.seconds(2))
        #expect(!connection.channel.isActive)
    }

    @Test func aTimeoutThatIsNoNumberIsRefused() throws {
        for text in ["x", "1.5", "1e3", " 1", "0x10", "-", "--1"] {
            let header = ThriftHeader(.ttheader, sequenceID: 1)
            let info = ThriftHeaderInfo(integers: [.init(12, text)])
            try expectRefusal(call(Echo.self, "x", header, info), .ttheader, .protocolError, "timeout")
        }
    }

    @Test(arguments: headerWires) func aFrameWithoutTheHeaderEndsTheConnection(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(encodeCall(wire, id: 1, Echo.self, One(Note("x"))))
        let plain = encodeCall(RPCWire(wire.format, .framed), id: 2, Echo.self, One(Note("x")))
        #expect(try connection.send(plain).readableBytes == 0)
        #expect(connection.service.executed == 1)
        connection.advance(.seconds(2))
        #expect(!connection.channel.isActive)
    }

    // MARK: Metadata

    private let metadata = CallMetadata(
        fromService: "feed", fromCluster: "east", toService: "needletail", toCluster: "west", logID: "0af1",
        timeoutMillis: 250, baggage: ["user": "7", "größe": ""], accessToken: "secret")

    @Test(arguments: headerWires) func metadataReachesTheHandler(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let bytes = encodeCall(wire, id: 1, Hold.self, One(Note("h1")), metadata: metadata)
        _ = try connection.send(bytes)
        let call = try #require(connection.service.held["h1"]).call
        var expected = metadata
        if wire.framing == .theader { expected.accessToken = nil }
        #expect(call.origin?.metadata == expected)
        #expect(call.times.headerTimeoutMillis == 250)
        _ = try connection.send(encodeCall(wire, id: 2, Hold.self, One(Note("h2"))))
        let other = try #require(connection.service.held["h2"]).call
        #expect(other.origin == nil && other.times.headerTimeoutMillis == 0, "a header that says nothing costs nothing")
    }

    @Test(arguments: [ThriftHeader.Kind.theader, .ttheader])
    func moreBaggageThanThereIsRoomForIsLeftOut(_ kind: ThriftHeader.Kind) throws {
        let connection = try TestConnection()
        let value = String(repeating: "x", count: 1_000)
        let info = ThriftHeaderInfo(strings: (0..<40).map { .init("RPC_PERSIST_\($0)", value) })
        _ = try connection.send(call(Hold.self, "h1", ThriftHeader(kind, sequenceID: 1), info))
        let baggage = try #require(connection.service.held["h1"]).call.origin?.metadata.baggage
        #expect(baggage?.count == 16 && baggage?["0"] == value)
    }

    /// Each of two bytes and one before them: the bound lies within a character.
    @Test(arguments: headerWires) func longNamesAreCut(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        func name(_ first: String, _ count: Int) -> String { first + String(repeating: "ä", count: count) }
        func metadata(_ count: Int) -> CallMetadata {
            CallMetadata(
                fromService: name("a", count), fromCluster: name("b", count), toService: name("c", count),
                toCluster: name("d", count), logID: name("e", count))
        }
        for (id, count) in [(1, 511), (2, 512), (3, 2_000)] {
            let bytes = encodeCall(wire, id: UInt32(id), Hold.self, One(Note("h\(id)")), metadata: metadata(count))
            _ = try connection.send(bytes)
            let call = try #require(connection.service.held["h\(id)"]).call
            #expect(call.origin?.metadata == metadata(511))
        }
    }

    @Test func aTokenIsWholeOrLeftOut() throws {
        let connection = try TestConnection()
        for (id, count) in [(1, 8_192), (2, 8_193)] {
            let token = String(repeating: "x", count: count)
            let metadata = CallMetadata(fromService: "feed", accessToken: token)
            _ = try connection.send(
                encodeCall(
                    RPCWire(.thriftBinary, .ttheader), id: UInt32(id), Hold.self, One(Note("h\(id)")),
                    metadata: metadata))
            let taken = try #require(connection.service.held["h\(id)"]).call.origin?.metadata
            #expect(taken?.fromService == "feed" && taken?.accessToken == (id == 1 ? token : nil))
        }
    }

    @Test func theConnectionsNamesStayBesideTheHeaders() throws {
        let connection = try TestConnection()
        try connection.handler().origin = CallOrigin(peerNames: ["feed.internal"])
        let wire = RPCWire(.thriftBinary, .ttheader)
        _ = try connection.send(encodeCall(wire, id: 1, Hold.self, One(Note("h1")), metadata: metadata))
        _ = try connection.send(encodeCall(wire, id: 2, Hold.self, One(Note("h2"))))
        let first = try #require(connection.service.held["h1"]).call.origin
        #expect(first?.peerNames == ["feed.internal"] && first?.metadata.logID == "0af1")
        let second = try #require(connection.service.held["h2"]).call.origin
        #expect(second?.peerNames == ["feed.internal"] && second?.metadata == CallMetadata())
    }

    private func timeout(_ integers: [(UInt16, String)]) throws -> Int32? {
        let connection = try TestConnection()
        let info = ThriftHeaderInfo(integers: integers.map { .init($0.0, $0.1) })
        _ = try connection.send(call(Echo.self, "x", ThriftHeader(.ttheader, sequenceID: 1), info))
        return connection.service.times.first?.headerTimeoutMillis
    }

    @Test func theTimeForTheWholeCallCountsBeforeThatForReading() throws {
        #expect(try timeout([(12, "100")]) == 100)
        #expect(try timeout([(13, "70")]) == 70)
        #expect(try timeout([(12, "100"), (13, "70")]) == 100)
        #expect(try timeout([(13, "70"), (12, "100")]) == 100)
        #expect(try timeout([(17, "x"), (20, "y")]) == 0, "keys that mean nothing here")
        #expect(try timeout([(12, "-5")]) == -5, "for the service to refuse")
        #expect(try timeout([(12, "99999999999")]) == .max)
        #expect(try timeout([(12, "99999999999999999999999")]) == .max, "nor do 64 bits hold it")
        #expect(try timeout([(12, "-99999999999999999999999")]) == .min)
        #expect(try timeout([(12, "")]) == 0 && timeout([(13, "70"), (12, "")]) == 70, "an empty one says nothing")
    }

    @Test(arguments: headerWires) func onewayCallsAreNotAnswered(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        #expect(try connection.send(encodeCall(wire, id: 1, Tell.self, One(Note("t1")))).readableBytes == 0)
        #expect(connection.service.served == ["t1"])
        connection.service.told["t1"]?.send(NoResult())
        #expect(try connection.received().readableBytes == 0)
        #expect(try connection.handler().late.isEmpty)
    }
}
