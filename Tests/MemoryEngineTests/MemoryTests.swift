//! Memory: what an entry costs, that it comes back, and what happens at the limit.

import NIOCore
import NeedletailWire
import StorageEngine
import Testing
import Timing

@testable import MemoryEngine

@Suite struct MemoryTests {
    /// The service's promise is at most 40 bytes beyond key and value at 1,000,000 entries.
    @Test func anEntryCostsAtMost40BytesBeyondKeyAndValue() throws {
        let count = Scale.pick(200_000, full: 1_000_000)
        // As many entries in each shard as 1,000,000 have in 64.
        let store = Store(MemoryEngineConfiguration(shardCount: Scale.pick(16, full: 64), seed: 1))
        let value = ByteBuffer(repeating: 1, count: 100)
        for number in 0..<count { try store.put(key16(number), value) }
        store.engine._collectAll()
        let overhead = Double(store.engine.reservedBytes) / Double(count) - 116
        print("bytes per entry beyond key and value, at \(count) entries: \(overhead)")
        #expect(overhead <= 40)
        let statistics = store.engine.statistics()
        #expect(statistics.entryBytes + statistics.tableBytes <= store.engine.reservedBytes)
    }

    @Test func memoryComesBackAfterRemoval() throws {
        let store = Store()
        let empty = store.engine.reservedBytes
        for round in 0..<3 {
            for number in 0..<30_000 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100 + round)) }
            #expect(store.engine.reservedBytes > 30_000 * 116)
            for number in 0..<30_000 {
                let removed = try store.engine.remove(
                    key16(number).readableBytesSpan, ifVersion: nil, now: store.now, session: store.session)
                #expect(removed.removed == 1)
            }
            store.maintain()
            let statistics = store.engine.statistics()
            #expect(statistics.keys == 0 && statistics.entryBytes == 0)
            #expect(store.engine.reservedBytes <= empty + 4 << 10)
            store.engine._checkInvariants()
        }
        #expect(store.engine.shared.pool.mappedBytes <= PagePool.chunkBytes)
    }

    @Test func memoryOfExpiredEntriesComesBackWithoutReads() throws {
        let store = Store()
        let empty = store.engine.reservedBytes
        for number in 0..<20_000 {
            let options = PutOptions(expiry: store.expiry(in: Int64(1 + number % 60_000)))
            try store.put(key16(number), ByteBuffer(repeating: 1, count: 100), options)
        }
        for number in 0..<20 {
            try store.put("large\(number)", String(repeating: "x", count: 50_000), ttl: 10_000)
        }
        store.time.advance(byMilliseconds: 61_000)
        // Each call does a bounded piece.
        var calls = 0
        repeat {
            store.maintain()
            calls += 1
        } while store.engine.statistics().keys > 0 && calls < 100
        #expect(calls > 1 && calls < 100)
        store.maintain()
        #expect(store.engine.statistics().expiredKeys == 20_020)
        #expect(store.engine.reservedBytes <= empty + 4 << 10)
        store.engine._checkInvariants()
    }

    @Test func puttingAKeyWithAnExpiryAgainDoesNotGrow() throws {
        let store = Store()
        for number in 0..<10_000 { try store.put("key", "value", ttl: Int64(1_000 + number)) }
        #expect(store.engine.reservedBytes < 1 << 20)
        store.engine._checkInvariants()
        store.time.advance(byMilliseconds: 1_000)
        store.maintain()
        #expect(store.text("key") == "value")
    }

    @Test func theWorkersOfMaintainShareTheShards() throws {
        let store = Store()
        for number in 0..<400 { try store.put("\(number)", "v", ttl: 10) }
        store.time.advance(byMilliseconds: 1_000)
        store.engine.maintain(worker: 1, of: 2, now: store.now, session: store.session)
        let half = store.engine.statistics().keys
        #expect(half > 100 && half < 300)
        store.engine.maintain(worker: 0, of: 2, now: store.now, session: store.session)
        #expect(store.engine.statistics().keys == 0)
    }

    // MARK: The limit

    @Test func atTheLimitWritesFailAndRemovalWorks() throws {
        let limit = 1 << 20
        let store = Store(MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: limit, seed: 1))
        var count = 0
        #expect(throws: EngineError.outOfMemory(limitBytes: limit)) {
            while true {
                try store.put(key16(count), ByteBuffer(repeating: 1, count: 100))
                count += 1
            }
        }
        let statistics = store.engine.statistics()
        #expect(statistics.entryBytes + statistics.tableBytes > limit * 9 / 10)
        #expect(statistics.entryBytes + statistics.tableBytes < limit * 11 / 10)
        // What is there can be overwritten at its size; more cannot be added.
        try store.put(key16(0), ByteBuffer(repeating: 2, count: 100))
        #expect(throws: EngineError.outOfMemory(limitBytes: limit)) {
            try store.put(key16(0), ByteBuffer(repeating: 2, count: 30_000))
        }
        #expect(store.get(BinaryList([key16(0)]))[0].value == Array(repeating: 2, count: 100))
        let removed = try store.engine.multiRemove(
            BinaryList((0..<100).map { key16($0) }), now: store.now, session: store.session)
        #expect(removed.removed == 100)
        for number in 0..<50 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100)) }
        store.engine._checkInvariants()
    }

    @Test func atTheLimitExpiredEntriesMakeRoom() throws {
        let store = Store(MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: 1 << 20, seed: 1))
        var count = 0
        while (try? store.put("\(count)", String(repeating: "x", count: 100), ttl: 1_000)) != nil { count += 1 }
        store.time.advance(byMilliseconds: 2_000)
        for number in 0..<count / 2 { try store.put("new\(number)", String(repeating: "x", count: 100)) }
        store.engine._checkInvariants()
    }

    @Test func anAtomicBatchIsAllOrNothingAtTheLimit() throws {
        let limit = 1 << 20
        let store = Store(MemoryEngineConfiguration(shardCount: 8, memoryLimitBytes: limit, seed: 1))
        func batch(_ count: Int, _ size: Int, _ name: String) -> [EngineEntry] {
            (0..<count).map {
                EngineEntry(key: ByteBuffer(string: "\(name)\($0)"), value: ByteBuffer(repeating: 1, count: size))
            }
        }
        func put(_ entries: [EngineEntry], atomic: Bool) throws(EngineError) -> [KeyStatus] {
            try store.engine.multiPut(entries, atomic: atomic, now: store.now, session: store.session)
        }
        _ = try put(batch(1_000, 500, "first"), atomic: true)
        let keys = store.engine.statistics().keys
        #expect(throws: EngineError.outOfMemory(limitBytes: limit)) { try put(batch(2_000, 500, "x"), atomic: true) }
        #expect(throws: EngineError.outOfMemory(limitBytes: limit)) { try put(batch(30, 40_000, "x"), atomic: true) }
        #expect(store.engine.statistics().keys == keys && store.get("x0").status == .missing)
        // Not atomic: what fits is stored, and the statuses say which.
        let statuses = try put(batch(2_000, 500, "x"), atomic: false)
        #expect(statuses.contains(.stored) && statuses.contains(.failed))
        for (index, status) in statuses.enumerated() {
            #expect(store.get("x\(index)").status == (status == .stored ? .found : .missing))
        }
        store.engine._checkInvariants()
    }

    // MARK: Large values

    @Test func largeValuesAreSharedAndAccountedByTheirStorage() throws {
        let store = Store()
        let exact = ByteBuffer(repeating: 7, count: 65_536)
        try store.put(ByteBuffer(string: "exact"), exact)
        let kept = store.engine.statistics().entryBytes
        #expect(kept >= exact.storageCapacity && kept < exact.storageCapacity + 200)
        // A small slice of a large buffer does not keep all of it.
        let slice = try #require(ByteBuffer(repeating: 7, count: 1 << 20).getSlice(at: 0, length: 20_000))
        try store.put(ByteBuffer(string: "slice"), slice)
        let added = store.engine.statistics().entryBytes - kept
        #expect(added >= 20_000 && added < 21_000)
        #expect(store.get("exact").isShared && store.get("slice").isShared && store.get("slice").value.count == 20_000)
        #expect(try store.touch("slice", ttl: 10))
        #expect(store.get("slice").value == Array(repeating: 7, count: 20_000))
        #expect(try store.remove("exact"))
        store.time.advance(byMilliseconds: 1_000)
        store.maintain()
        #expect(store.engine.statistics().entryBytes == 0)
    }

    @Test func aValueThatWasReadOutlivesItsEntry() throws {
        struct KeepingSink {
            var kept: ByteBuffer?
            mutating func append(_ batch: borrowing ReadBatch) { kept = batch[0].shared }
        }
        let store = Store()
        try store.put("k", String(repeating: "v", count: 20_000))
        var sink = KeepingSink()
        let key = ByteBuffer(string: "k")
        store.engine.read(key.readableBytesSpan, now: store.now, session: store.session) { sink.append($0) }
        #expect(try store.remove("k"))
        store.maintain()
        #expect(sink.kept.map { String(buffer: $0) } == String(repeating: "v", count: 20_000))
    }

    // MARK: Fragmentation

    @Test func pagesThatAreNearlyEmptyAreEmptiedByMaintain() throws {
        let store = Store()
        for number in 0..<40_000 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100)) }
        let full = store.engine.reservedBytes
        for number in 0..<40_000 where number % 8 != 0 {
            _ = try store.engine.remove(
                key16(number).readableBytesSpan, ifVersion: nil, now: store.now, session: store.session)
        }
        for _ in 0..<100 { store.maintain() }
        store.engine._checkInvariants()
        #expect(store.engine.reservedBytes < full / 4)
        for number in 0..<40_000 {
            #expect(store.get(BinaryList([key16(number)]))[0].status == (number % 8 == 0 ? .found : .missing))
        }
    }
}
