//! The binary protocol's values, byte by byte.

import NIOCore
import NeedletailWire
import Testing

@Suite struct ThriftBinaryTests {
    private func write(_ body: (inout ThriftBinaryWriter) -> Void) -> String {
        var writer = ThriftBinaryWriter(newWriter())
        body(&writer)
        return Array(buffer: writer.finish().finish()).hex
    }

    private func read<Value>(
        _ text: String, budget: WireBudget = .standard,
        _ body: (inout ThriftBinaryReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        let message = message(hex(text))
        var reader = ThriftBinaryReader(message, budget: budget)
        let value = try body(&reader)
        if reader.cursor.remaining != 0 { throw .badMessage("\(reader.cursor.remaining) bytes were left") }
        return value
    }

    @Test(
        arguments: [(0, "00000000"), (1, "00000001"), (-1, "ffffffff"), (.max, "7fffffff"), (.min, "80000000")]
            as [(Int32, String)])
    func integersOf32BitsAreBigEndian(value: Int32, encoding: String) throws {
        #expect(write { $0.write(value) } == encoding)
        #expect(try read(encoding) { reader throws(WireError) in try reader.readInt32() } == value)
    }

    @Test(
        arguments: [
            (0, "0000000000000000"), (-1, "ffffffffffffffff"), (0x0102_0304_0506_0708, "0102030405060708"),
            (.max, "7fffffffffffffff"), (.min, "8000000000000000"),
        ] as [(Int64, String)])
    func integersOf64BitsAreBigEndian(value: Int64, encoding: String) throws {
        #expect(write { $0.write(value) } == encoding)
        #expect(try read(encoding) { reader throws(WireError) in try reader.readInt64() } == value)
    }

    @Test func doublesAreBigEndian() throws {
        #expect(write { $0.write(1.5) } == "3ff8000000000000")
        #expect(try read("3ff8000000000000") { reader throws(WireError) in try reader.readDouble() } == 1.5)
    }

    @Test func booleansAreOneByteAndAnyButZeroIsTrue() throws {
        #expect(write { $0.write(true) } == "01" && write { $0.write(false) } == "00")
        for (encoding, value) in [("00", false), ("01", true), ("02", true), ("ff", true)] {
            #expect(try read(encoding) { reader throws(WireError) in try reader.readBool() } == value)
        }
    }

    @Test func textAndBytesHaveALengthOf32Bits() throws {
        #expect(write { $0.write("né") } == "000000036ec3a9")
        #expect(write { $0.write(ByteBuffer(bytes: [0, 255])) } == "0000000200ff")
        #expect(write { $0.writeAbsentBinary() } == "00000000")
        #expect(try read("000000036ec3a9") { reader throws(WireError) in try reader.readString() } == "né")
        #expect(
            try read("0000000200ff") { reader throws(WireError) in try reader.readBinary() }
                == ByteBuffer(bytes: [0, 255]))
        #expect(throws: WireError.invalidUTF8) {
            try read("00000002c328") { reader throws(WireError) in try reader.readString() }
        }
    }

    @Test(
        arguments: [
            (1, "080001"), (16, "080010"), (255, "0800ff"), (256, "080100"), (.max, "087fff"), (-1, "08ffff"),
            (.min, "088000"),
        ] as [(Int16, String)])
    func fieldsHaveATypeAndAnIDOf16Bits(id: Int16, encoding: String) throws {
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

    @Test func listsAndMapsHaveTypesAndACountOf32Bits() throws {
        #expect(write { $0.write([5, -1] as [Int64]) } == "0a000000020000000000000005ffffffffffffffff")
        #expect(write { $0.write([] as [Int64]) } == "0a00000000")
        #expect(write { ["a": "1"].encode(to: &$0) } == "0b0b0000000100000001610000000131")
        #expect(write { ([:] as [String: String]).encode(to: &$0) } == "0b0b00000000")
        #expect(write { $0.write(["x", ""] as BinaryList) } == "0b00000002000000017800000000")
        #expect(
            try read("0a000000010000000000000005") { reader throws(WireError) in try [Int64](from: &reader) } == [5])
        #expect(
            try read("0b0b000000010000000161" + "0000000131") { reader throws(WireError) in
                try [String: String](from: &reader)
            }
                == ["a": "1"])
        #expect(
            try read("0b00000002000000017800000000") { reader throws(WireError) in try reader.readBinaryList() } == [
                "x", "",
            ])
    }

    @Test func anEmptyContainersTypesAreOfNoConsequence() throws {
        #expect(try read("0000000000") { reader throws(WireError) in try [Int64](from: &reader) } == [])
        #expect(try read("000000000000") { reader throws(WireError) in try [String: String](from: &reader) } == [:])
        #expect(try read("0800000000") { reader throws(WireError) in try reader.readBinaryList() } == [])
    }

    @Test func aListOfAnotherTypeIsAMismatch() {
        #expect(throws: WireError.typeMismatch(expected: .int64, found: 8)) {
            try read("080000000100000000") { reader throws(WireError) in try [Int64](from: &reader) }
        }
        #expect(throws: WireError.typeMismatch(expected: .binary, found: 8)) {
            try read("0b080000000100000000") { reader throws(WireError) in try [String: String](from: &reader) }
        }
    }

    @Test(arguments: ["ffffffff", "80000000"])
    func negativeLengthsAreRefused(length: String) {
        let expected = WireError.badLength(Int(Int32(truncatingIfNeeded: Int(length, radix: 16) ?? 0)))
        #expect(throws: expected) { try read(length) { reader throws(WireError) in try reader.readBinary() } }
        #expect(throws: expected) { try read(length) { reader throws(WireError) in try reader.readString() } }
        #expect(throws: expected) { try read("0a" + length) { reader throws(WireError) in try [Int64](from: &reader) } }
        #expect(throws: expected) {
            try read("0b" + length) { reader throws(WireError) in try reader.readBinaryList() }
        }
        #expect(throws: expected) {
            try read("0b00000001" + length) { reader throws(WireError) in try reader.readBinaryList() }
        }
        #expect(throws: expected) {
            try read("0b0b" + length) { reader throws(WireError) in try [String: String](from: &reader) }
        }
        for type in ["0b", "0f0b", "0e0b", "0d0b0b", "0f0f000000010b"] {
            let first = String(type.prefix(2))
            let bytes = hex(first + "0001" + type.dropFirst(2) + length + "00")
            #expect(throws: expected, "\(type)") { try WireFormat.binary.skip(bytes) }
        }
    }

    @Test func lengthsPastTheMessageAreTruncatedWithoutAllocating() {
        let budget = WireBudget(depth: 64, count: .max)
        #expect(throws: WireError.truncated) {
            try read("7fffffff00") { reader throws(WireError) in try reader.readBinary() }
        }
        #expect(throws: WireError.truncated) {
            try read("0a7fffffff00", budget: budget) { reader throws(WireError) in try [Int64](from: &reader) }
        }
        #expect(throws: WireError.truncated) {
            try read("0b7fffffff00", budget: budget) { reader throws(WireError) in try reader.readBinaryList() }
        }
        #expect(throws: WireError.truncated) {
            try read("0b0b7fffffff00", budget: budget) { reader throws(WireError) in try [String: String](from: &reader)
            }
        }
        // One byte fewer than two integers take.
        #expect(throws: WireError.truncated) {
            try read("0a00000002" + String(repeating: "00", count: 15)) { reader throws(WireError) in
                try [Int64](from: &reader)
            }
        }
    }

    @Test func countsPastTheBudgetAreRefused() {
        let budget = WireBudget(depth: 64, count: 1)
        let expected = WireError.countOverLimit(count: 2, limit: 1)
        #expect(throws: expected) {
            try read("0a00000002" + String(repeating: "00", count: 16), budget: budget) { reader throws(WireError) in
                try [Int64](from: &reader)
            }
        }
        #expect(throws: expected) {
            try read("0b000000020000000000000000", budget: budget) { reader throws(WireError) in
                try reader.readBinaryList()
            }
        }
        #expect(throws: expected) {
            try read("0b0b00000002" + String(repeating: "00", count: 16), budget: budget) { reader throws(WireError) in
                try [String: String](from: &reader)
            }
        }
    }

    @Test(arguments: [1, 5, 7, 9, 17, 0xfe, 0xff] as [UInt8])
    func unknownTypesAreRefused(type: UInt8) {
        #expect(throws: WireError.unknownType(type)) {
            try WireFormat.binary.decode(SampleChild.self, from: [type, 0, 1, 0, 0, 0, 0, 0])
        }
        #expect(throws: WireError.unknownType(type)) { try WireFormat.binary.skip([type, 0, 1, 0, 0, 0, 0, 0]) }
        #expect(throws: WireError.unknownType(type)) { try WireFormat.binary.skip([0x0f, 0, 1, type, 0, 0, 0, 1, 0]) }
        #expect(throws: WireError.unknownType(type)) {
            try WireFormat.binary.skip([0x0d, 0, 1, 0x0b, type, 0, 0, 0, 1, 0])
        }
    }
}
