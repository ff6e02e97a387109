//! Blobs whose decoding takes longer than their call has.

import HeldEngines
import NIOCore
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing
import Timing

@testable import HistoryService
@testable import NeedletailRPC

struct LongBlobTests {
    /// Decodes as the service does by itself, but every window costs a millisecond.
    private struct SlowDecoder: ThriftEventDecoder {
        let time: ManualTime

        func decode(
            _ bytes: ByteBuffer, _ body: (Int64, RawSpan) throws(BlobError) -> BlobReading
        ) throws(BlobError) -> Int {
            time.advance(byMilliseconds: 1)
            var reader = ThriftCompactReader(events: bytes)
            let end = bytes.readableBytes
            while reader.cursor.offset < end {
                let start = reader.cursor.offset
                let event: BlobEvent
                do throws(WireError) { event = try reader.readEvent() } catch {
                    if error == .truncated { return start }
                    throw .badEvent
                }
                if case .ends = try body(event.timestampMillis, event.data) { return reader.cursor.offset }
            }
            return end
        }
    }

    /// A history of sixty events in each of three periods, and a service that needs four milliseconds for each period.
    private func makeHistory() throws -> (history: History, slow: HistoryService<HeldEngine>) {
        let configuration = HistoryConfiguration(periodMillis: 100, codec: .thrift)
        let history = History(configuration)
        let text = String(repeating: "x", count: 1_000)
        try history.add("ann", (0..<180).map { Event.at(Int64($0 / 60 * 100 + $0 % 60), text) })
        let slow = HistoryService(
            engine: history.engine, session: history.engine.makeSession(on: history.loop, timers: history.timers),
            configuration: configuration, limits: HistoryLimits(), host: history.host, timers: history.timers,
            clock: .manual(history.time), thrift: SlowDecoder(time: history.time))
        return (history, slow)
    }

    @Test func aReadStopsInTheMiddleOfABlob() throws {
        let (history, slow) = try makeHistory()
        let late = try history.read("ann", from: 0, to: 300, timeoutMillis: 6, on: slow).get()
        #expect(late.events.count == 60 && !late.complete)
        #expect(late.missingPeriods == [100, 200])
        #expect(history.host.deadlinesExceeded == 1)
        // Nothing is in the range, whatever the blob has.
        let before = try history.read("ann", from: 99, to: 100, timeoutMillis: 2, on: slow).get()
        #expect(before.missingPeriods == [0])
        let failure = try history.read("ann", from: 0, to: 300, policy: .wait, timeoutMillis: 6, on: slow).failure()
        #expect(failure?.code == .deadlineExceeded && failure?.effect == .notExecuted)
        #expect(history.host.deadlinesExceeded == 3)
        let all = try history.read("ann", from: 0, to: 300, on: slow).get()
        #expect(all.events.count == 180 && all.complete)
        #expect(history.timers.count == 0)
    }

    @Test func aMergeThatTakesTooLongWritesNothing() throws {
        let (history, slow) = try makeHistory()
        let begun = history.engine.begun.count
        let first = try history.write("ann", [.at(1, "new")], timeoutMillis: 2, on: slow).failure()
        #expect(first?.code == .deadlineExceeded && first?.effect == .notExecuted)
        #expect(history.engine.begun.dropFirst(begun) == [.get])
        let second = try history.write("ann", [.at(-1, "before"), .at(1, "new")], timeoutMillis: 2, on: slow).failure()
        #expect(second?.code == .deadlineExceeded && second?.effect == .unknown)
        #expect(history.host.deadlinesExceeded == 2)
        let texts = try history.texts("ann", from: -100, to: 100)
        #expect(texts.count == 61 && texts.first == "before" && !texts.contains("new"))
        // With more time it is written.
        #expect(try history.write("ann", [.at(1, "new")], on: slow).get().written == 1)
        #expect(try history.texts("ann", from: 0, to: 100).count == 61)
        #expect(history.timers.count == 0)
    }
}
