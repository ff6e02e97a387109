//! Scans: complete while the table changes, bounded, and only with cursors of this engine.

import NIOCore
import StorageEngine
import Testing
import Timing

@testable import MemoryEngine

@Suite struct ScanTests {
    @Test(arguments: [1, 2, 7, 100, 10_000])
    func everyKeyIsHandedOutOnceAtRest(limit: Int) throws {
        let store = Store()
        let expected = Set((0..<2_000).map { "key\($0)" })
        for key in expected { try store.put(key, "v") }
        let keys = try store.scan(limit: limit)
        #expect(keys.count == 2_000 && Set(keys) == expected)
    }

    @Test func onlyThePrefixIsHandedOut() throws {
        let store = Store()
        for number in 0..<300 { try store.put("\(number % 3 == 0 ? "user" : "item"):\(number)", "v") }
        #expect(try store.scan(prefix: "user:").count == 100)
        #expect(try store.scan(prefix: "user:299").isEmpty)
        #expect(try store.scan(prefix: "nothing that long is here, by far").isEmpty)
        #expect(try store.scan(prefix: "").count == 300)
    }

    @Test func thePageEndsBeforeTheByteLimitButAfterOne() throws {
        let store = Store()
        for number in 0..<100 { try store.put("key\(100 + number)", String(repeating: "v", count: 94)) }
        func page(_ byteLimit: Int, keysOnly: Bool = false) throws -> Int {
            var count = 0
            let options = ScanOptions(limit: 1_000, byteLimit: byteLimit, keysOnly: keysOnly)
            let cursor = try store.engine.scan(options, now: store.now, session: store.session) { _, _ in count += 1 }
            #expect((cursor == nil) == (count == 100))
            return count
        }
        #expect(try page(1) == 1)
        #expect(try page(999) == 9)
        #expect(try page(1_000) == 10)
        #expect(try page(.max) == 100)
        #expect(try page(600, keysOnly: true) == 100)
    }

    @Test func aPageLooksAtABoundedNumberOfEntries() throws {
        let store = Store()
        for number in 0..<25_000 { try store.put(key16(number), ByteBuffer()) }
        var pages = 0
        var cursor: ByteBuffer?
        repeat {
            let options = ScanOptions(cursor: cursor, prefix: ByteBuffer(string: "no such prefix"))
            cursor = try store.engine.scan(options, now: store.now, session: store.session) { _, _ in
                Issue.record("nothing matches")
            }
            pages += 1
        } while cursor != nil
        #expect(pages >= 3)
    }

    @Test func bytesThatAreNoCursorAreRefused() throws {
        let store = Store()
        for number in 0..<100 { try store.put("\(number)", "v") }
        func scan(_ cursor: ByteBuffer, _ store: Store) throws {
            _ = try store.engine.scan(
                ScanOptions(cursor: cursor, limit: 1), now: store.now, session: store.session
            ) { _, _ in }
        }
        let cursor = try #require(
            try store.engine.scan(ScanOptions(limit: 1), now: store.now, session: store.session) { _, _ in })
        try scan(cursor, store)
        for length in 0..<cursor.readableBytes {
            #expect(throws: EngineError.invalidCursor) {
                try scan(#require(cursor.getSlice(at: 0, length: length)), store)
            }
        }
        for bit in 0..<cursor.readableBytes * 8 {
            var flipped = cursor
            let byte = try #require(cursor.getInteger(at: bit / 8, as: UInt8.self))
            flipped.setInteger(byte ^ UInt8(1 << (bit % 8)), at: bit / 8)
            #expect(throws: EngineError.invalidCursor) { try scan(flipped, store) }
        }
        let other = Store(MemoryEngineConfiguration(shardCount: 4, seed: 2))
        #expect(throws: EngineError.invalidCursor) { try scan(cursor, other) }
    }

    /// Keys that stay are all found although the table grows twentyfold, or shrinks to a twentieth, between the pages.
    @Test(arguments: [true, false])
    func aScanIsCompleteWhileTheTableChangesItsSize(grows: Bool) throws {
        for seed in 0..<UInt64(Scale.pick(4, full: 40)) {
            let store = Store(MemoryEngineConfiguration(shardCount: 2, seed: seed))
            let stay = Set((0..<500).map { "stay\($0)" })
            for key in stay { try store.put(key, "v") }
            if !grows { for number in 0..<10_000 { try store.put("go\(number)", "v") } }
            var found: Set<String> = []
            var changed = 0
            var cursor: ByteBuffer?
            repeat {
                let options = ScanOptions(cursor: cursor, limit: 10)
                cursor = try store.engine.scan(options, now: store.now, session: store.session) { key, _ in
                    unsafe found.insert(key.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
                }
                for _ in 0..<150 where changed < 10_000 {
                    if grows { try store.put("go\(changed)", "v") } else { _ = try store.remove("go\(changed)") }
                    changed += 1
                }
            } while cursor != nil
            #expect(stay.isSubset(of: found))
            store.engine._checkInvariants()
        }
    }
}
