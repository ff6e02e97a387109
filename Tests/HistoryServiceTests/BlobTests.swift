//! Blobs: what was written is read, by both codecs and both ways of buffering, and damage is said.

import NIOCore
import NeedletailWire
import StorageAPI
import Testing
import Timing

@testable import HistoryService

struct BlobTests {
    struct Form: Sendable, CustomStringConvertible {
        var codec: BlobCodec
        var buffers: BlobBuffers

        var description: String { "\(codec), \(buffers)" }

        static let all = BlobCodec.allCases.flatMap { codec in
            BlobBuffers.allCases.map { Form(codec: codec, buffers: $0) }
        }

        func blob(_ events: [Event], into old: ByteBuffer? = nil) throws -> ByteBuffer {
            try BlobWriter(codec, sizeMax: .max).blob(old, with: events[...], reader: BlobReader(buffers))
        }

        func events(_ blob: ByteBuffer) throws -> [Event] { try BlobReader(buffers).events(blob) }
    }

    static func event(_ timestampMillis: Int64, _ text: String) -> Event {
        Event(timestampMillis: timestampMillis, data: ByteBuffer(string: text))
    }

    static func randomEvents(_ count: Int, sizeMax: Int, _ generator: inout SplitMix) -> [Event] {
        (0..<count).map { _ in
            let size = Int.random(in: 0...sizeMax, using: &generator)
            let isRandom = Bool.random(using: &generator)
            let bytes = (0..<size).map { _ in isRandom ? UInt8.random(in: 0...255, using: &generator) : 7 }
            let scale: Int64 = Bool.random(using: &generator) ? 10 : .max
            return Event(
                timestampMillis: Int64.random(in: -scale...scale, using: &generator), data: ByteBuffer(bytes: bytes))
        }.sorted { $0.timestampMillis < $1.timestampMillis }
    }

    @Test(arguments: Form.all)
    func whatWasWrittenIsRead(form: Form) throws {
        var generator = SplitMix(state: 1)
        for sizeMax in [0, 10, 300, 20_000, 100_000] {
            let events = Self.randomEvents(60, sizeMax: sizeMax, &generator)
            #expect(try form.events(try form.blob(events)) == events)
        }
        #expect(try form.events(try form.blob([])) == [])
        let extremes = [Self.event(.min, ""), Self.event(-1, "a"), Self.event(.max, "b")]
        #expect(try form.events(try form.blob(extremes)) == extremes)
    }

    @Test(arguments: BlobCodec.allCases, BlobCodec.allCases)
    func eachCodecAddsToBlobsOfTheOther(old: BlobCodec, new: BlobCodec) throws {
        for buffers in BlobBuffers.allCases {
            let first = Form(codec: old, buffers: buffers)
            let second = Form(codec: new, buffers: buffers)
            let blob = try second.blob(
                [Self.event(1, "b"), Self.event(2, "d"), Self.event(3, "e")],
                into: try first.blob([Self.event(1, "a"), Self.event(2, "c"), Self.event(4, "f")]))
            #expect(try first.events(blob).map { String(buffer: $0.data) } == ["a", "b", "c", "d", "e", "f"])
            #expect(try BlobHeader.of(blob).codec == new)
        }
    }

