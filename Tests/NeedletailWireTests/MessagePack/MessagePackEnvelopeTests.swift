//! Heads of MessagePack-RPC messages.

import NIOCore
import NeedletailWire
import Testing

/// A head that outlives its message.
private struct Envelope: Equatable {
    var kind: MessagePackEnvelope.Kind
    var id: UInt32
    var method: String
    /// What comes after the head.
    var rest: [UInt8]

    init(_ kind: MessagePackEnvelope.Kind, _ id: UInt32, _ method: String, _ rest: String) {
        self.kind = kind
        self.id = id
        self.method = method
        self.rest = hex(rest)
    }

    init(reading bytes: [UInt8]) throws(WireError) {
        let message = message(bytes)
        var reader = MessagePackReader(message)
        let envelope = try reader.readEnvelope()
        kind = envelope.kind
        id = envelope.id
        method = String(decoding: envelope.method.array, as: UTF8.self)
        rest = Array(bytes[reader.cursor.offset...])
    }
}

@Suite struct MessagePackEnvelopeTests {
    private func error(_ text: String) -> WireError? {
        wireError { () throws(WireError) in try Envelope(reading: hex(text)) }
    }

    @Test func theGoldenMessagesAreRead() throws {
        #expect(try Envelope(reading: hex("9400cd012ca367657491a26162")) == Envelope(.request, 300, "get", "91a26162"))
        #expect(try Envelope(reading: hex("9401cd012cc0c40176")) == Envelope(.response, 300, "", "c0c40176"))
        #expect(try Envelope(reading: hex("9302a364656c91a26162")) == Envelope(.notification, 0, "del", "91a26162"))
    }

    @Test func theGoldenMessagesAreWritten() {
        let params = MessagePackValue.array([.text("ab")])
        #expect(
            writeMessagePack(.array([.int(0), .int(300), .text("get"), params])).hex == "9400cd012ca367657491a26162")
        #expect(writeMessagePack(.array([.int(1), .int(300), .nil, .bytes([0x76])])).hex == "9401cd012cc0c40176")
        #expect(writeMessagePack(.array([.int(2), .text("del"), params])).hex == "9302a364656c91a26162")
    }

    @Test(arguments: [
        "a3676574", "d903676574", "da0003676574", "db00000003676574", "c403676574", "c50003676574", "c600000003676574",
    ])
    func methodNamesMayBeTextOrBytes(name: String) throws {
        #expect(try Envelope(reading: hex("940001" + name + "90")) == Envelope(.request, 1, "get", "90"))
        #expect(try Envelope(reading: hex("9302" + name + "90")) == Envelope(.notification, 0, "get", "90"))
    }

    @Test func headsMayBeWrittenLong() throws {
        let expected = Envelope(.request, 1, "get", "90")
        for head in ["dc0004 00", "dd00000004 cc00", "94 d300000000 00000000"] {
            for id in ["01", "cc01", "cd0001", "ce00000001", "cf0000000000000001", "d001", "d10001"] {
                #expect(try Envelope(reading: hex(head + id + "a3676574 90")) == expected)
            }
        }
    }

    @Test func everyMessageIDOf32BitsIsRead() throws {
        #expect(try Envelope(reading: hex("9400ceffffffff a0 90")).id == .max)
        #expect(error("9400cf0000000100000000 a0 90") == .integerOverflow)
        #expect(error("9400ff a0 90") == .integerOverflow)
        #expect(error("9400cfffffffffffffffff a0 90") == .integerOverflow)
    }

    @Test(arguments: ["95000001a0 90", "9300 01 a0", "9402 a1 61 90 90", "9201 01", "9101", "9302"])
    func wrongArityIsRefusedOrIncomplete(text: String) {
        switch error(text) {
        case .badMessage: break
        case .truncated: #expect(text == "9302")
        case let other: Issue.record("\(text): \(String(describing: other))")
        }
    }

    /// What follows a short array is the next message: its bytes are not looked at.
    @Test(arguments: ["90", "9100", "9200 01", "90 94", "91 94 00"])
    func aShortArrayIsRefusedWhateverFollows(text: String) {
        for next in ["", "00", "9400"] {
            #expect(error(text + next) == .badMessage("a MessagePack-RPC message with \(hex(text)[0] & 0x0f) elements"))
        }
    }

    @Test(arguments: ["9403 01 a0 90", "94 ff 01 a0 90", "94 cd0100 01 a0 90"])
    func unknownKindsAreRefused(text: String) {
        #expect(error(text) == .badMessage("an unknown kind of MessagePack-RPC message"))
    }

    @Test func whatIsNoEnvelopeIsAMismatch() {
        #expect(error("80") == .typeMismatch(expected: .list, found: 0x80))
        #expect(error("94 a0 01 a0 90") == .typeMismatch(expected: .int64, found: 0xa0))
        #expect(error("94 00 a0 a0 90") == .typeMismatch(expected: .int64, found: 0xa0))
        #expect(error("94 00 c0 a0 90") == .typeMismatch(expected: .int64, found: 0xc0))
    }

    @Test(arguments: ["c0", "07", "9101", "810102", "cb0000000000000000"])
    func aMethodThatIsNeitherTextNorBytesIsEmpty(method: String) throws {
        #expect(try Envelope(reading: hex("940001" + method + "90")) == Envelope(.request, 1, "", "90"))
        #expect(error("940001c190") == .unknownType(0xc1))
    }

    private func responseID(_ text: String) throws(WireError) -> UInt32 {
        let message = message(hex(text))
        var reader = MessagePackReader(message)
        return try reader.readResponseID()
    }

    private func responseError(_ text: String) -> WireError? {
        wireError { () throws(WireError) in try responseID(text) }
    }

    @Test func ofAResponseTheIDIsRead() throws {
        #expect(try responseID("9401cd012c") == 300)
        #expect(responseError("9401cd01") == .truncated)
        #expect(responseError("9401ff") == .integerOverflow)
    }

    /// Of a method of 4 GiB as well, of which nothing has come.
    @Test(arguments: ["9400", "940001c9ffffffff00", "940001ddffffffff", "9302", "9302c9ffffffff00"])
    func whatIsNoResponseIsRefusedUnread(text: String) {
        #expect(responseError(text) == .badMessage("a MessagePack-RPC message that is no response"))
    }

    @Test func methodNamesAreBounded() throws {
        let limit = ThriftMessageHead.nameLengthLimit
        let longest = writeMessagePack(.array([.int(2), .text(String(repeating: "m", count: limit)), .array([])]))
        #expect(try Envelope(reading: longest).method.utf8.count == limit)
        #expect(error("9302da0401") == .badLength(limit + 1))
        #expect(error("9302dbffffffff") == .badLength(0xffff_ffff))
    }

    @Test func aHeadCutOffIsTruncated() {
        for golden in ["9400cd012ca3676574", "9302da0003676574", "9401cd012c"] {
            let bytes = hex(golden)
            for count in 0..<bytes.count { #expect(error(Array(bytes[..<count]).hex) == .truncated) }
            #expect(error(golden) == nil)
        }
    }
}
