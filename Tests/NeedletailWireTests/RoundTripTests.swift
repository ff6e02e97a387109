//! Structs in all formats: there and back, cut off, spoiled, passed over, among fields that nobody knows.

import NIOCore
import NeedletailWire
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: WireFormat.allCases)
    func randomStructsComeBack(format: WireFormat) throws {
        var generator = SeededGenerator(seed: 3)
        for round in 0..<Scale.pick(150, full: 1_500) {
            let sample = Sample.random(&generator, size: 1 + round % 30)
            let bytes = format.encode(sample)
            let decoded = try format.decode(Sample.self, from: bytes)
            #expect(decoded == Decoded(value: sample, end: bytes.count))
            #expect(try format.skip(bytes) == bytes.count)
            // What follows the value is left alone.
            let followed = try format.decode(Sample.self, from: bytes + [0xff, 0xff])
            #expect(followed == decoded)
            #expect(try format.skip(bytes + [0xff, 0xff]) == bytes.count)
        }
    }

    @Test(arguments: WireFormat.allCases)
    func extremeNumbersComeBack(format: WireFormat) throws {
        let doubles: [Double] = [0, -0.0, .infinity, -.infinity, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        for (index, ratio) in doubles.enumerated() {
            var sample = Sample()
            sample.ratio = ratio
            sample.small = index.isMultiple(of: 2) ? .min : .max
            sample.large = index.isMultiple(of: 2) ? .min : .max
            sample.numbers = [.min, .max, 0, -1, 1]
            let decoded = try format.decode(Sample.self, from: format.encode(sample)).value
            #expect(decoded == sample && decoded.ratio.bitPattern == ratio.bitPattern)
        }
    }

    @Test(arguments: WireFormat.allCases)
    func aStructCutOffAnywhereIsTruncated(format: WireFormat) throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<Scale.pick(5, full: 50) {
            let bytes = format.encode(Sample.random(&generator, size: 6))
            for count in 0..<bytes.count {
                let piece = Array(bytes[..<count])
                #expect(
                    wireError { () throws(WireError) in try format.decode(Sample.self, from: piece) } == .truncated)
                #expect(wireError { () throws(WireError) in try format.skip(piece) } == .truncated)
            }
        }
    }

    @Test(arguments: WireFormat.allCases)
    func aStructWithOneBitChangedIsReadOrRefused(format: WireFormat) throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<Scale.pick(3, full: 30) {
            let bytes = format.encode(Sample.random(&generator, size: 5))
            for bit in 0..<bytes.count * 8 {
                var spoiled = bytes
                spoiled[bit / 8] ^= 1 << (bit % 8)
                guard let decoded = try? format.decode(Sample.self, from: spoiled) else {
                    _ = try? format.skip(spoiled)
                    continue
                }
                // What can be read can be passed over, to the same end.
                #expect(decoded.end <= spoiled.count)
                #expect(try format.skip(spoiled) == decoded.end, "bit \(bit) of \(bytes.hex)")
            }
        }
    }

    @Test(arguments: WireFormat.allCases)
    func randomBytesNeverCrash(format: WireFormat) {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<Scale.pick(3_000, full: 50_000) {
            let bytes = generator.bytes(generator.below(64))
            _ = try? format.decode(Sample.self, from: bytes)
            _ = try? format.skip(bytes)
        }
    }

    @Test func unknownThriftFieldsOfEveryTypeArePassedOver() throws {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<Scale.pick(60, full: 600) {
            for type in ForeignThrift.types {
                let unknown = ForeignThrift.random(type, &generator, depth: 3)
                let another = ForeignThrift.random(type, &generator, depth: 2)
                let value = ForeignThrift.structure([
                    (-4, unknown), (1, .int32(Int32(round))), (7, another), (3, .bool(round.isMultiple(of: 2))),
                    (9_999, unknown),
                ])
                let expected = SampleChild(number: Int32(round), flag: round.isMultiple(of: 2))
                let (binary, compact) = (value.binaryBytes, value.compactBytes)
                #expect(
                    try WireFormat.binary.decode(SampleChild.self, from: binary)
                        == Decoded(value: expected, end: binary.count))
                #expect(
                    try WireFormat.compact.decode(SampleChild.self, from: compact)
                        == Decoded(value: expected, end: compact.count))
            }
        }
    }

    @Test func aKnownFieldOfAnotherThriftTypeIsPassedOver() throws {
        for type in ForeignThrift.types where type != .int32 {
            var generator = SeededGenerator(seed: UInt64(type.rawValue))
            let other = ForeignThrift.random(type, &generator, depth: 2)
            let value = ForeignThrift.structure([(1, .int32(5)), (1, other), (3, .bool(true))])
            let expected = SampleChild(number: 5, flag: true)
            #expect(try WireFormat.binary.decode(SampleChild.self, from: value.binaryBytes).value == expected)
            #expect(try WireFormat.compact.decode(SampleChild.self, from: value.compactBytes).value == expected)
        }
    }

    @Test func foreignThriftStructsAreReadLikeOurs() throws {
        let inner = ForeignThrift.structure([(1, .int32(.min)), (3, .bool(false))])
        let value = ForeignThrift.structure([
            (1, .bool(true)), (3, .int64(.min)), (19, .double(-0.5)), (20, .binary(Array("é".utf8))),
            (255, .list(.binary, [.binary([1]), .binary([])])), (256, .list(.int64, [.int64(-1), .int64(.max)])),
            (300, .map(.binary, .binary, [(.binary([0x61]), .binary([0x62]))])),
            (16_000, .list(.structure, [inner, inner])), (32_767, .list(.bool, [.bool(false), .bool(true)])),
            (-5, inner),
        ])
        for (format, bytes) in [(WireFormat.binary, value.binaryBytes), (.compact, value.compactBytes)] {
            let sample = try format.decode(Sample.self, from: bytes).value
            #expect(sample.flag && sample.large == .min && sample.ratio == -0.5 && sample.text == "é")
            #expect(sample.parts == BinaryList([ByteBuffer(bytes: [1]), ByteBuffer()]))
            #expect(sample.numbers == [-1, .max] && sample.labels == ["a": "b"] && sample.flags == [false, true])
            #expect(sample.child == SampleChild(number: .min, flag: false))
            #expect(
                sample.children == [SampleChild(number: .min, flag: false), SampleChild(number: .min, flag: false)])
        }
    }

    /// Thousands of them would be kept side by side, each compared with all before it.
    @Test func whatDoesNotEqualItselfIsNoElementAndNoKey() {
        for (value, isRead) in [(1.5, true), (.infinity, true), (.nan, false), (.signalingNaN, false)]
            as [(Double, Bool)]
        {
            var list = ThriftBinaryWriter(newWriter())
            [0, value].encode(to: &list)
            let elements = list.finish().finish()
            var map = ThriftBinaryWriter(newWriter())
            map.beginMap(key: .double, value: .bool, count: 1)
            value.encode(to: &map)
            true.encode(to: &map)
            let pairs = map.finish().finish()
            let ofSet = wireError { () throws(WireError) in
                var reader = ThriftBinaryReader(elements)
                _ = try Set<Double>(from: &reader)
            }
            let ofMap = wireError { () throws(WireError) in
                var reader = ThriftBinaryReader(pairs)
                _ = try [Double: Bool](from: &reader)
            }
            let ofList = wireError { () throws(WireError) in
                var reader = ThriftBinaryReader(elements)
                _ = try [Double](from: &reader)
            }
            #expect((ofSet == nil) == isRead && (ofMap == nil) == isRead && ofList == nil, "\(value)")
        }
    }

    @Test(arguments: WireFormat.allCases)
    func aMissingRequiredFieldIsNamed(format: WireFormat) {
        let empty: [UInt8] = format == .binary || format == .compact ? [0] : [0x80]
        #expect(throws: WireError.missingField("number")) { try format.decode(SampleChild.self, from: empty) }
    }

    @Test(arguments: WireFormat.allCases)
    func binariesShareTheMessagesStorage(format: WireFormat) throws {
        var sample = Sample()
        sample.data = ByteBuffer(repeating: 1, count: 1_000)
        sample.parts = ["one", "two"]
        let decoded = try format.decode(Sample.self, from: format.encode(sample)).value
        // A slice of the message has the message's capacity behind it, not a copy's.
        #expect(decoded.data == sample.data && decoded.data.storageCapacity > 1_000)
        #expect(decoded.parts == sample.parts && decoded.parts.totalByteCount == 6)
        #expect(decoded.parts.buffer(at: 1).storageCapacity > 1_000)
    }

    @Test func errorsReadAsOneSentence() {
        let errors: [WireError] = [
            .truncated, .badLength(-1), .countOverLimit(count: 2, limit: 1), .sizeOverLimit(size: 2, limit: 1),
            .depthOverLimit(limit: 64), .unknownType(0xc1), .typeMismatch(expected: .int32, found: 0xa0),
            .integerOverflow, .varintTooLong, .invalidUTF8, .missingField("key"), .badMessage("no message"),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(errors.allSatisfy { !$0.description.isEmpty && !$0.description.contains("\n") })
        #expect(WireError.unknownType(0xc1).description.contains("0xc1"))
        #expect(WireError.missingField("key").description.contains("'key'"))
    }
}
