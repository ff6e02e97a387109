internal import HistoryService
internal import NIOCore
internal import NeedletailWire
internal import StorageAPI
internal import Testing

@testable internal import needletail_load

/// The naive decoder, as the history's service calls it.
@Suite struct NaiveEventsTests {
    private static let events = (0..<5).map {
        Event(timestampMillis: Int64($0) * 1_000_000 - 7, data: ByteBuffer(string: String(repeating: "ab", count: $0)))
    }

    private static func bytes(_ events: [Event]) -> ByteBuffer {
        var bytes = ByteBuffer()
        for event in events {
            var writer = ThriftCompactWriter(ByteWriter(into: ByteBuffer()))
            event.encode(to: &writer)
            bytes.writeImmutableBuffer(writer.finish().finish())
        }
        return bytes
    }

    private static func decode(_ bytes: ByteBuffer, atMost count: Int = .max) throws -> (events: [Event], used: Int) {
        var events: [Event] = []
        let used = try NaiveEvents().decode(bytes) { timestampMillis, data in
            var copy = ByteBuffer()
            copy.writeBytes(data)
            events.append(Event(timestampMillis: timestampMillis, data: copy))
            return events.count < count ? .goesOn : .ends
        }
        return (events, used)
    }

    @Test("events that lie there whole are handed on, and what is cut off is left, wherever the end is")
    func cutOff() throws {
        let bytes = Self.bytes(Self.events)
        let ends = (0...Self.events.count).map { Self.bytes(Array(Self.events.prefix($0))).readableBytes }
        for count in 0...bytes.readableBytes {
            let whole = ends.lastIndex { $0 <= count } ?? 0
            let (events, used) = try Self.decode(ByteBuffer(bytes.readableBytesView.prefix(count)))
            #expect(events == Array(Self.events.prefix(whole)))
            #expect(used == ends[whole])
        }
    }

    @Test("it ends when it is told to")
    func ending() throws { #expect(try Self.decode(Self.bytes(Self.events), atMost: 2).events.count == 2) }

    @Test(
        "what is no event is refused",
        arguments: [[0x00], [0x1d, 0x00], [0x16, 0x02, 0x00], [0x16, 0x02, 0x26, 0x02, 0x00]])
    func damage(_ bytes: [UInt8]) {
        #expect(throws: BlobError.badEvent) { try Self.decode(ByteBuffer(bytes: bytes)) }
    }
}
