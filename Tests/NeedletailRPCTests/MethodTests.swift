//! Methods over their descriptors: arguments in each format, results, exceptions and refusals, as a client sees them.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct MethodTests {
    /// Calls over a connection of its own, and reads the answer as the client does.
    private func call<Method: RPCMethod>(
        _ wire: RPCWire, _ method: Method.Type, _ arguments: Method.Arguments
    ) throws -> Method.Result {
        try decoded(try TestConnection().send(encodeCall(wire, id: 1, method, arguments)), wire, method)
    }

    private func decoded<Method: RPCMethod>(
        _ answer: ByteBuffer, _ wire: RPCWire, _ method: Method.Type
    ) throws -> Method.Result {
        var answer = answer
        if wire.framing != .unframed {
            #expect(answer.readInteger(as: UInt32.self).map(Int.init) == answer.readableBytes)
        }
        if ThriftHeader.Kind(wire.framing) != nil {
            answer = try HeaderAnswer(answer, wire.framing, sizeMax: answer.readableBytes).message
        }
        return try decodeAnswer(answer, wire.format, method)
    }

    // MARK: Arguments

    @Test(arguments: allWires) func argumentsArriveAsTheyWereSent(_ wire: RPCWire) throws {
        #expect(try call(wire, Sum.self, Sum.Arguments(40, 2)) == 42)
        #expect(try call(wire, Sum.self, Sum.Arguments(-1, .min + 1)) == .min)
        let note = Note("text", items: ["", "b"])
        #expect(try call(wire, Echo.self, One(note)) == note)
    }

    @Test(arguments: allWires) func anArgumentThatMayBeAbsentMayBeAbsent(_ wire: RPCWire) throws {
        #expect(try call(wire, Sum.self, Sum.Arguments(40)) == 40)
    }

    @Test func ownArgumentsShareNothingWithTheMessage() throws {
        let note = Note("text", items: ["", "b"])
        func message(_ format: RPCFormat) -> ByteBuffer {
            var bytes = encodeCall(RPCWire(format, .unframed), id: 1, Echo.self, One(note))
            bytes.writeRepeatingByte(0, count: 8_192)
            return bytes
        }
        func check<Reader: MessageReader & ~Copyable & ~Escapable>(_ reader: inout Reader) throws {
            try reader.ownArguments()
            let read = try One<Note>(arguments: &reader).request
            #expect(read == note)
            for bytes in [read.text, read.items.buffer(at: 1)] { #expect(bytes.storageCapacity < 8_192) }
        }
        let (binary, compact, messagePack) = (message(.thriftBinary), message(.thriftCompact), message(.messagePack))
        var binaryReader = ThriftBinaryReader(binary)
        _ = try binaryReader.readHead()
        try check(&binaryReader)
        var compactReader = ThriftCompactReader(compact)
        _ = try compactReader.readHead()
        try check(&compactReader)
        var messagePackReader = MessagePackReader(messagePack)
        _ = try messagePackReader.readEnvelope()
        try check(&messagePackReader)
    }

    /// Parameters as MessagePack carries them, by place.
    @Test(
        arguments: [
            ([0x92, 0x01, 0x02], 3),
            ([0x91, 0x01], 1),
            ([0x92, 0x01, 0xc0], 1),
            ([0x93, 0x01, 0x02, 0x03], 3),
            ([0x94, 0x01, 0x02, 0xa1, 0x78, 0x81, 0xa1, 0x78, 0x91, 0xc0], 3),
        ] as [([UInt8], Int64)])
    func messagePackParametersGoByPlace(_ parameters: [UInt8], _ sum: Int64) throws {
        let head: [UInt8] = [0x94, 0x00, 0x01, 0xa3] + Array("sum".utf8)
        let connection = try TestConnection()
        let answer = try connection.send(ByteBuffer(bytes: head + parameters))
        #expect(try decodeAnswer(answer, .messagePack, Sum.self) == sum)
        #expect(try connection.send(calls(RPCWire(.messagePack), ["e2"])).readableBytes > 0, "read to its end")
    }

    @Test(
        arguments: [
            ([0x90], "left"),
            ([0x91, 0xc0], "left"),
            ([0x92, 0xc0, 0x02], "left"),
            ([0x91, 0xa1, 0x78], "expected"),
            ([0x01], "expected"),
        ] as [([UInt8], String)])
    func messagePackParametersThatDoNotFitAreRefused(_ parameters: [UInt8], _ reason: String) throws {
        let head: [UInt8] = [0x94, 0x00, 0x01, 0xa3] + Array("sum".utf8)
        let connection = try TestConnection()
        let answer = try connection.send(ByteBuffer(bytes: head + parameters))
        expectRefusal(reason) { try decodeAnswer(answer, .messagePack, Sum.self) }
        #expect(try connection.send(calls(RPCWire(.messagePack), ["e2"])).readableBytes > 0, "the connection goes on")
    }

    /// Arguments that another version of the IDL has, or has not.
    enum WiderSum: RPCMethod {
        typealias Result = Int64
        typealias Failure = Never

        static let name: StaticString = "sum"

        struct Arguments: RPCArguments {
            var hasLeft = true

            init(hasLeft: Bool = true) { self.hasLeft = hasLeft }

            init<Reader: MessageReader & ~Copyable & ~Escapable>(arguments reader: inout Reader) throws(WireError) {}

            func encode<Writer: MessageWriter & ~Copyable>(arguments writer: inout Writer) {
                var scope = writer.beginArguments(count: 4)
                writer.writeArgument(&scope, 1, "left", hasLeft ? 20 as Int64 : nil)
                writer.writeArgument(&scope, 2, "right", 22 as Int64)
                writer.writeArgument(&scope, 7, "note", Note("more", items: ["a"]))
                writer.writeArgument(&scope, 300, "last", [1, 2, 3] as [Int64])
                writer.endArguments()
            }
        }
    }

    @Test(arguments: allWires) func unknownArgumentsArePassedOver(_ wire: RPCWire) throws {
        #expect(try call(wire, WiderSum.self, WiderSum.Arguments()) == 42)
        #expect(try call(wire, Done.self, None()) == NoResult())
    }

    @Test(arguments: allWires) func aMissingArgumentIsRefusedByName(_ wire: RPCWire) throws {
        expectRefusal("left") { try call(wire, WiderSum.self, WiderSum.Arguments(hasLeft: false)) }
    }

    // MARK: Results

    @Test(arguments: allWires) func aMethodWithoutResultAnswersThatItIsDone(_ wire: RPCWire) throws {
        #expect(try call(wire, Done.self, None()) == NoResult())
        let answer = try TestConnection().send(encodeCall(wire, id: 1, Done.self, None()))
        let head: [UInt8]
        switch wire.format {
        case .messagePack: head = [0x94, 0x01, 0x01, 0xc0, 0xc0]
        case .thriftBinary: head = [0x80, 0x01, 0x00, 0x02, 0, 0, 0, 4] + Array("done".utf8) + [0, 0, 0, 1, 0x00]
        case .thriftCompact: head = [0x82, 0x41, 0x01, 0x04] + Array("done".utf8) + [0x00]
        }
        #expect(Array(answer.readableBytesView).suffix(head.count) == head[...])
        // A header without entries is one word.
        let before =
            switch wire.framing {
            case .unframed: 0
            case .framed: 4
            case .theader, .ttheader: 18
            }
        #expect(answer.readableBytes == head.count + before)
    }

    /// The first key of the request's map decides.
    @Test func messagePackAnswersWithIDsWhereItWasAskedSo() throws {
        let head: [UInt8] = [0x94, 0x00, 0x01, 0xa4] + Array("echo".utf8)
        let answer = try TestConnection().send(ByteBuffer(bytes: head + [0x91, 0x81, 0x01, 0xa1, 0x78]))
        #expect(Array(answer.readableBytesView) == [0x94, 0x01, 0x01, 0xc0, 0x82, 0x01, 0xc4, 0x01, 0x78, 0x02, 0x90])
    }

    /// Late answers are encoded like those that are written at once.
    @Test(arguments: allWires) func aLateAnswerIsReadLikeAnyOther(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1"]))
        connection.service.held["h1"]?.send(Note("late", items: ["a"]))
        #expect(try decoded(try connection.received(), wire, Hold.self) == Note("late", items: ["a"]))
    }

    // MARK: Exceptions

    @Test(arguments: allWires) func eachDeclaredExceptionIsItself(_ wire: RPCWire) throws {
        let note = CallFailure<Fail.Failure>.exception(.note(NoteError(7, "seven")))
        #expect(throws: note) { try call(wire, Fail.self, One(Note("note"))) }
        let other = CallFailure<Fail.Failure>.exception(.other(OtherError("none")))
        #expect(throws: other) { try call(wire, Fail.self, One(Note("other"))) }
        #expect(try call(wire, Fail.self, One(Note("neither"))) == NoResult())
    }

    @Test func amongSeveralMessagePackNamesTheException() throws {
        let wire = RPCWire(.messagePack)
        let answer = try TestConnection().send(encodeCall(wire, id: 1, Fail.self, One(Note("other"))))
        let error: [UInt8] = [0x81, 0xa5] + Array("other".utf8) + [0x81, 0xa6] + Array("reason".utf8)
        let text: [UInt8] = [0xa4] + Array("none".utf8)
        #expect(Array(answer.readableBytesView) == [0x94, 0x01, 0x01] + error + text + [0xc0])
    }

    @Test(arguments: allWires) func theOnlyExceptionIsItself(_ wire: RPCWire) throws {
        let zero = MonotonicTime(nanoseconds: 0)
        var answer = Call<Echo>(
            head: AnswerHead(id: 1, method: Echo.name, keys: .ids), times: CallTimes(arrival: zero, start: zero),
            format: wire.format
        ).encoded(NoteError(3, "three"))
        if wire.format == .messagePack {
            #expect(Array(answer.readableBytesView.prefix(5)) == [0x94, 0x01, 0x01, 0x82, 0xa4], "by name, and bare")
        }
        if let kind = ThriftHeader.Kind(wire.framing), let encoding = ThriftHeader.Encoding(wire.format) {
            answer = headed(answer, ThriftHeader(kind, sequenceID: 1, encoding: encoding))
        } else if wire.framing == .framed {
            var frame = ByteBuffer(integer: UInt32(answer.readableBytes))
            frame.writeImmutableBuffer(answer)
            answer = frame
        }
        let failure = CallFailure<NoteError>.exception(NoteError(3, "three"))
        #expect(throws: failure) { try decoded(answer, wire, Echo.self) }
    }

    // MARK: Refusals

    private func expectRefusal(
        _ reason: String, _ location: SourceLocation = #_sourceLocation, _ call: () throws -> Int64
    ) {
        let failure = #expect(throws: CallFailure<Never>.self, sourceLocation: location) { _ = try call() }
        guard case .call(.refused(let exception)) = failure else {
            Issue.record("no refusal: \(String(describing: failure))", sourceLocation: location)
            return
        }
        #expect(exception.message.contains(reason), sourceLocation: location)
    }

    @Test(arguments: allWires) func anUnknownMethodIsRefusedByName(_ wire: RPCWire) throws {
        let failure = #expect(throws: CallFailure<Never>.self) { try call(wire, Nothing.self, One(Note("x"))) }
        guard case .call(.refused(let exception)) = failure else { return #expect(failure == nil, "no refusal") }
        #expect(exception.message.contains("'nothing'"))
        #expect(exception.kind == (wire.format == .messagePack ? .unknown : .unknownMethod))
    }

    /// A method with exceptions is refused as one without.
    @Test(arguments: allWires) func aRefusalIsNoExceptionOfSeveral(_ wire: RPCWire) throws {
        var message = encodeCall(wire, id: 1, Fail.self, One(Note("x")))
        let place = try #require(message.readableBytesView.lastIndex(of: UInt8(ascii: "f")))
        message.setString("lost", at: place)
        let answer = try TestConnection().send(message)
        let failure = #expect(throws: CallFailure<Fail.Failure>.self) { try decoded(answer, wire, Fail.self) }
        guard case .call(.refused(let exception)) = failure else { return #expect(failure == nil, "no refusal") }
        #expect(exception.message.contains("'lost'"))
    }
}
