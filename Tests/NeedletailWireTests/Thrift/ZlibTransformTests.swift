import NIOCore
import NeedletailWire
import Testing

@Suite struct ZlibTransformTests {
    private let zlib = ZlibTransform()
    /// Python's `zlib.compress(b"abc" * 5)`.
    private let foreign = hex("789c4b4c4a4e4442002df505bf")

    private func failure(_ bytes: [UInt8], sizeMax: Int = 1 << 20) -> WireError? {
        wireError { () throws(WireError) in try zlib.expand(message(bytes), sizeMax: sizeMax) }
    }

    @Test func whatWasCompressedExpands() throws {
        var random = SeededGenerator(seed: 1)
        for size in [0, 1, 100, 5_000, 300_000] {
            for bytes in [random.bytes(size), [UInt8](repeating: 7, count: size)] {
                let compressed = zlib.compress(message(bytes))
                #expect(Array(buffer: try zlib.expand(compressed, sizeMax: size)) == bytes)
            }
        }
    }

    @Test func foreignStreamsExpand() throws {
        #expect(String(buffer: try zlib.expand(message(foreign), sizeMax: 15)) == "abcabcabcabcabc")
    }

    @Test func aStreamThatIsCutOffIsRefused() {
        for count in 0..<foreign.count {
            #expect(failure(Array(foreign[..<count])) == .badMessage("what zlib compressed is cut off"), "\(count)")
        }
    }

    @Test func bytesBehindTheStreamAreRefused() {
        #expect(failure(foreign + [0]) == .badMessage("bytes behind the end of what zlib compressed"))
    }

    @Test func rubbishIsRefused() {
        #expect(failure(Array("no zlib at all".utf8)) == .badMessage("not compressed by zlib"))
        // A wrong checksum; a dictionary that nobody has.
        var wrong = foreign
        wrong[wrong.count - 1] ^= 1
        #expect(failure(wrong) == .badMessage("not compressed by zlib"))
        #expect(failure(hex("78bb00000001 4b04")) == .badMessage("not compressed by zlib"))
    }

    /// A gigabyte in a megabyte: no more of it is expanded than is allowed.
    @Test func aBombIsDefused() throws {
        let bomb = Array(buffer: zlib.compress(ByteBuffer(repeating: 0, count: 64 << 20)))
        #expect(bomb.count < 1 << 19)
        #expect(failure(bomb, sizeMax: 100_000) == .sizeOverLimit(size: 100_001, limit: 100_000))
        #expect(try zlib.expand(message(bomb), sizeMax: 64 << 20).readableBytes == 64 << 20)
        #expect(failure(bomb, sizeMax: (64 << 20) - 1) != nil)
    }

    @Test func aFailureLeavesNothingBehind() throws {
        _ = failure(Array(foreign.prefix(9)))
        _ = failure(Array("rubbish".utf8))
        #expect(try zlib.expand(message(foreign), sizeMax: 15).readableBytes == 15)
    }

    /// The bits behind the last block are nobody's.
    @Test func anyFlippedBitIsRefusedOrChangesNothing() {
        for bit in 0..<foreign.count * 8 {
            var bytes = foreign
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let expanded = try? zlib.expand(message(bytes), sizeMax: 100)
            #expect(expanded.map { String(buffer: $0) } ?? "abcabcabcabcabc" == "abcabcabcabcabc", "bit \(bit)")
        }
    }
}
