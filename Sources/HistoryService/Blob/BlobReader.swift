//! Reads the events of blobs, in order of time.
//!
//! Pooled: inflater and decoder are chained through one small window, so that a blob is never expanded whole, and an event
//! costs no allocation. Fresh: each blob is expanded whole into memory of its own first, by an inflater of its own; that is
//! what the window is measured against.
//!
//! Threads: one. Always true: memory is bounded by the window and twice the largest event (pooled), or by
//! `BlobHeader.rawSizeMax` (fresh), whatever a blob says of itself.

internal import NIOCore
internal import NeedletailWire
internal import Timing

/// How blobs are expanded.
package enum BlobBuffers: Sendable, Hashable, CaseIterable {
    /// Through a window that all blobs share.
    case pooled
    /// Each whole, into a buffer of its own.
    case fresh
}

final class BlobReader {
    /// Bytes of the window: several events, and small enough for the first-level cache.
    static let windowSize = 16 << 10

    private let buffers: BlobBuffers
    private let thrift: (any ThriftEventDecoder)?
    private let clock: Clock
    private let inflater = Inflater()
    private var window = ByteBuffer()

    /// - Parameter thrift: decodes the events of Thrift blobs; nil: what our compiler generates.
    init(_ buffers: BlobBuffers, thrift: (any ThriftEventDecoder)? = nil, clock: Clock = .system) {
        self.buffers = buffers
        self.thrift = thrift
        self.clock = clock
        window.reserveCapacity(Self.windowSize)
    }

    /// Hands `body` the events of `blob`, the earliest first, until it says that this is enough.
    /// - Throws: `BlobError`, at the place of the damage: events before it have been handed out. What lies behind the event
    ///   at which `body` ended the reading is not looked at. `deadlineExceeded` where the time is over in the middle of a
    ///   blob that is not small.
    func read(
        _ blob: ByteBuffer, until deadline: MonotonicTime, _ body: (borrowing BlobEvent) -> BlobReading
    ) throws(BlobError) {
        var compressed = blob
        let header = try BlobHeader(from: &compressed)
        let start = Progress(header, until: deadline, clock)
        switch buffers {
        case .pooled:
            defer {
                inflater.end()
                keepWindow()
            }
            try read(compressed, header.codec, start, through: inflater, &window, Self.windowSize, body)
        case .fresh:
            // With room for the byte that tells that there are more.
            let size = header.rawSize + 1
            var whole = ByteBufferAllocator().buffer(capacity: size)
            try read(compressed, header.codec, start, through: Inflater(), &whole, size, body)
        }
    }

    /// Bytes that the window has between two blobs.
    var windowCapacity: Int { window.capacity }

    /// Empties the window, and gives back what one large event made of it.
    private func keepWindow() {
        if window.capacity > 4 * Self.windowSize {
            window = ByteBuffer()
            window.reserveCapacity(Self.windowSize)
        } else {
            window.clear()
        }
    }

    private func read(
        _ compressed: ByteBuffer, _ codec: BlobCodec, _ start: Progress, through inflater: Inflater,
        _ window: inout ByteBuffer, _ windowSize: Int, _ body: (borrowing BlobEvent) -> BlobReading
    ) throws(BlobError) {
        switch (codec, thrift) {
        case (.msgpack, _):
            try stream(compressed, start, through: inflater, &window, windowSize) {
                (window, progress) throws(BlobError) in
                try Self.decode(window, as: MessagePackReader.self, &progress, body)
            }
        case (.thrift, nil):
            try stream(compressed, start, through: inflater, &window, windowSize) {
                (window, progress) throws(BlobError) in
                try Self.decode(window, as: ThriftCompactReader.self, &progress, body)
            }
        case (.thrift, let decoder?):
            try stream(compressed, start, through: inflater, &window, windowSize) {
                (window, progress) throws(BlobError) in
                try decoder.decode(window) { (timestampMillis, data) throws(BlobError) in
                    try progress.take(BlobEvent(timestampMillis: timestampMillis, data: data), body)
                }
            }
        }
    }

    /// - Parameter decode: hands out the whole events of the window, and returns how many bytes they have.
    private func stream(
        _ compressed: ByteBuffer, _ start: Progress, through inflater: Inflater, _ window: inout ByteBuffer,
        _ windowSize: Int, _ decode: (borrowing ByteBuffer, inout Progress) throws(BlobError) -> Int
    ) throws(BlobError) {
        inflater.begin(compressed)
        var progress = start
        var size = windowSize
        while true {
            let before = window.readableBytes
            // One byte more than there should be tells that there are more.
            try inflater.expand(into: &window, room: min(size - before, progress.bytesLeft + 1))
            progress.bytesLeft -= window.readableBytes - before
            if progress.bytesLeft < 0 { throw .wrongRawSize }
            let used = try decode(window, &progress)
            if progress.isEnded { return }
            window.moveReaderIndex(forwardBy: used)
            if inflater.isAtEnd {
                if progress.bytesLeft > 0 { throw .wrongRawSize }
                if window.readableBytes > 0 { throw .badEvent }
                if progress.eventsLeft > 0 { throw .wrongCount }
                return
            }
            window.discardReadBytes()
            // An event that is larger than the window.
            if window.readableBytes == size { size *= 2 }
        }
    }

    private struct Progress {
        /// After so many bytes of events the deadline is looked at.
        private static let clockStep = 16 << 10
        /// What an event counts for besides its data.
        private static let eventCost = 16

        private let deadline: MonotonicTime
        private let clock: Clock
        /// Since the deadline was looked at.
        private var bytesSinceClock = 0
        var eventsLeft: Int
        /// Of the expanded events; below zero if there are more than the header says.
        var bytesLeft: Int
        var last = Int64.min
        var isEnded = false

        init(_ header: BlobHeader, until deadline: MonotonicTime, _ clock: Clock) {
            self.deadline = deadline
            self.clock = clock
            eventsLeft = header.count
            bytesLeft = header.rawSize
        }

        /// Notes the next event and hands it out.
        mutating func take(
            _ event: borrowing BlobEvent, _ body: (borrowing BlobEvent) -> BlobReading
        ) throws(BlobError) -> BlobReading {
            if eventsLeft == 0 { throw .wrongCount }
            if event.timestampMillis < last { throw .unsorted }
            bytesSinceClock += Self.eventCost + event.data.byteCount
            if bytesSinceClock >= Self.clockStep {
                if clock.now() >= deadline { throw .deadlineExceeded }
                bytesSinceClock = 0
            }
            eventsLeft -= 1
            last = event.timestampMillis
            let reading = body(event)
            if case .ends = reading { isEnded = true }
            return reading
        }
    }

    /// Hands out the whole events that lie in `window`.
    /// - Returns: how many bytes they have.
    private static func decode<Reader: EventReader & ~Copyable & ~Escapable>(
        _ window: borrowing ByteBuffer, as _: Reader.Type, _ progress: inout Progress,
        _ body: (borrowing BlobEvent) -> BlobReading
    ) throws(BlobError) -> Int {
        var reader = Reader(events: window)
        let end = window.readableBytes
        while reader.offset < end {
            let start = reader.offset
            let event: BlobEvent
            do throws(WireError) { event = try reader.readEvent() } catch {
                if error == .truncated { return start }
                throw .badEvent
            }
            if case .ends = try progress.take(event, body) { return reader.offset }
        }
        return end
    }
}
