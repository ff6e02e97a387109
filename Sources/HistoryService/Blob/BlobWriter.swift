//! Writes blobs: events are encoded into a small piece of memory and compressed piece by piece, so that they never lie
//! anywhere expanded all together. A change reads the old blob and writes the new one in one go.
//!
//! Threads: one. Always true: memory is bounded by a piece, twice the largest event, and what the blob may have.

internal import NIOCore
internal import NeedletailWire
internal import StorageAPI
internal import Timing

final class BlobWriter {
    /// Bytes of encoded events that are compressed together.
    private static let pieceSize = 16 << 10

    private let codec: BlobCodec
    private let sizeMax: Int
    private let deflater = Deflater()
    /// Encoded events that wait to be compressed; nil while they are at work.
    private var piece: ByteWriter? = ByteWriter(into: ByteBuffer())
    private var output = ByteBuffer()
    private var count = 0
    /// Of the events that were compressed.
    private var rawSize = 0
    private(set) var failure: BlobError?

    /// - Parameters:
    ///   - codec: of new blobs.
    ///   - sizeMax: how large a blob may be, bytes.
    init(_ codec: BlobCodec, sizeMax: Int) {
        self.codec = codec
        self.sizeMax = sizeMax
    }

    /// A blob with the events of `old`, and with `new` among them.
    /// - Parameter new: in order of time; after those of `old` with the same time.
    /// - Throws: `BlobError`: about the old blob, `deadlineExceeded` in the middle of it, or `sizeOverLimit` and
    ///   `rawSizeOverLimit` about the new one.
    func blob(
        _ old: ByteBuffer?, with new: ArraySlice<Event>, until deadline: MonotonicTime, reader: BlobReader
    ) throws(BlobError) -> ByteBuffer {
        begin()
        var next = new.startIndex
        if let old {
            try reader.read(old, until: deadline) { event in
                while next < new.endIndex, new[next].timestampMillis < event.timestampMillis {
                    add(new[next])
                    next += 1
                }
                add(event.timestampMillis, event.data)
                return failure == nil ? .goesOn : .ends
            }
        }
        for event in new[next...] where failure == nil { add(event) }
        return try finish()
    }

    private func begin() {
        deflater.begin()
        piece = ByteWriter(into: ByteBuffer(), minimumCapacity: Self.pieceSize)
        output = ByteBuffer()
        output.writeRepeatingByte(0, count: BlobHeader.byteCount)
        count = 0
        rawSize = 0
        failure = nil
    }

    private func add(_ event: Event) { add(event.timestampMillis, event.data.readableBytesSpan) }

    private func add(_ timestampMillis: Int64, _ data: RawSpan) {
        guard failure == nil, let bytes = piece.take() else { return }
        count += 1
        let written = codec.write(timestampMillis, data, to: bytes)
        if written.byteCount < Self.pieceSize { piece = consume written } else { compress(written, isLast: false) }
    }

    private func compress(_ bytes: consuming ByteWriter, isLast: Bool) {
        let encoded = bytes.finish()
        rawSize += encoded.readableBytes
        deflater.compress(encoded, isLast: isLast, into: &output)
        if rawSize > BlobHeader.rawSizeMax {
            failure = .rawSizeOverLimit(size: rawSize, limit: BlobHeader.rawSizeMax)
        } else if output.readableBytes > sizeMax {
            failure = .sizeOverLimit(limit: sizeMax)
        }
        // What one large event made of it is given back.
        let isKept = encoded.capacity <= 4 * Self.pieceSize
        piece = ByteWriter(into: isKept ? encoded : ByteBuffer(), minimumCapacity: Self.pieceSize)
    }

    private func finish() throws(BlobError) -> ByteBuffer {
        if failure == nil, let bytes = piece.take() { compress(bytes, isLast: true) }
        if let failure { throw failure }
        var blob = ByteBuffer()
        swap(&blob, &output)
        BlobHeader(codec, count: count, rawSize: rawSize).set(in: &blob)
        return blob
    }
}
