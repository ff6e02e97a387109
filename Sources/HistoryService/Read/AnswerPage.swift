//! The events of one period as they are answered: already in the answer's format, one after the other.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import Timing

/// Which events of a range are answered, and in which order.
struct AnswerOrder {
    let range: Range<Int64>
    let isNewestFirst: Bool
    /// The latest if they are the first, else the earliest; at least 1, `.max` for all.
    let eventsMax: Int
}

/// What an answer repeats of its call, and how it is written.
struct AnswerShape {
    let format: RPCFormat
    let head: AnswerHead
}

/// The events of one period that are in the range, in order of time; the earlier ones may not be there where only the
/// latest are answered.
struct AnswerPage {
    /// Smaller pages keep the earlier ones, bytes.
    private static let trimSizeMin = 16 << 10

    private(set) var bytes = ByteBuffer()
    /// Where each event ends in `bytes`.
    private(set) var ends: [UInt32] = []

    var count: Int { ends.count }

    /// Fills the page; with more than `sizeMax` bytes, where it is seen that it will not fit.
    /// - Throws: `BlobError` if the blob is damaged, or the time is over; the page is to be thrown away then.
    mutating func read(
        _ blob: ByteBuffer, _ order: AnswerOrder, _ shape: AnswerShape, sizeMax: Int, until deadline: MonotonicTime,
        reader: BlobReader
    ) throws(BlobError) {
        ends.removeAll(keepingCapacity: true)
        var storage = ByteBuffer()
        swap(&storage, &bytes)
        switch shape.format {
        case .messagePack:
            var writer = MessagePackWriter(ByteWriter(into: storage), keys: shape.head.keys)
            try Self.read(blob, order, sizeMax: sizeMax, until: deadline, reader, &ends, into: &writer) {
                Self.dropFirst($1, of: &$0.bytes)
            }
            bytes = writer.finish().finish()
        case .thriftBinary:
            var writer = ThriftBinaryWriter(ByteWriter(into: storage))
            try Self.read(blob, order, sizeMax: sizeMax, until: deadline, reader, &ends, into: &writer) {
                Self.dropFirst($1, of: &$0.bytes)
            }
            bytes = writer.finish().finish()
        case .thriftCompact:
            var writer = ThriftCompactWriter(ByteWriter(into: storage))
            try Self.read(blob, order, sizeMax: sizeMax, until: deadline, reader, &ends, into: &writer) {
                Self.dropFirst($1, of: &$0.bytes)
            }
            bytes = writer.finish().finish()
        }
    }

    /// - Parameter drop: removes so many bytes at the beginning of what was written.
    private static func read<Writer: MessageWriter & ~Copyable>(
        _ blob: ByteBuffer, _ order: AnswerOrder, sizeMax: Int, until deadline: MonotonicTime, _ reader: BlobReader,
        _ ends: inout [UInt32], into writer: inout Writer, dropping drop: (inout Writer, Int) -> Void
    ) throws(BlobError) {
        let areLatest = order.isNewestFirst && order.eventsMax < .max
        var trimSize = trimSizeMin
        try reader.read(blob, until: deadline) { event in
            if event.timestampMillis < order.range.lowerBound { return .goesOn }
            if event.timestampMillis >= order.range.upperBound { return .ends }
            writer.write(event: event.timestampMillis, event.data)
            ends.append(UInt32(writer.byteCount))
            guard areLatest else {
                return ends.count < order.eventsMax && writer.byteCount <= sizeMax ? .goesOn : .ends
            }
            // Which are the latest is not known before the end; until then the page has up to twice their bytes.
            if writer.byteCount >= trimSize {
                drop(&writer, forgetFirst(of: &ends, order, sizeMax: sizeMax))
                trimSize = max(trimSizeMin, 2 * writer.byteCount)
            }
            return .goesOn
        }
    }

    /// Forgets where the first events end that are not among the latest, or behind which there are more bytes than fit:
    /// the page will not fit without them either.
    /// - Returns: how many bytes these events have.
    private static func forgetFirst(of ends: inout [UInt32], _ order: AnswerOrder, sizeMax: Int) -> Int {
        guard let size = ends.last else { return 0 }
        var count = max(0, ends.count - order.eventsMax)
        while Int(size - ends[count]) > sizeMax { count += 1 }
        guard count > 0 else { return 0 }
        let dropped = ends[count - 1]
        ends.removeFirst(count)
        for index in ends.indices { ends[index] -= dropped }
        return Int(dropped)
    }

    private static func dropFirst(_ count: Int, of bytes: inout ByteWriter) {
        var rest = bytes.finish()
        rest.moveReaderIndex(forwardBy: count)
        rest.discardReadBytes()
        bytes = ByteWriter(continuing: rest)
    }

    /// Bytes of the first events of the answer's order.
    func byteCount(ofFirst count: Int, isNewestFirst: Bool) -> Int {
        let range = isNewestFirst ? self.count - count..<self.count : 0..<count
        return range.isEmpty ? 0 : end(range.upperBound - 1) - start(range.lowerBound)
    }

    /// Hands out the first events of the answer's order, many at a time where they lie in that order.
    func forEach(ofFirst count: Int, isNewestFirst: Bool, _ body: (RawSpan) -> Void) {
        let bytes = bytes.readableBytesSpan
        if isNewestFirst {
            for index in (self.count - count..<self.count).reversed() {
                body(bytes.extracting(start(index)..<end(index)))
            }
        } else if count > 0 {
            body(bytes.extracting(0..<end(count - 1)))
        }
    }

    private func start(_ index: Int) -> Int { index == 0 ? 0 : end(index - 1) }

    private func end(_ index: Int) -> Int { Int(ends[index]) }

    /// Bytes of memory that an empty page keeps.
    var capacity: Int { bytes.capacity + ends.capacity * MemoryLayout<UInt32>.stride }
}

/// The pages of one event loop that are used again and again.
final class AnswerPages {
    /// Pages that are kept: those of some reads at a time.
    private static let pagesMax = 64
    /// Larger ones are not kept, bytes: one owner with much to tell would hold memory for all.
    private static let pageSizeMax = 256 << 10

    private let buffers: BlobBuffers
    private var pages: [AnswerPage] = []

    init(_ buffers: BlobBuffers) { self.buffers = buffers }

    func take() -> AnswerPage { pages.popLast() ?? AnswerPage() }

    func give(_ page: consuming AnswerPage) {
        guard buffers == .pooled, pages.count < Self.pagesMax, page.capacity <= Self.pageSizeMax else { return }
        pages.append(page)
    }
}
