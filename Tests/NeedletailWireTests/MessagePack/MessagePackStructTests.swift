//! Structs as maps: by names, by ids, with what a reader does not know.

import NIOCore
import NeedletailWire
import Testing

@Suite struct MessagePackStructTests {
    private func child(_ pairs: KeyValuePairs<MessagePackValue, MessagePackValue>) throws -> SampleChild {
        let bytes = writeMessagePack(.pairs(pairs))
        let decoded = try WireFormat.messagePackByNames.decode(SampleChild.self, from: bytes)
        #expect(decoded.end == bytes.count)
        return decoded.value
    }

    private func keys(_ value: MessagePackValue) throws -> MessagePackKeys {
        let message = message(writeMessagePack(value))
        var reader = MessagePackReader(message)
        _ = try Sample(from: &reader)
        return reader.mapKeys
    }

    @Test func fieldsAreFoundByNameAndById() throws {
        let expected = SampleChild(number: 5, flag: true)
        #expect(try child([.text("number"): .int(5), .text("flag"): .bool(true)]) == expected)
        #expect(try child([.int(3): .bool(true), .int(1): .int(5)]) == expected)
        #expect(try child([.bytes(Array("number".utf8)): .int(5), .int(3): .bool(true)]) == expected)
    }

    @Test func idsInEveryWidthAreTheSame() throws {
        for key in [
            "01", "cc01", "cd0001", "ce00000001", "cf0000000000000001", "d001", "d10001", "d200000001",
            "d30000000000000001",
        ] {
            let decoded = try WireFormat.messagePackByIDs.decode(SampleChild.self, from: hex("81" + key + "05"))
            #expect(decoded.value == SampleChild(number: 5), "\(key)")
        }
        for key in [
            "a66e756d626572", "d9066e756d626572", "da00066e756d626572", "db000000066e756d626572",
            "c4066e756d626572", "c500066e756d626572", "c6000000066e756d626572",
        ] {
            let decoded = try WireFormat.messagePackByNames.decode(SampleChild.self, from: hex("81" + key + "05"))
            #expect(decoded.value == SampleChild(number: 5), "\(key)")
        }
    }

    @Test func unknownFieldsOfEveryKindArePassedOver() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<Scale.pick(100, full: 1_000) {
            var foreign = ForeignMessagePack(generator: SeededGenerator(seed: generator.next()))
            let pairs = [
                MessagePackPair(key: .text("unknown"), value: .random(&generator, depth: 4)),
                MessagePackPair(key: .int(1), value: .int(-7)),
                MessagePackPair(key: .int(77), value: .random(&generator, depth: 4)),
                MessagePackPair(key: .text(""), value: .random(&generator, depth: 4)),
                MessagePackPair(key: .text("flag"), value: .bool(false)),
                MessagePackPair(key: .int(-30_000), value: .random(&generator, depth: 4)),
            ]
            let bytes = foreign.encode(.map(pairs))
            let decoded = try WireFormat.messagePackByNames.decode(SampleChild.self, from: bytes)
            #expect(decoded == Decoded(value: SampleChild(number: -7, flag: false), end: bytes.count))
        }
    }

    @Test func keysThatCanBeNoFieldArePassedOver() throws {
        let keys: [MessagePackValue] = [
            .nil, .bool(true), .double(1), .array([.int(1)]), .pairs([.int(1): .int(2)]), .int(65_537), .int(-65_535),
            .uint(.max), .int(.min), .ext(type: 1, ByteBuffer(bytes: [1])), .text("numbe"), .text("numberr"),
        ]
        for key in keys {
            #expect(try child([key: .int(9), .int(1): .int(5), key: .text("x")]) == SampleChild(number: 5))
        }
    }

    @Test func nilMeansAbsent() throws {
        #expect(try child([.int(1): .int(5), .int(3): .nil, .int(2): .nil]) == SampleChild(number: 5))
        #expect(throws: WireError.missingField("number")) { try child([.int(1): .nil]) }
        #expect(throws: WireError.missingField("number")) { try child([:]) }
    }

    @Test func theLastDuplicateWins() throws {
        #expect(try child([.int(1): .int(5), .int(1): .int(6)]) == SampleChild(number: 6))
        #expect(try child([.int(1): .int(5), .text("number"): .int(7)]) == SampleChild(number: 7))
        let labels = MessagePackValue.pairs([.text("a"): .text("1"), .text("a"): .text("2")])
        let bytes = writeMessagePack(.pairs([.text("labels"): labels]))
        let decoded = try WireFormat.messagePackByNames.decode(Sample.self, from: bytes)
        #expect(decoded.value.labels == ["a": "2"])
    }

    @Test func theFirstKeyOfTheOutermostMapTellsHowMapsAreKeyed() throws {
        #expect(try keys(.pairs([:])) == .names)
        #expect(try keys(.pairs([.text("flag"): .bool(true)])) == .names)
        #expect(try keys(.pairs([.int(1): .bool(true)])) == .ids)
        #expect(try keys(.pairs([.int(1): .bool(true), .text("small"): .int(1)])) == .ids)
        #expect(try keys(.pairs([.text("small"): .int(1), .int(1): .bool(true)])) == .names)
        // Keys that no field has, and fields that are absent, tell it too.
        #expect(try keys(.pairs([.int(9_999): .nil])) == .ids)
        #expect(try keys(.pairs([.text("x"): .nil])) == .names)
        #expect(try keys(.pairs([.bytes([1]): .nil, .int(1): .bool(true)])) == .names)
        // Maps inside do not.
        let inner = MessagePackValue.pairs([.int(1): .int(2)])
        #expect(try keys(.pairs([.text("theOnlyChildOfThis"): inner])) == .names)
        #expect(try keys(.pairs([.int(-5): .pairs([.text("number"): .int(2)])])) == .ids)
    }

    @Test func listsOfBinariesTakeTextBytesAndNil() throws {
        let parts = MessagePackValue.array([.text("ab"), .nil, .bytes([1, 2, 3]), .text("")])
        let bytes = writeMessagePack(.pairs([.text("parts"): parts]))
        let list = try WireFormat.messagePackByNames.decode(Sample.self, from: bytes).value.parts
        #expect(list.indices.map { Array(buffer: list.buffer(at: $0)) } == [Array("ab".utf8), [], [1, 2, 3], []])
    }

    @Test func absentBinariesAreNil() {
        var writer = MessagePackWriter(newWriter())
        writer.beginList(of: .binary, count: 2)
        writer.writeAbsentBinary()
        writer.write(ByteBuffer(string: "a"))
        #expect(Array(buffer: writer.finish().finish()).hex == "92c0c40161")
    }

    @Test func structsAreMapsOfNamesOrIds() {
        let child = SampleChild(number: 300, child: [SampleChild(number: -1)], flag: false)
        #expect(
            WireFormat.messagePackByNames.encode(child).hex
                == "83 a66e756d626572 cd012c a56368696c64 81 a66e756d626572 ff a4666c6167 c2".filter { $0 != " " })
        #expect(WireFormat.messagePackByIDs.encode(child).hex == "8301cd012c028101ff03c2")
    }

    @Test func restartingReadsTheSameAgain() throws {
        let message = message(WireFormat.messagePackByIDs.encode(SampleChild(number: 5)))
        var reader = MessagePackReader(message, budget: WireBudget(depth: 1, count: 1))
        let first = try SampleChild(from: &reader)
        reader.restart(at: 0)
        let second = try SampleChild(from: &reader)
        #expect(first == second)
    }
}
