//! Blobs that are none, or were changed: an error, never a crash, and never more memory than a blob may have.

import NIOCore
import StorageAPI
import Testing

@testable import HistoryService

struct DamagedBlobTests {
    private let events = (0..<40).map { BlobTests.event($0 / 3, "event number \($0)") }

    @Test(arguments: BlobTests.Form.all)
    func aBlobThatIsCutOffIsNotRead(form: BlobTests.Form) throws {
        let blob = try form.blob(events)
        for count in 0..<blob.readableBytes {
            let cut = try #require(blob.getSlice(at: blob.readerIndex, length: count))
            #expect(throws: BlobError.self) { try form.events(cut) }
        }
    }

    @Test(arguments: BlobTests.Form.all)
    func bytesBehindABlobAreDamage(form: BlobTests.Form) throws {
        var blob = try form.blob(events)
        blob.writeInteger(0 as UInt8)
        #expect(throws: BlobError.notCompressed) { try form.events(blob) }
    }

    /// Zlib's checksum and the header's figures find what changes an event; a few bits mean nothing.
    @Test(arguments: BlobTests.Form.all)
    func aBitThatFlippedChangesNothingUnnoticed(form: BlobTests.Form) throws {
        let blob = try form.blob(events)
        var found = 0
        for index in 0..<blob.readableBytes {
            for bit in 0..<8 as Range<UInt8> {
                var flipped = blob
                let byte = try #require(blob.getInteger(at: index, as: UInt8.self))
                flipped.setInteger(byte ^ 1 << bit, at: index)
                do {
                    let isEqual = try form.events(flipped) == events
                    #expect(isEqual, "byte \(index), bit \(bit)")
                } catch is BlobError {
                    found += 1
                }
            }
        }
        // The unused byte of the header, and what fills the last byte before the checksum.
        #expect(found >= blob.readableBytes * 8 - 16)
    }

    @Test(arguments: BlobBuffers.allCases)
    func aHeaderThatSaysSomethingElseIsFound(buffers: BlobBuffers) throws {
        let blob = try BlobTests.Form(codec: .msgpack, buffers: buffers).blob(events)
        let header = try BlobHeader.of(blob)
        func read(_ change: (inout BlobHeader) -> Void) throws {
            var changed = blob
            var other = header
            change(&other)
            other.set(in: &changed)
            _ = try BlobReader(buffers).events(changed)
        }
        try read { _ in }
        #expect(throws: BlobError.wrongCount) { try read { $0.count += 1 } }
        #expect(throws: BlobError.wrongCount) { try read { $0.count -= 1 } }
        #expect(throws: BlobError.wrongRawSize) { try read { $0.rawSize += 1 } }
        #expect(throws: BlobError.wrongRawSize) { try read { $0.rawSize -= 1 } }
        #expect(throws: BlobError.wrongRawSize) { try read { $0.rawSize = 0 } }
        #expect(throws: BlobError.badEvent) { try read { $0.codec = .thrift } }
        #expect(throws: BlobError.rawSizeOverLimit(size: BlobHeader.rawSizeMax + 1, limit: BlobHeader.rawSizeMax)) {
            try read { $0.rawSize = BlobHeader.rawSizeMax + 1 }
        }
    }

    @Test func aForeignHeaderIsRefused() throws {
        let reader = BlobReader(.pooled)
        let blob = try BlobTests.Form(codec: .msgpack, buffers: .pooled).blob(events)
        func changed(_ index: Int, _ byte: UInt8) -> ByteBuffer {
            var changed = blob
            changed.setInteger(byte, at: index)
            return changed
        }
        #expect(throws: BlobError.notABlob) { try reader.events(changed(0, 0)) }
        #expect(throws: BlobError.unknownVersion(2)) { try reader.events(changed(1, 2)) }
        #expect(throws: BlobError.unknownCodec(3)) { try reader.events(changed(2, 3)) }
        #expect(throws: BlobError.notABlob) { try reader.events(ByteBuffer()) }
    }

    /// A blob of a size and a count that its maker chose, with any bytes inside.
    private func blob(_ codec: BlobCodec, _ bytes: ByteBuffer, count: Int, rawSize: Int? = nil) -> ByteBuffer {
        var blob = ByteBuffer(repeating: 0, count: BlobHeader.byteCount)
        let deflater = Deflater()
        deflater.begin()
        deflater.compress(bytes, isLast: true, into: &blob)
        BlobHeader(codec, count: count, rawSize: rawSize ?? bytes.readableBytes).set(in: &blob)
        return blob
    }

    /// Expanded they are 32 MiB, compressed 32 KiB.
    @Test(arguments: BlobTests.Form.all)
    func aBombIsRefusedWhereItsHeaderLies(form: BlobTests.Form) throws {
        let bomb = blob(form.codec, ByteBuffer(repeating: 0, count: 32 << 20), count: 1, rawSize: 1_000)
        #expect(throws: BlobError.wrongRawSize) { try form.events(bomb) }
        let honest = blob(form.codec, ByteBuffer(repeating: 0, count: 32 << 20), count: 1)
        #expect(throws: BlobError.badEvent) { try form.events(honest) }
    }

    @Test(arguments: BlobTests.Form.all)
    func anEventThatIsNoneIsFound(form: BlobTests.Form) throws {
        for bytes in [
            [0xc1], [0x93, 1, 0xc4, 0, 0], [0x92, 1], [0x92, 0xc4, 0, 1], [0x16, 2, 0x15, 2, 0], [0x16, 2, 0x18, 9],
        ] {
            #expect(throws: BlobError.badEvent) {
                try form.events(blob(form.codec, ByteBuffer(bytes: bytes.map { UInt8($0) }), count: 1))
            }
        }
        // More than the blob can hold.
        let huge: [UInt8] =
            form.codec == .msgpack
            ? [0x92, 1, 0xc6, 0xff, 0xff, 0xff, 0xff] : [0x16, 2, 0x18, 0xff, 0xff, 0xff, 0xff, 7]
        #expect(throws: BlobError.badEvent) { try form.events(blob(form.codec, ByteBuffer(bytes: huge), count: 1)) }
    }

    @Test func eventsOutOfOrderAreFound() throws {
        let bytes = ByteBuffer(bytes: [0x92, 2, 0xc4, 0, 0x92, 1, 0xc4, 0])
        #expect(throws: BlobError.unsorted) { try BlobReader(.pooled).events(blob(.msgpack, bytes, count: 2)) }
    }

    @Test func aLargeEventDoesNotKeepTheWindowLarge() throws {
        let reader = BlobReader(.pooled)
        let form = BlobTests.Form(codec: .msgpack, buffers: .pooled)
        let large = [Event(timestampMillis: 1, data: ByteBuffer(repeating: 1, count: 5 << 20))]
        #expect(try reader.events(try form.blob(large)) == large)
        #expect(reader.windowCapacity <= 4 * BlobReader.windowSize)
        #expect(try reader.events(try form.blob(events)) == events)
    }
}