    @Test(arguments: Form.all)
    func additionsEqualAStableSort(form: Form) throws {
        for seed in 0..<10 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let reader = BlobReader(form.buffers)
            let writer = BlobWriter(form.codec, sizeMax: .max)
            var model: [Event] = []
            var blob: ByteBuffer?
            for round in 0..<20 {
                let added = (0..<Int.random(in: 1...8, using: &generator)).map { number in
                    Self.event(Int64.random(in: 0...20, using: &generator), "\(round).\(number)")
                }.sorted { $0.timestampMillis < $1.timestampMillis }
                blob = try writer.blob(blob, with: added[...], reader: reader)
                model = (model + added).sorted { $0.timestampMillis < $1.timestampMillis }
                #expect(try reader.events(blob ?? ByteBuffer()) == model)
            }
        }
    }

    @Test(arguments: Form.all)
    func aReadingEndsWhereItIsTold(form: Form) throws {
        let blob = try form.blob((0..<5_000).map { Self.event($0, "event number \($0)") })
        let reader = BlobReader(form.buffers)
        var seen = 0
        try reader.read(blob, until: .never) { _ in
            seen += 1
            return seen < 10 ? .goesOn : .ends
        }
        #expect(seen == 10)
        // The reader is as good as new.
        #expect(try reader.events(blob).count == 5_000)
    }

    /// The time is over at the hundredth event; 16 KiB later at most that is seen, where an event counts 16 bytes itself.
    @Test(arguments: Form.all, [0, 1_000])
    func aReadingEndsAtTheDeadline(form: Form, size: Int) throws {
        let data = ByteBuffer(repeating: 7, count: size)
        let events = (0..<5_000).map { Event(timestampMillis: $0, data: data) }
        let blob = try form.blob(events)
        let time = ManualTime()
        let clock = Clock.manual(time)
        let reader = BlobReader(form.buffers, clock: clock)
        let deadline = clock.now().advanced(byMilliseconds: 10)
        var seen = 0
        #expect(throws: BlobError.deadlineExceeded) {
            try reader.read(blob, until: deadline) { _ in
                seen += 1
                if seen == 100 { time.advance(byMilliseconds: 10) }
                return .goesOn
            }
        }
        #expect(seen >= 100 && seen <= 101 + (16 << 10) / (16 + size))
        // The reader is as good as new.
        #expect(try reader.events(blob) == events)
    }

    @Test func anExampleLooksAsDocumented() throws {
        let blob = try Form(codec: .msgpack, buffers: .pooled).blob([Self.event(5, "hi"), Self.event(300, "")])
        #expect(Array(blob.readableBytesView.prefix(12)) == [0x48, 1, 1, 0, 0, 0, 0, 2, 0, 0, 0, 12])
        #expect(
            try Self.expanded(blob) == [0x92, 0x05, 0xc4, 2, 0x68, 0x69, 0x92, 0xcd, 0x01, 0x2c, 0xc4, 0])
        let thrift = try Form(codec: .thrift, buffers: .pooled).blob([Self.event(5, "hi"), Self.event(300, "")])
        #expect(Array(thrift.readableBytesView.prefix(12)) == [0x48, 1, 2, 0, 0, 0, 0, 2, 0, 0, 0, 13])
        #expect(
            try Self.expanded(thrift)
                == [0x16, 0x0a, 0x18, 2, 0x68, 0x69, 0, 0x16, 0xd8, 0x04, 0x18, 0, 0])
    }

    @Test func theThriftCodecIsTheGeneratedOne() throws {
        var generator = SplitMix(state: 3)
        let events = Self.randomEvents(20, sizeMax: 50, &generator)
        let bytes = ByteBuffer(bytes: try Self.expanded(try Form(codec: .thrift, buffers: .pooled).blob(events)))
        var reader = ThriftCompactReader(bytes)
        var decoded: [Event] = []
        for _ in events { decoded.append(try Event(from: &reader)) }
        #expect(decoded == events)
        #expect(reader.cursor.remaining == 0)
    }

    private static func expanded(_ blob: ByteBuffer) throws -> [UInt8] {
        var compressed = blob
        let header = try BlobHeader(from: &compressed)
        let inflater = Inflater()
        inflater.begin(compressed)
        var bytes = ByteBuffer()
        try inflater.expand(into: &bytes, room: header.rawSize + 1)
        #expect(inflater.isAtEnd)
        return Array(bytes.readableBytesView)
    }

    @Test func aBlobThatWouldBeTooLargeIsNotWritten() throws {
        var generator = SplitMix(state: 4)
        let events = (0..<100).map { number in
            Event(
                timestampMillis: number,
                data: ByteBuffer(bytes: (0..<1_000).map { _ in UInt8.random(in: 0...255, using: &generator) }))
        }
        let writer = BlobWriter(.msgpack, sizeMax: 50_000)
        let reader = BlobReader(.pooled)
        #expect(throws: BlobError.sizeOverLimit(limit: 50_000)) {
            try writer.blob(nil, with: events[...], reader: reader)
        }
        // The writer is as good as new.
        let blob = try writer.blob(nil, with: events[..<40], reader: reader)
        #expect(blob.readableBytes <= 50_000)
        #expect(throws: BlobError.sizeOverLimit(limit: 50_000)) {
            try writer.blob(blob, with: events[40...], reader: reader)
        }
        #expect(try reader.events(blob) == Array(events[..<40]))
    }

    @Test func whatCompressesWellIsBoundedByWhatItExpandsTo() throws {
        let zeroes = ByteBuffer(repeating: 0, count: 16 << 20)
        let events = (0..<5).map { Event(timestampMillis: $0, data: zeroes) }
        #expect(throws: BlobError.self) {
            try BlobWriter(.msgpack, sizeMax: .max).blob(nil, with: events[...], reader: BlobReader(.pooled))
        }
    }
}

extension BlobReader {
    func events(_ blob: ByteBuffer) throws -> [Event] {
        var events: [Event] = []
        try read(blob, until: .never) { event in
            events.append(Event(timestampMillis: event.timestampMillis, data: ByteBuffer(copying: event.data)))
            return .goesOn
        }
        return events
    }
}

extension BlobWriter {
    func blob(_ old: ByteBuffer?, with new: ArraySlice<Event>, reader: BlobReader) throws -> ByteBuffer {
        try blob(old, with: new, until: .never, reader: reader)
    }
}

extension MonotonicTime {
    static let never = MonotonicTime(nanoseconds: .max)
}

extension BlobHeader {
    static func of(_ blob: ByteBuffer) throws -> BlobHeader {
        var blob = blob
        return try BlobHeader(from: &blob)
    }
}

/// A generator that gives the same numbers each time.
struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
