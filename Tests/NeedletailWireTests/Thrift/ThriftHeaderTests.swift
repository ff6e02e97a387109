//! Headers made with other implementations, reproduced byte for byte in both directions, and headers that are none.

import NIOCore
import NeedletailWire
import Testing

/// A header's entry, kept.
enum HeaderEntry: Hashable {
    case integer(UInt16, String)
    case string(String, String)
    case token(String)
}

/// A whole frame, read.
struct ReadFrame: Hashable {
    var header: ThriftHeader
    var entries: [HeaderEntry] = []
    var payload: [UInt8] = []

    /// - Parameter bytes: what follows the length.
    init(_ bytes: [UInt8], _ kind: ThriftHeader.Kind, frameSize: Int? = nil) throws(WireError) {
        let frame = message(bytes)
        let frameSize = frameSize ?? bytes.count
        var reader = ThriftHeaderReader(frame, kind)
        try reader.readStart()
        try reader.readEncoding(frameSize: frameSize)
        while let entry = try reader.nextEntry() {
            switch entry {
            case .integer(let key, let value): entries.append(.integer(key, Self.text(value)))
            case .string(let key, let value): entries.append(.string(Self.text(key), Self.text(value)))
            case .token(let value): entries.append(.token(Self.text(value)))
            }
        }
        header = reader.header
        var offset = reader.payloadOffset
        header.isFramedInside = reader.messageHasLength(frame, frameSize: frameSize)
        if header.isFramedInside { offset += 4 }
        payload = Array(bytes[min(offset, bytes.count)...])
    }

    private static func text(_ bytes: RawSpan) -> String { String(decoding: bytes.array, as: UTF8.self) }
}

/// A whole frame without its length.
func headed(_ header: ThriftHeader, _ info: ThriftHeaderInfo, _ payload: [UInt8]) -> [UInt8] {
    var writer = newWriter()
    let mark = writer.begin(header, info)
    writer.store(ByteBuffer(bytes: payload))
    writer.end(mark)
    let bytes = Array(buffer: writer.finish())
    precondition(Array(bytes[..<4]) == .bigEndian(UInt32(bytes.count - 4)), "the length is the rest's")
    return Array(bytes[4...])
}

@Suite struct ThriftHeaderTests {
    private let theader = hex(
        "000000260fff00000000012c000300000101026b31027631000080010001000000036765740000012c00")
    private let ttheader = hex(
        """
        0000003a100000000000012c00080000010001000369736e00024b5610000200090003676574000c00033130300080010001000000036765740000
        012c00
        """)
    private let message = hex("80010001000000036765740000012c00")
    private let theaderInfo = ThriftHeaderInfo(strings: [.init("k1", "v1")])
    private let ttheaderInfo = ThriftHeaderInfo(
        strings: [.init("isn", "KV")], integers: [.init(9, "get"), .init(12, "100")])

    @Test func theaderIsWrittenByteForByte() {
        let bytes = headed(ThriftHeader(.theader, sequenceID: 300), theaderInfo, message)
        #expect(bytes.hex == theader.dropFirst(4).hex)
    }

    @Test func ttheaderIsWrittenByteForByte() {
        let bytes = headed(ThriftHeader(.ttheader, sequenceID: 300), ttheaderInfo, message)
        #expect(bytes.hex == ttheader.dropFirst(4).hex)
    }

    @Test func theaderIsReadByteForByte() throws {
        let frame = try ReadFrame(Array(theader.dropFirst(4)), .theader)
        #expect(frame.header == ThriftHeader(.theader, sequenceID: 300))
        #expect(frame.entries == [.string("k1", "v1")])
        #expect(frame.payload == message)
    }

    @Test func ttheaderIsReadByteForByte() throws {
        let frame = try ReadFrame(Array(ttheader.dropFirst(4)), .ttheader)
        #expect(frame.header == ThriftHeader(.ttheader, sequenceID: 300))
        #expect(frame.entries == [.string("isn", "KV"), .integer(9, "get"), .integer(12, "100")])
        #expect(frame.payload == message)
    }

