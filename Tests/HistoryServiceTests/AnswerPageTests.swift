//! The latest events of a period, without memory for all of them.

import NIOCore
import NeedletailWire
import StorageAPI
import Testing
import Timing

@testable import HistoryService
@testable import NeedletailRPC

struct AnswerPageTests {
    /// The latest events of a blob, at most so many.
    private func latest(
        _ limit: Int, of blob: ByteBuffer, sizeMax: Int, _ format: RPCFormat
    ) throws -> AnswerPage {
        var page = AnswerPage()
        try page.read(
            blob, AnswerOrder(range: Int64.min..<Int64.max, isNewestFirst: true, eventsMax: limit),
            AnswerShape(format: format, head: AnswerHead(id: 1, method: "getDataByRange", keys: .names)),
            sizeMax: sizeMax, until: .never, reader: BlobReader(.pooled))
        return page
    }

    /// The events that are answered, as they lie in the page.
    private func answered(_ page: AnswerPage, _ limit: Int) -> [ByteBuffer] {
        var events: [ByteBuffer] = []
        page.forEach(ofFirst: min(page.count, limit), isNewestFirst: true) { events.append(ByteBuffer(copying: $0)) }
        return events
    }

    private func byteCount(_ page: AnswerPage, _ limit: Int) -> Int {
        page.byteCount(ofFirst: min(page.count, limit), isNewestFirst: true)
    }

    @Test(arguments: RPCFormat.allCases)
    func theEarlierOnesAreNotKept(format: RPCFormat) throws {
        let form = BlobTests.Form(codec: .msgpack, buffers: .pooled)
        let blob = try form.blob((0..<50_000).map { BlobTests.event($0, "") })
        let page = try latest(10, of: blob, sizeMax: 64 << 20, format)
        #expect(page.capacity <= 128 << 10)
        let end = try form.blob((49_990..<50_000).map { BlobTests.event($0, "") })
        let last = try latest(10, of: end, sizeMax: 64 << 20, format)
        #expect(answered(page, 10) == answered(last, 10))
    }

    /// What is too large for the answer is given up as well.
    @Test(arguments: RPCFormat.allCases)
    func moreThanFitsIsNotKept(format: RPCFormat) throws {
        let form = BlobTests.Form(codec: .msgpack, buffers: .pooled)
        let data = ByteBuffer(repeating: 7, count: 10_000)
        let blob = try form.blob((0..<1_000).map { Event(timestampMillis: $0, data: data) })
        let page = try latest(1_000, of: blob, sizeMax: 100_000, format)
        #expect(page.capacity <= 1 << 20)
        #expect(byteCount(page, 1_000) > 100_000)
    }

    @Test(arguments: RPCFormat.allCases)
    func theLatestAreThoseOfAll(format: RPCFormat) throws {
        for seed in 0..<8 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let blob = try BlobTests.Form(codec: .thrift, buffers: .pooled).blob(
                BlobTests.randomEvents(200, sizeMax: 2_000, &generator))
            let all = try latest(.max, of: blob, sizeMax: .max, format)
            for _ in 0..<20 {
                let limit = Int.random(in: 1...250, using: &generator)
                let sizeMax = Int.random(in: 0...250_000, using: &generator)
                let page = try latest(limit, of: blob, sizeMax: sizeMax, format)
                if byteCount(all, limit) <= sizeMax {
                    #expect(answered(page, limit) == answered(all, limit), "seed \(seed)")
                } else {
                    #expect(byteCount(page, limit) > sizeMax, "seed \(seed)")
                }
            }
        }
    }
}
