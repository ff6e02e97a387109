//! Heads of Thrift messages: strict, unstrict, compact; all kinds.

import NIOCore
import NeedletailWire
import Testing

/// A head that outlives its message.
struct ThriftHead: Equatable {
    var kind: ThriftMessageKind
    var name: String
    var sequenceID: Int32

    init(_ kind: ThriftMessageKind, _ name: String, _ sequenceID: Int32) {
        self.kind = kind
        self.name = name
        self.sequenceID = sequenceID
    }

    init(_ head: borrowing ThriftMessageHead) {
        self.init(head.kind, String(decoding: head.name.array, as: UTF8.self), head.sequenceID)
    }
}

@Suite struct ThriftHeadTests {
    static let kinds: [ThriftMessageKind] = [.call, .reply, .exception, .oneway]
    static let sequenceIDs: [Int32] = [0, 1, 127, 128, 300, -1, .max, .min]

    private func readBinary(_ bytes: [UInt8]) throws(WireError) -> Decoded<ThriftHead> {
        let message = message(bytes)
        var reader = ThriftBinaryReader(message)
        let head = try ThriftHead(reader.readHead())
        return Decoded(value: head, end: reader.cursor.offset)
    }

    private func readCompact(_ bytes: [UInt8]) throws(WireError) -> Decoded<ThriftHead> {
        let message = message(bytes)
        var reader = ThriftCompactReader(message)
        let head = try ThriftHead(reader.readHead())
        return Decoded(value: head, end: reader.cursor.offset)
    }

    private func binaryError(_ text: String) -> WireError? {
        wireError { () throws(WireError) in try readBinary(hex(text)) }
    }

    private func compactError(_ text: String) -> WireError? {
        wireError { () throws(WireError) in try readCompact(hex(text)) }
    }

    @Test(arguments: kinds, sequenceIDs)
    func headsComeBack(kind: ThriftMessageKind, sequenceID: Int32) throws {
        let name = ByteBuffer(string: "Storage:get")
        let expected = ThriftHead(kind, "Storage:get", sequenceID)
        var binary = ThriftBinaryWriter(newWriter())
        binary.writeHead(kind, name: name.readableBytesSpan, sequenceID: sequenceID)
        let binaryBytes = Array(buffer: binary.finish().finish())
        #expect(try readBinary(binaryBytes) == Decoded(value: expected, end: binaryBytes.count))
        var compact = ThriftCompactWriter(newWriter())
        compact.writeHead(kind, name: name.readableBytesSpan, sequenceID: sequenceID)
        let compactBytes = Array(buffer: compact.finish().finish())
        #expect(try readCompact(compactBytes) == Decoded(value: expected, end: compactBytes.count))
    }

    @Test(arguments: kinds)
    func unstrictHeadsAreRead(kind: ThriftMessageKind) throws {
        let bytes = hex("00000003 676574") + [kind.rawValue] + hex("0000012c")
        #expect(try readBinary(bytes) == Decoded(value: ThriftHead(kind, "get", 300), end: 12))
        for count in 0..<bytes.count {
            let piece = Array(bytes[..<count])
            #expect(wireError { () throws(WireError) in try readBinary(piece) } == .truncated)
        }
    }

    @Test func theUnusedByteOfAStrictHeadIsOfNoConsequence() throws {
        let expected = ThriftHead(.call, "get", 300)
        #expect(try readBinary(hex("8001ff01 00000003 676574 0000012c")).value == expected)
    }

    @Test func theCompactSequenceIsNotZigzag() throws {
        #expect(try readCompact(hex("8221 ffffffff0f 00")).value == ThriftHead(.call, "", -1))
        #expect(try readCompact(hex("8221 01 00")).value == ThriftHead(.call, "", 1))
    }

    @Test func otherVersionsAndKindsAreRefused() {
        let version = WireError.badMessage("not a message of the Thrift binary protocol, version 1")
        let kind = WireError.badMessage("an unknown kind of message")
        #expect(binaryError("80020001 00000000 00000000") == version)
        #expect(binaryError("ffff0001 00000000 00000000") == version)
        for byte in ["00", "05", "ff"] {
            #expect(binaryError("800100" + byte + "00000000 00000000") == kind)
            #expect(binaryError("00000001 61" + byte + "00000000") == kind)
        }
        #expect(compactError("8121 00 00") == .badMessage("not a message of the Thrift compact protocol"))
        for byte in ["22", "20", "3f"] {
            #expect(compactError("82" + byte + "0000") == .badMessage("not version 1 of the Thrift compact protocol"))
        }
        for byte in ["01", "a1", "e1"] { #expect(compactError("82" + byte + "0000") == kind) }
    }

    @Test func namesAreBounded() throws {
        let limit = ThriftMessageHead.nameLengthLimit
        let name = [UInt8](repeating: 0x6d, count: limit)
        #expect(try readBinary(hex("80010001 00000400") + name + hex("00000001")).value.name.utf8.count == limit)
        #expect(try readBinary(hex("00000400") + name + hex("01 00000001")).value.name.utf8.count == limit)
        #expect(try readCompact(hex("822101 8008") + name).value.name.utf8.count == limit)
        #expect(binaryError("80010001 00000401") == .badLength(limit + 1))
        #expect(binaryError("80010001 ffffffff") == .badLength(-1))
        #expect(binaryError("80010001 80000000") == .badLength(-0x8000_0000))
        #expect(binaryError("7fffffff") == .badLength(0x7fff_ffff))
        #expect(compactError("822101 8108") == .badLength(limit + 1))
        #expect(compactError("822101 ffffffff7f") == .badLength(0x7_ffff_ffff))
        #expect(compactError("822101 ffffffffff01") == .varintTooLong)
        #expect(compactError("8221 ffffffffff01") == .varintTooLong)
    }

    @Test func applicationExceptionsComeBack() throws {
        let exception = ApplicationException(.protocolError, "a frame of 5 bytes")
        for format in WireFormat.allCases {
            let bytes = format.encode(exception)
            let decoded = try format.decode(ApplicationException.self, from: bytes)
            #expect(decoded == Decoded(value: exception, end: bytes.count))
            #expect(decoded.value.kind == .protocolError)
        }
        let unknown = try WireFormat.binary.decode(ApplicationException.self, from: hex("08000200000014 00")).value
        #expect(unknown.code == 20 && unknown.kind == nil && unknown.message.isEmpty)
    }
}
