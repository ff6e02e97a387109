//! The answer to a getDataByRange as it grows: a page for each period that was read, in whatever order they come, joined at
//! the end. Knows nothing of engines and deadlines.
//!
//! Always true: an answer is a beginning of what was read, in the answer's order: where it would become too large, the
//! period that does not fit and all behind it count as not read. Which these are does not depend on who came first.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire

struct RangeAnswer {
    /// Bytes of an answer besides events, with room to spare: envelope, field heads, lengths.
    private static let overheadBytes = 256
    /// The most that a missing period costs.
    private static let bytesPerMissingPeriod = 10

    let order: AnswerOrder
    let shape: AnswerShape
    /// Of events, bytes.
    let sizeMax: Int
    /// By the place of the period in the answer's order.
    private var pages: [AnswerPage?]
    private var size = 0
    /// The first place of which it is known that it does not fit; the number of periods, if all do so far.
    private(set) var end: Int
    /// Places before this one are settled: they have a page, or nothing is stored for them.
    private var settled = 0
    /// Events of those.
    private var settledEvents = 0

    /// - Parameter responseSizeMax: bytes.
    init(_ order: AnswerOrder, _ shape: AnswerShape, periodCount: Int, responseSizeMax: Int) {
        self.order = order
        self.shape = shape
        sizeMax = max(0, responseSizeMax - Self.overheadBytes - periodCount * Self.bytesPerMissingPeriod)
        pages = Array(repeating: nil, count: periodCount)
        end = periodCount
    }

    /// Takes the events of the period at `place`, which has none yet.
    /// - Returns: pages that are of no more use.
    mutating func take(_ page: AnswerPage, at place: Int) -> [AnswerPage] {
        guard place < end else { return [page] }
        pages[place] = page
        size += bytes(of: page)
        var dropped: [AnswerPage] = []
        // The last go first, until what is left fits.
        while size > sizeMax {
            end -= 1
            guard let last = pages[end].take() else { continue }
            size -= bytes(of: last)
            dropped.append(last)
        }
        return dropped
    }

    private func bytes(of page: AnswerPage) -> Int {
        page.byteCount(ofFirst: min(page.count, order.eventsMax), isNewestFirst: order.isNewestFirst)
    }

    /// Whether the answer has all its events, whatever comes yet.
    /// - Parameter isEmpty: whether nothing is stored for the period at a place.
    mutating func isFull(isEmpty: (Int) -> Bool) -> Bool {
        while settled < end, settledEvents < order.eventsMax, pages[settled] != nil || isEmpty(settled) {
            settledEvents += pages[settled]?.count ?? 0
            settled += 1
        }
        return settledEvents >= order.eventsMax
    }

    /// How many events of each page are answered, by place, and the places of the periods that are missing.
    /// - Parameter isEmpty: whether nothing is stored for the period at a place.
    private func parts(isEmpty: (Int) -> Bool) -> (counts: [(place: Int, count: Int)], missing: [Int]) {
        var counts: [(Int, Int)] = []
        var missing: [Int] = []
        var left = order.eventsMax
        for place in pages.indices where left > 0 {
            if let page = pages[place] {
                counts.append((place, min(left, page.count)))
                left -= min(left, page.count)
            } else if !isEmpty(place) {
                missing.append(place)
            }
        }
        return (counts, missing)
    }

    /// The whole answer.
    /// - Parameters:
    ///   - isEmpty: whether nothing is stored for the period at a place.
    ///   - start: when the period at a place begins.
    func encoded(isEmpty: (Int) -> Bool, start: (Int) -> Int64) -> ByteBuffer {
        let (parts, missing) = parts(isEmpty: isEmpty)
        let missingPeriods = missing.map(start).sorted()
        let bytes = ByteWriter(into: ByteBuffer(), minimumCapacity: size + Self.overheadBytes)
        switch shape.format {
        case .messagePack:
            var writer = MessagePackWriter(bytes)
            write(parts, missingPeriods, to: &writer) { $0.bytes.store($1) }
            return writer.finish().finish()
        case .thriftBinary:
            var writer = ThriftBinaryWriter(bytes)
            write(parts, missingPeriods, to: &writer) { $0.bytes.store($1) }
            return writer.finish().finish()
        case .thriftCompact:
            var writer = ThriftCompactWriter(bytes)
            write(parts, missingPeriods, to: &writer) { $0.bytes.store($1) }
            return writer.finish().finish()
        }
    }

    /// A `GetDataByRangeResponse`, without making one.
    private func write<Writer: MessageWriter & ~Copyable>(
        _ parts: [(place: Int, count: Int)], _ missingPeriods: [Int64], to writer: inout Writer,
        storing store: (inout Writer, RawSpan) -> Void
    ) {
        writer.beginResult(shape.head, .structure)
        var scope = writer.beginStruct(fieldCount: missingPeriods.isEmpty ? 2 : 3)
        writer.field(&scope, 1, "events", .list)
        writer.beginList(of: .structure, count: parts.reduce(0) { $0 + $1.count })
        for (place, count) in parts {
            pages[place]?.forEach(ofFirst: count, isNewestFirst: order.isNewestFirst) { store(&writer, $0) }
        }
        writer.field(&scope, 2, "complete", .bool)
        writer.write(missingPeriods.isEmpty)
        if !missingPeriods.isEmpty {
            writer.field(&scope, 3, "missingPeriods", .list)
            writer.write(missingPeriods)
        }
        writer.endStruct()
        writer.endResult()
    }

    /// Takes out all pages.
    mutating func takePages() -> [AnswerPage] {
        let all = pages.compactMap { $0 }
        pages = []
        return all
    }
}
