//! The output of a connection: growth, places to come back to, large values by reference.

import NIOCore
import NeedletailWire
import Testing

@Suite struct ByteWriterTests {
    private static let threshold = ByteWriter.sharingThreshold

    /// The pieces that a writer ends with.
    private func pieces(_ writer: consuming ByteWriter) -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        writer.finish { pieces.append($0) }
        return pieces
    }

    private func joined(_ pieces: [ByteBuffer]) -> [UInt8] { pieces.flatMap { Array(buffer: $0) } }

    @Test(arguments: [0, 64, 512])
    func everyByteIsKeptWhileTheBufferGrows(capacity: Int) {
        var writer = ByteWriter(into: ByteBuffer(), minimumCapacity: capacity)
        var expected: [UInt8] = []
        var generator = SeededGenerator(seed: 1)
        while expected.count < Scale.pick(100_000, full: 1_000_000) {
            switch generator.below(6) {
            case 0:
                let value = UInt64.random(in: .min ... .max, using: &generator)
                writer.store(value.bigEndian)
                expected += [UInt8].bigEndian(value)
            case 1:
                let value = Int16(truncatingIfNeeded: generator.integer())
                writer.store(0x7f, bigEndian: value)
                expected += [0x7f] + [UInt8].bigEndian(value)
            case 2:
                let bytes = ByteBuffer(bytes: generator.bytes(generator.below(700)))
                writer.store(bytes.readableBytesSpan)
                expected += Array(buffer: bytes)
            case 3:
                writer.store("a name of the program")
                expected += Array("a name of the program".utf8)
            case 4:
                let value = UInt64(bitPattern: generator.integer())
                writer.storeVarint(value)
                expected += ForeignThrift.varint(value)
            default:
                let bytes = ByteBuffer(bytes: generator.bytes(generator.below(3_000)))
                writer.store(bytes)
                expected += Array(buffer: bytes)
            }
            let count = writer.byteCount
            if count != expected.count { Issue.record("\(count) bytes instead of \(expected.count)") }
        }
        #expect(Array(buffer: writer.finish()) == expected)
    }

    @Test(arguments: [1, 2, 8, 63, 64, 65])
    func growthAtEveryBoundaryKeepsWhatWasWritten(step: Int) {
        let piece = ByteBuffer(bytes: (0..<step).map { UInt8($0) })
        var writer = ByteWriter(into: ByteBuffer(), minimumCapacity: 64)
        var expected: [UInt8] = []
        while expected.count < 5_000 {
            writer.store(piece.readableBytesSpan)
            expected += Array(buffer: piece)
        }
        #expect(Array(buffer: writer.finish()) == expected)
    }

    @Test func varintsTakeSevenBitsAByte() {
        for (value, encoding) in [
            (0, "00"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"), (.max, "ffffffffffffffffff01"),
        ] as [(UInt64, String)] {
            var writer = newWriter()
            writer.storeVarint(value)
            #expect(Array(buffer: writer.finish()).hex == encoding)
        }
    }

    @Test func rewindingForgetsWhatWasWrittenSince() {
        let large = ByteBuffer(repeating: 9, count: Self.threshold)
        var writer = newWriter()
        writer.store("keep")
        writer.store(large)
        let mark = writer.mark
        writer.store("forget")
        writer.store(large)
        for _ in 0..<1_000 { writer.store("growth") }
        writer.rewind(to: mark)
        let count = writer.byteCount
        #expect(count == 4 + Self.threshold)
        writer.store("end")
        #expect(joined(pieces(writer)) == Array("keep".utf8) + Array(buffer: large) + Array("end".utf8))
    }

    @Test func rewindingToTheStartLeavesNothing() {
        var writer = newWriter()
        let mark = writer.mark
        writer.store("x")
        writer.store(ByteBuffer(repeating: 1, count: Self.threshold))
        writer.rewind(to: mark)
        let count = writer.byteCount
        #expect(count == 0)
        #expect(pieces(writer).isEmpty)
    }

    @Test func patchingOverwritesWhatIsThere() {
        let large = ByteBuffer(repeating: 9, count: Self.threshold)
        var writer = newWriter()
        writer.store("ab")
        let length = writer.mark
        writer.store(0 as UInt32)
        let word = writer.mark
        writer.store("word")
        writer.store(large)
        for _ in 0..<1_000 { writer.store("growth") }
        let total = writer.byteCount
        writer.patch(at: length, bigEndian: 0x0102_0304)
        let replacement = ByteBuffer(string: "WORD")
        writer.patch(at: word, replacement.readableBytesSpan)
        writer.patch(at: word, ByteBuffer().readableBytesSpan)
        let bytes = joined(pieces(writer))
        #expect(bytes.count == total && total == 10 + Self.threshold + 6_000)
        #expect(Array(bytes.prefix(10)) == Array("ab".utf8) + [1, 2, 3, 4] + Array("WORD".utf8))
        #expect(bytes[10..<10 + Self.threshold].allSatisfy { $0 == 9 })
    }

    @Test func valuesFromTheThresholdOnGoByReference() {
        let below = ByteBuffer(repeating: 1, count: Self.threshold - 1)
        let above = ByteBuffer(repeating: 2, count: Self.threshold)
        var writer = newWriter()
        writer.store(below)
        writer.store(above)
        writer.store(above)
        writer.store("x")
        writer.store(above)
        let total = writer.byteCount
        let parts = pieces(writer)
        #expect(
            parts.map(\.readableBytes) == [below, above, above, ByteBuffer(string: "x"), above].map(\.readableBytes))
        #expect(total == parts.map(\.readableBytes).reduce(0, +))
        // By reference: the very same storage, not one like it.
        let original = unsafe above.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        for index in [1, 2, 4] {
            let sent = unsafe parts[index].withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
            #expect(sent == original)
        }
    }

    @Test func piecesJoinedAreWhatWasWrittenInOrder() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<Scale.pick(20, full: 200) {
            var writer = newWriter()
            var contiguous = newWriter()
            var expected: [UInt8] = []
            for _ in 0..<generator.below(20) {
                let isLarge = generator.below(3) == 0
                let count = isLarge ? Self.threshold + generator.below(100) : generator.below(300)
                let value = ByteBuffer(repeating: UInt8(generator.below(256)), count: count)
                writer.store(value)
                contiguous.store(value)
                expected += Array(buffer: value)
            }
            let parts = pieces(writer)
            #expect(joined(parts) == expected)
            #expect(parts.allSatisfy { $0.readableBytes > 0 })
            #expect(Array(buffer: contiguous.finish()) == expected)
        }
    }

    @Test func theStorageComesBackToBeUsedAgain() {
        func emptyStorage() -> ByteBuffer {
            var storage = ByteBuffer()
            storage.reserveCapacity(4_096)
            return storage
        }
        var pool = [emptyStorage()]
        let capacity = pool[0].capacity
        for round in 0..<5 {
            var writer = ByteWriter(into: pool.removeLast())
            for _ in 0..<100 { writer.store(UInt64(round)) }
            pool.append(writer.finish { #expect($0.readableBytes == 800) })
            #expect(pool[0].capacity == capacity)
        }
    }

    @Test func aBufferThatSomebodyHoldsIsCopied() {
        let held = ByteBuffer(string: "held by somebody, and not to be written over")
        var writer = ByteWriter(into: held)
        writer.store("WRITTEN WRITTEN WRITTEN WRITTEN WRITTEN WRITTEN")
        let written = writer.finish()
        #expect(String(buffer: held) == "held by somebody, and not to be written over")
        #expect(String(buffer: written).hasPrefix("WRITTEN"))
        // Pieces that are still held keep their bytes when the storage is used again.
        var first = ByteWriter(into: ByteBuffer())
        first.store("first")
        var kept: [ByteBuffer] = []
        let storage = first.finish { kept.append($0) }
        var second = ByteWriter(into: storage)
        second.store("SECOND")
        #expect(String(buffer: second.finish()) == "SECOND")
        #expect(kept.map { String(buffer: $0) } == ["first"])
    }

    @Test func aSliceIsWrittenFromItsStart() {
        var whole = ByteBuffer(string: "0123456789")
        whole.moveReaderIndex(forwardBy: 4)
        var writer = ByteWriter(into: whole.slice())
        writer.store("x")
        #expect(String(buffer: writer.finish()) == "x")
        #expect(String(buffer: whole) == "456789")
    }

    @Test(arguments: WireFormat.allCases)
    func largeBinariesOfAStructGoByReferenceInItsOrder(format: WireFormat) throws {
        var sample = Sample()
        sample.data = ByteBuffer(repeating: 3, count: Self.threshold)
        sample.text = "before"
        sample.numbers = [1, 2, 3]
        let bytes = format.encode(sample)
        #expect(try format.decode(Sample.self, from: bytes) == Decoded(value: sample, end: bytes.count))
        var writer = ThriftBinaryWriter(newWriter())
        sample.encode(to: &writer)
        #expect(pieces(writer.finish()).map(\.readableBytes).contains(Self.threshold))
    }
}