    @Test(arguments: ThriftHeader.Kind.allCases, 0..<20)
    func whatIsWrittenIsRead(_ kind: ThriftHeader.Kind, _ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var header = ThriftHeader(
            kind, sequenceID: Int32(truncatingIfNeeded: random.integer()),
            encoding: random.below(2) == 0 ? .binary : .compact, isCompressed: kind == .theader && seed % 2 == 0)
        header.isFramedInside = kind == .ttheader && seed % 3 == 0
        let strings = (0..<random.below(20)).map { _ in
            ThriftHeaderInfo.Pair(random.text(random.below(40)), random.text(random.below(300)))
        }
        var info = ThriftHeaderInfo(strings: strings)
        var expected = strings.map { HeaderEntry.string($0.key, $0.value) }
        if kind == .ttheader {
            info.integers = (0..<random.below(9)).map { .init(UInt16($0), random.text(random.below(40))) }
            expected += info.integers.map { .integer($0.key, $0.value) }
            info.token = random.text(9)
            expected.append(.token(info.token ?? ""))
        }
        let payload = random.bytes(random.below(200))
        let frame = try ReadFrame(headed(header, info, payload), kind)
        #expect(frame.header == header && frame.entries == expected && frame.payload == payload)
    }

    @Test(arguments: ThriftHeader.Kind.allCases)
    func aHeaderThatIsCutOffAwaitsMoreBytes(_ kind: ThriftHeader.Kind) throws {
        let whole = Array((kind == .theader ? theader : ttheader).dropFirst(4))
        let headerSize = whole.count - message.count
        for count in 0..<headerSize {
            let error = wireError { () throws(WireError) in
                try ReadFrame(Array(whole[..<count]), kind, frameSize: whole.count)
            }
            #expect(error == .truncated, "after \(count) bytes")
        }
        #expect(try ReadFrame(Array(whole[..<headerSize]), kind, frameSize: whole.count).entries.count > 0)
    }

    @Test(arguments: ThriftHeader.Kind.allCases)
    func aFrameThatEndsInItsHeaderIsRefused(_ kind: ThriftHeader.Kind) {
        let whole = Array((kind == .theader ? theader : ttheader).dropFirst(4))
        for count in 0..<whole.count - message.count {
            let error = wireError { () throws(WireError) in try ReadFrame(Array(whole[..<count]), kind) }
            let missing = whole.count - message.count - count
            #expect(error == (count < ThriftHeader.startSize ? .truncated : .badLength(-missing)))
        }
    }

