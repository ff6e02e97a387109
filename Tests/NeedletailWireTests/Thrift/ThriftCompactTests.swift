//! The compact protocol's values, byte by byte.

import NIOCore
import NeedletailWire
import Testing

@Suite struct ThriftCompactTests {
    private func write(_ body: (inout ThriftCompactWriter) -> Void) -> String {
        var writer = ThriftCompactWriter(newWriter())
        body(&writer)
        return Array(buffer: writer.finish().finish()).hex
    }

    private func read<Value>(
        _ text: String, budget: WireBudget = .standard,
        _ body: (inout ThriftCompactReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        let message = message(hex(text))
        var reader = ThriftCompactReader(message, budget: budget)
        let value = try body(&reader)
        if reader.cursor.remaining != 0 { throw .badMessage("\(reader.cursor.remaining) bytes were left") }
        return value
    }

    @Test(
        arguments: [
            (0, "00"), (-1, "01"), (1, "02"), (-64, "7f"), (64, "8001"), (.max, "feffffff0f"), (.min, "ffffffff0f"),
        ] as [(Int32, String)])
    func integersOf32BitsAreZigzag(value: Int32, encoding: String) throws {
        #expect(write { $0.write(value) } == encoding)
        #expect(try read(encoding) { reader throws(WireError) in try reader.readInt32() } == value)
    }

    @Test(
        arguments: [
            (0, "00"), (-1, "01"), (300, "d804"), (.max, "feffffffffffffffff01"), (.min, "ffffffffffffffffff01"),
        ] as [(Int64, String)])
    func integersOf64BitsAreZigzag(value: Int64, encoding: String) throws {
        #expect(write { $0.write(value) } == encoding)
        #expect(try read(encoding) { reader throws(WireError) in try reader.readInt64() } == value)
    }

    @Test func integersThatGoOnForTooLongAreRefused() throws {
        #expect(throws: WireError.varintTooLong) {
            try read("808080808000") { reader throws(WireError) in try reader.readInt32() }
        }
        #expect(throws: WireError.varintTooLong) {
            try read("8080808080808080808000") { reader throws(WireError) in try reader.readInt64() }
        }
        #expect(throws: WireError.integerOverflow) {
            try read("feffffff1f") { reader throws(WireError) in try reader.readInt32() }
        }
        #expect(throws: WireError.varintTooLong) {
            try read("808080808000") { reader throws(WireError) in try reader.readBinary() }
        }
        // Longer than needed, but not too long.
        #expect(try read("8080808000") { reader throws(WireError) in try reader.readInt32() } == 0)
        for tooLong in ["1680808080808080808080 00 00", "188080808080 00 00", "0580808000 00 00"] {
            #expect(throws: WireError.varintTooLong, "\(tooLong)") { try WireFormat.compact.skip(hex(tooLong)) }
        }
    }

    @Test func doublesAreLittleEndian() throws {
        #expect(write { $0.write(1.5) } == "000000000000f83f")
        #expect(try read("000000000000f83f") { reader throws(WireError) in try reader.readDouble() } == 1.5)
    }

    @Test func aBooleanFieldIsInItsHeadAndAnElementIsAByte() throws {
        let child = SampleChild(number: 0, flag: true)
        #expect(WireFormat.compact.encode(child).hex == "15002100")
        #expect(WireFormat.compact.encode(SampleChild(number: 0, flag: false)).hex == "15002200")
        #expect(try WireFormat.compact.decode(SampleChild.self, from: hex("15002100")).value == child)
        #expect(
            write { writer in
                writer.beginList(of: .bool, count: 2)
                writer.write(true)
                writer.write(false)
            } == "210102")
        for encoding in ["210102", "220102", "210100"] {
            let found = try read(encoding) { reader throws(WireError) in try [Bool](from: &reader) }
            #expect(found == [true, false])
        }
    }

    @Test func aBooleanThatNobodyReadsLeavesNothingBehind() throws {
        let value = ForeignThrift.structure([
            (300, .bool(true)), (32_767, .list(.bool, [.bool(false), .bool(true)])), (-8, .bool(false)),
            (1, .bool(true)), (-9, .bool(false)), (2, .int32(7)),
        ])
        let sample = try WireFormat.compact.decode(Sample.self, from: value.compactBytes).value
        #expect(sample.flags == [false, true] && sample.flag && sample.small == 7)
    }

    @Test(
        arguments: [
            (1, "15"), (15, "f5"), (16, "0520"), (255, "05fe03"), (256, "058004"), (.max, "05feff03"), (-1, "0501"),
            (.min, "05ffff03"), (0, "0500"),
        ] as [(Int16, String)])
    func fieldIDsNearAreDeltasAndFarAreZigzag(id: Int16, encoding: String) throws {
        let written = write { writer in
            var scope = writer.beginStruct(fieldCount: 1)
            writer.field(&scope, id, "x", .int32)
            writer.endStruct()
        }
        #expect(written == encoding + "00")
        let header = try read(encoding) { reader throws(WireError) in
            var scope = try reader.beginStruct()
            return try reader.nextField(&scope, in: FieldTable())
        }
        #expect(header == FieldHeader(id: id, type: .int32))
    }

    @Test func deltasCountFromTheFieldBeforeInTheSameStruct() throws {
        let ids: [Int16] = [1, 2, 17, 18, 34, 33, 300, 315, -3, -2, 13]
        let written = write { writer in
            var scope = writer.beginStruct(fieldCount: ids.count)
            for id in ids {
                writer.field(&scope, id, "x", .int8)
                writer.bytes.store(7 as UInt8)
            }
            writer.endStruct()
        }
        let expected = ForeignThrift.structure(ids.map { ($0, .int8(7)) })
        #expect(written == expected.compactBytes.hex && written.hasPrefix("13071307f3071307"))
        let found = try read(written) { reader throws(WireError) in
            var found: [Int16] = []
            var scope = try reader.beginStruct()
            while let field = try reader.nextField(&scope, in: FieldTable()) {
                found.append(field.id)
                try reader.skip(field)
            }
            return found
        }
        #expect(found == ids)
    }

    @Test func fieldIDsPast16BitsAreRefused() {
        for encoding in ["05808004 00 00", "05feff03 00 f5 00 00", "05ffffff01 00 00"] {
            let found = wireError { () throws(WireError) in
                try WireFormat.compact.decode(ApplicationException.self, from: hex(encoding))
            }
            #expect(found == .integerOverflow || found == .varintTooLong, "\(encoding)")
        }
    }

    @Test func listsOfFifteenAndMoreHaveTheirCountBehind() throws {
        for (count, head) in [(0, "06"), (1, "16"), (14, "e6"), (15, "f60f"), (127, "f67f"), (128, "f68001")] {
            let list = [Int64](repeating: 1, count: count)
            #expect(write { $0.write(list) } == head + String(repeating: "02", count: count))
            #expect(
                try read(head + String(repeating: "02", count: count)) { reader throws(WireError) in
                    try [Int64](from: &reader)
                } == list)
        }
        // A short list in the long form.
        #expect(try read("f60102") { reader throws(WireError) in try [Int64](from: &reader) } == [1])
    }

    @Test func anEmptyMapIsOneByte() throws {
        #expect(write { ([:] as [String: String]).encode(to: &$0) } == "00")
        #expect(write { ["a": "1"].encode(to: &$0) } == "018801610131")
        #expect(try read("00") { reader throws(WireError) in try [String: String](from: &reader) } == [:])
        #expect(
            try read("018801610131") { reader throws(WireError) in try [String: String](from: &reader) } == ["a": "1"])
    }

    @Test func textAndBytesHaveAVarintLength() throws {
        #expect(write { $0.write("né") } == "036ec3a9")
        #expect(write { $0.write(["x", ""] as BinaryList) } == "28017800")
        #expect(write { $0.writeAbsentBinary() } == "00")
        #expect(try read("036ec3a9") { reader throws(WireError) in try reader.readString() } == "né")
        #expect(try read("28017800") { reader throws(WireError) in try reader.readBinaryList() } == ["x", ""])
    }

    @Test func lengthsPast31BitsAreRefused() {
        for (encoding, length) in [
            ("8080808008", 0x8000_0000), ("ffffffff0f", 0xffff_ffff), ("ffffffff7f", 0x7_ffff_ffff),
        ] {
            let expected = WireError.badLength(length)
            #expect(throws: expected) { try read(encoding) { reader throws(WireError) in try reader.readBinary() } }
            #expect(throws: expected) {
                try read("f6" + encoding) { reader throws(WireError) in try [Int64](from: &reader) }
            }
            #expect(throws: expected) {
                try read("f8" + encoding) { reader throws(WireError) in try reader.readBinaryList() }
            }
            #expect(throws: expected) {
                try read("18" + encoding) { reader throws(WireError) in try reader.readBinaryList() }
            }
            #expect(throws: expected) {
                try read(encoding + "88") { reader throws(WireError) in try [String: String](from: &reader) }
            }
            for head in ["18", "19f8", "1af8", "1b", "191918"] {
                #expect(throws: expected, "\(head)") { try WireFormat.compact.skip(hex(head + encoding + "88")) }
            }
        }
    }

    @Test func lengthsPastTheMessageAreTruncatedWithoutAllocating() {
        let budget = WireBudget(depth: 64, count: .max)
        let huge = "ffffffff07"
        #expect(throws: WireError.truncated) { try read(huge) { reader throws(WireError) in try reader.readBinary() } }
        for head in ["f6", "f8"] {
            #expect(throws: WireError.truncated) {
                try read(head + huge + "00", budget: budget) { reader throws(WireError) in
                    if head == "f6" { _ = try [Int64](from: &reader) } else { _ = try reader.readBinaryList() }
                }
            }
        }
        #expect(throws: WireError.truncated) {
            try read(huge + "8800", budget: budget) { reader throws(WireError) in try [String: String](from: &reader) }
        }
    }

    @Test func countsPastTheBudgetAreRefused() {
        let budget = WireBudget(depth: 64, count: 1)
        let expected = WireError.countOverLimit(count: 2, limit: 1)
        #expect(throws: expected) {
            try read("260000", budget: budget) { reader throws(WireError) in try [Int64](from: &reader) }
        }
        #expect(throws: expected) {
            try read("280000", budget: budget) { reader throws(WireError) in try reader.readBinaryList() }
        }
        #expect(throws: expected) {
            try read("028800000000", budget: budget) { reader throws(WireError) in try [String: String](from: &reader) }
        }
    }

    @Test func aListOfAnotherTypeIsAMismatch() {
        #expect(throws: WireError.typeMismatch(expected: .int64, found: 5)) {
            try read("1500") { reader throws(WireError) in try [Int64](from: &reader) }
        }
        #expect(throws: WireError.typeMismatch(expected: .binary, found: 5)) {
            try read("01850000") { reader throws(WireError) in try [String: String](from: &reader) }
        }
    }

    @Test(arguments: [14, 15] as [UInt8])
    func unknownTypesAreRefused(type: UInt8) {
        #expect(throws: WireError.unknownType(type)) {
            try WireFormat.compact.decode(SampleChild.self, from: [0x10 | type, 0, 0])
        }
        for bytes in [
            [0x10 | type, 0, 0], [0x19, 0x10 | type, 0, 0], [0x1b, 1, 0x80 | type, 0], [0x1b, 1, type << 4 | 8, 0],
        ] {
            #expect(throws: WireError.unknownType(type)) { try WireFormat.compact.skip(bytes) }
        }
    }
}