    @Test(arguments: ThriftHeader.Kind.allCases) func aFlippedBitNeverReadsBeyondTheFrame(_ kind: ThriftHeader.Kind) {
        let whole = Array((kind == .theader ? theader : ttheader).dropFirst(4))
        for bit in 0..<whole.count * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            do throws(WireError) {
                let frame = try ReadFrame(bytes, kind)
                #expect(frame.payload.count <= whole.count)
            } catch {
                #expect(error != .truncated, "a whole frame is never awaited: bit \(bit)")
            }
        }
    }

    /// A frame of THeader behind sequence id 1, its words and its payload as they are.
    private func theader(words: UInt16, _ header: String, payload: String = "") -> [UInt8] {
        hex("0fff 0000 00000001") + .bigEndian(words) + hex(header) + hex(payload)
    }

    private func ttheader(flags: String = "0000", words: UInt16, _ header: String) -> [UInt8] {
        hex("1000" + flags + "00000001") + .bigEndian(words) + hex(header)
    }

    private func refusal(_ bytes: [UInt8], _ kind: ThriftHeader.Kind) -> WireError? {
        wireError { () throws(WireError) in try ReadFrame(bytes, kind) }
    }

    @Test func otherProtocolsAreRefusedByNumber() {
        #expect(refusal(theader(words: 1, "03000000"), .theader) == .unknownProtocol(3))
        #expect(refusal(theader(words: 1, "01000000"), .theader) == .unknownProtocol(1))
        #expect(refusal(theader(words: 2, "ffffffff0f000000"), .theader) == .unknownProtocol(0xffff_ffff))
        for number: UInt8 in [1, 2, 4, 0x10, 0x11, 0xff] {
            let bytes = ttheader(words: 1, [number].hex + "000000")
            #expect(refusal(bytes, .ttheader) == .unknownProtocol(Int(number)))
        }
    }

    @Test func unknownTransformsAreRefusedByNumber() {
        #expect(refusal(theader(words: 1, "00010500"), .theader) == .unknownTransform(5))
        #expect(refusal(theader(words: 1, "00020103"), .theader) == .unknownTransform(3))
        #expect(refusal(theader(words: 1, "00020101"), .theader) == .badMessage("the header names a transform twice"))
    }

    @Test func transformsOfTTHeaderArePassedOver() throws {
        let frame = try ReadFrame(ttheader(words: 2, "03 02 07 08 00 00 00 00"), .ttheader)
        #expect(frame.header.encoding == .compact && frame.entries.isEmpty && frame.payload.isEmpty)
    }

    @Test func anUnknownGroupEndsAHeaderOfTHeader() throws {
        let bytes = theader(words: 3, "0000 0101 0161 0162 02 ffffff")
        #expect(try ReadFrame(bytes, .theader).entries == [.string("a", "b")])
    }

    @Test func anUnknownGroupOfTTHeaderIsRefused() {
        let bytes = ttheader(words: 1, "0000 02 00")
        #expect(refusal(bytes, .ttheader) == .badMessage("info id 0x2 in the header is not known"))
    }

    @Test func streamsAreRefused() {
        let bytes = ttheader(flags: "0002", words: 1, "00000000")
        #expect(refusal(bytes, .ttheader) == .badMessage("streams are not served here"))
    }

    /// Kitex pads between groups, too.
    @Test func paddingOfTTHeaderMayStandAnywhere() throws {
        let bytes = ttheader(words: 4, "0000 00 01 0001 0001 61 0001 62 00 00 00 00")
        #expect(try ReadFrame(bytes, .ttheader).entries == [.string("a", "b")])
    }

    @Test func lengthsThatReachPastTheHeaderAreRefused() {
        let past = WireError.badMessage("an entry of the header reaches past its end")
        // The payload would be long enough.
        #expect(refusal(theader(words: 1, "0000 0101", payload: "0161 0162"), .theader) == past)
        #expect(refusal(theader(words: 2, "0000 0101 ffffff7f"), .theader) == past)
        #expect(refusal(theader(words: 2, "0000 01 ffffff7f 00"), .theader) == past)
        #expect(refusal(theader(words: 3, "0000 0101 ffffffffff7f 0000"), .theader) == .varintTooLong)
        #expect(refusal(theader(words: 1, "0000 01ff"), .theader) == past)
        #expect(refusal(theader(words: 1, "00ffff7f"), .theader) == past)
        #expect(refusal(ttheader(words: 2, "0000 01 ffff ffff 61"), .ttheader) == past)
        #expect(refusal(ttheader(words: 2, "0000 10 0001 0009 00"), .ttheader) == past)
        #expect(refusal(ttheader(words: 1, "00ff0000"), .ttheader) == past)
        #expect(refusal(ttheader(words: 0, ""), .ttheader) == past)
        #expect(refusal(theader(words: 0, ""), .theader) == past)
    }

    @Test func aHeaderLongerThanItsFrameIsRefused() {
        #expect(refusal(ttheader(words: 0xffff, "00000000"), .ttheader) == .badLength(4 - 0xffff * 4))
        #expect(refusal(theader(words: 0x3fff, "00000000"), .theader) == .badLength(4 - 0x3fff * 4))
        #expect(refusal(theader(words: 0x4000, "00000000"), .theader) == .sizeOverLimit(size: 65_536, limit: 65_532))
    }

    @Test func anotherMagicNumberIsRefused() {
        #expect(refusal(ttheader(words: 1, "00000000"), .theader) != nil)
        #expect(refusal(message, .ttheader) != nil)
    }

    @Test(arguments: ThriftHeader.Kind.allCases) func entriesAreBounded(_ kind: ThriftHeader.Kind) throws {
        let count = ThriftHeader.entryCountMax
        let pairs = (0..<count + 5).map { ThriftHeaderInfo.Pair("\($0)", "") }
        let written = try ReadFrame(headed(ThriftHeader(kind), ThriftHeaderInfo(strings: pairs), []), kind)
        #expect(written.entries.count == count)
        // Empty keys with empty values.
        let many =
            kind == .theader
            ? theader(words: 514, "0000 01 8108" + String(repeating: "0000", count: count + 1) + "00")
            : ttheader(words: 1027, "0000 01 0401" + String(repeating: "00000000", count: count + 1) + "000000")
        #expect(refusal(many, kind) == .countOverLimit(count: count + 1, limit: count))
    }

    @Test(arguments: ThriftHeader.Kind.allCases)
    func whatHasNoRoomIsLeftOutFromTheEnd(_ kind: ThriftHeader.Kind) throws {
        let large = String(repeating: "x", count: 60_000)
        let info = ThriftHeaderInfo(
            strings: [.init("a", large), .init("b", large + large), .init("c", large)]
                + (0..<6).map { .init("\($0)", large) },
            integers: [.init(12, "5")])
        let frame = try ReadFrame(headed(ThriftHeader(kind), info, message), kind)
        #expect(frame.entries.contains(.string("a", large)) && frame.payload == message)
        #expect(frame.entries.contains(.integer(12, "5")) == (kind == .ttheader))
        #expect(frame.entries.count == (kind == .theader ? 1 : 5))
    }
}
