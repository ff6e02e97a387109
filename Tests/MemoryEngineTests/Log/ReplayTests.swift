//! The rules by which records become entries.

import NIOCore
import StorageEngine
import Testing
import Timing
import WriteAheadLog

@testable import MemoryEngine

@Suite struct ReplayTests {
    /// One change as the log has it.
    private struct Change {
        var kind: LogRecord.Change
        var key: String
        var value = ""
        var lsn: Int64
        var expiry = WallTime.distantFuture
    }

    /// Replays with `workers`, each of which applies what is its own, of so many records at once.
    private func replay(_ changes: [Change], into store: Store, workers: Int = 1) {
        let bytes = changes.map { (key: Array($0.key.utf8), value: Array($0.value.utf8)) }
        // One piece of memory for all, which does not move.
        let all = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes.reduce(1) { $0 + $1.key.count + $1.value.count }, alignment: 8)
        defer { unsafe all.deallocate() }
        var end = 0
        func keep(_ part: [UInt8]) -> UnsafeRawBufferPointer {
            unsafe UnsafeMutableRawBufferPointer(rebasing: all[end..<(end + part.count)]).copyBytes(from: part)
            defer { end += part.count }
            return unsafe UnsafeRawBufferPointer(rebasing: all[end..<(end + part.count)])
        }
        var records: [LogRecord] = []
        for (change, bytes) in zip(changes, bytes) {
            records.append(
                unsafe LogRecord(
                    change.kind, lsn: change.lsn, expiry: change.expiry, key: keep(bytes.key),
                    value: keep(bytes.value)))
        }
        let replay = MemoryReplay(into: store.engine, now: store.now)
        var span = records.mutableSpan
        replay.place(&span, workers: workers)
        for first in stride(from: 0, to: records.count, by: Self.blockRecords) {
            let block = records[first..<min(first + Self.blockRecords, records.count)]
            for worker in 0..<workers {
                let own = block.filter { $0.worker == worker }
                if !own.isEmpty { replay.apply(own.span, worker: worker, of: workers) }
            }
        }
        replay.end()
    }

    private static let blockRecords = 1_000

    /// Puts of different keys, whose entries are of one size.
    private func puts(_ count: Int, valueBytes: Int = 100) -> [Change] {
        let value = String(repeating: "x", count: valueBytes)
        return (1...count).map { Change(kind: .put, key: "key \($0)", value: value, lsn: Int64($0)) }
    }

    private func evictingStore(limit: Int, shards: Int = 4) -> Store {
        Store(
            MemoryEngineConfiguration(
                shardCount: shards, memoryLimitBytes: limit, evictionPolicy: .s3fifo, seed: 1))
    }

    @Test(arguments: [1, 3]) func recordsAreAppliedInTheirOrder(workers: Int) {
        let store = Store()
        var changes: [Change] = []
        for lsn in 1...1_000 {
            changes.append(Change(kind: .put, key: "\(lsn % 300)", value: "\(lsn)", lsn: Int64(lsn)))
        }
        changes.append(Change(kind: .remove, key: "7", lsn: 1_001))
        changes.append(Change(kind: .touch, key: "8", lsn: 1_002, expiry: store.expiry(in: 500)))
        replay(changes, into: store, workers: workers)
        #expect(store.engine.statistics().keys == 299)
        #expect(store.text("7") == nil)
        #expect(store.text("99") == "999")
        #expect(store.get("99").version == 999)
        #expect(store.text("8") == "908")
        #expect(store.get("8").version == 1_002)
        #expect(store.get("8").expiry == store.expiry(in: 500))
    }

    @Test func whatIsAsNewAsTheRecordStays() {
        let store = Store()
        replay(
            [
                // A snapshot's entry, newer than the log's first records.
                Change(kind: .put, key: "k", value: "new", lsn: 10),
                Change(kind: .put, key: "k", value: "old", lsn: 8), Change(kind: .remove, key: "k", lsn: 9),
                Change(kind: .touch, key: "k", lsn: 10, expiry: store.expiry(in: 5)),
                // Entries of a batch, whose last one stands first.
                Change(kind: .put, key: "b", value: "last", lsn: 20),
                Change(kind: .put, key: "b", value: "first", lsn: 20),
                Change(kind: .touch, key: "nobody", lsn: 21), Change(kind: .remove, key: "nobody", lsn: 22),
            ], into: store)
        #expect(store.text("k") == "new")
        #expect(store.get("k").version == 10)
        #expect(store.get("k").expiry == .distantFuture)
        #expect(store.text("b") == "last")
        #expect(store.engine.statistics().keys == 2)
    }

    @Test func whatHasExpiredCanBeProlongedByALaterRecord() {
        let store = Store()
        replay(
            [
                Change(kind: .put, key: "prolonged", value: "1", lsn: 1, expiry: store.expiry(in: -1_000)),
                Change(kind: .put, key: "expired", value: "1", lsn: 2, expiry: store.expiry(in: -1_000)),
                Change(kind: .touch, key: "prolonged", lsn: 3),
            ], into: store)
        #expect(store.text("prolonged") == "1")
        #expect(store.text("expired") == nil)
        store.maintain()
        #expect(store.engine.statistics().keys == 1)
    }

    @Test func theMemoryLimitHoldsWithEvictionAndIsPassedWithout() {
        let changes = puts(2_000)
        let full = Store(MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: 64 << 10, seed: 1))
        replay(changes, into: full)
        #expect(full.engine.statistics().keys == 2_000)
        #expect(MemoryReplay(into: full.engine, now: full.now).bytesOverLimit > 0)
        let evicting = evictingStore(limit: 64 << 10)
        replay(changes, into: evicting)
        #expect(evicting.engine.statistics().keys < 1_000)
        #expect(evicting.engine.statistics().keys > 100)
    }

    @Test(arguments: [1, 3]) func tablesForFarTooManyEntriesEvictNone(workers: Int) {
        let changes = puts(20_000)
        let unlimited = evictingStore(limit: 0)
        MemoryReplay(into: unlimited.engine, now: unlimited.now).begin(expecting: 80_000)
        replay(changes, into: unlimited, workers: workers)
        let needed = unlimited.engine.statistics()

        let limit = (needed.entryBytes + needed.tableBytes) / 32 * 33
        let store = evictingStore(limit: limit)
        MemoryReplay(into: store.engine, now: store.now).begin(expecting: 10_000_000)
        let reserved = store.engine.statistics().tableBytes
        #expect(reserved <= limit / 8)
        #expect(reserved + needed.entryBytes > limit, "the entries do not fit beside these tables")
        replay(changes, into: store, workers: workers)
        #expect(store.engine.statistics().keys == 20_000)
        #expect(store.engine.statistics().evictedKeys == 0)
        store.engine._checkInvariants()
    }

    /// What is applied at once is so much that the limit is far before it and passed after it.
    @Test func tablesAreGivenBackBeforeTheFirstEviction() {
        let changes = puts(4 * Self.blockRecords, valueBytes: 1_000)
        let unlimited = evictingStore(limit: 0, shards: 1)
        MemoryReplay(into: unlimited.engine, now: unlimited.now).begin(expecting: 100_000)
        replay(changes, into: unlimited)
        let needed = unlimited.engine.statistics()

        let limit = (needed.entryBytes + needed.tableBytes) / 32 * 33
        let store = evictingStore(limit: limit, shards: 1)
        MemoryReplay(into: store.engine, now: store.now).begin(expecting: 100_000)
        #expect(store.engine.statistics().tableBytes + needed.entryBytes > limit)
        replay(changes, into: store)
        #expect(store.engine.statistics().evictedKeys == 0)
        store.engine._checkInvariants()
    }

    @Test(arguments: [1, 3]) func aLargeValueEvictsALittleOfManyShardsAndNotItself(workers: Int) {
        let limit = 4 << 20
        let store = evictingStore(limit: limit, shards: 16)
        let value = String(repeating: "y", count: limit / 4)
        replay(
            puts(30_000) + [Change(kind: .put, key: "large", value: value, lsn: 30_001)], into: store,
            workers: workers)
        #expect(store.text("large") == value)
        // It takes what four shards have: more than one has, and less than the shards of one of three workers.
        #expect(store.engine.shards.allSatisfy { $0.table.count > 50 })
        store.engine._checkInvariants()
        store.engine._collectAll()
        let statistics = store.engine.statistics()
        #expect(statistics.entryBytes + statistics.tableBytes < limit + limit / 32)
    }

    /// Values so large that few shards have any: each is alone where it is.
    @Test(arguments: [1, 3]) func theMemoryLimitHoldsWhereEveryShardHasOneEntry(workers: Int) {
        let limit = 4 << 20
        let store = evictingStore(limit: limit, shards: 16)
        replay(puts(30, valueBytes: limit / 5), into: store, workers: workers)
        store.engine._checkInvariants()
        store.engine._collectAll()
        let statistics = store.engine.statistics()
        #expect(statistics.entryBytes + statistics.tableBytes < limit + limit / 32)
        #expect(statistics.keys > 0)
    }

    @Test func aValueThatIsLargerThanTheLimitEvictsNothingElse() {
        let store = evictingStore(limit: 1 << 20)
        let value = String(repeating: "y", count: 2 << 20)
        replay(puts(1_000) + [Change(kind: .put, key: "large", value: value, lsn: 1_001)], into: store)
        #expect(store.text("large") == nil)
        #expect(store.engine.statistics().keys == 1_000)
        #expect(store.engine.statistics().evictedKeys == 1)
        store.engine._checkInvariants()
    }

    @Test func largeValuesAreSharedAsThoseOfAPut() {
        let store = Store()
        let value = String(repeating: "v", count: MemoryEngine.sharedValueBytesMin)
        replay([Change(kind: .put, key: "k", value: value, lsn: 1)], into: store)
        #expect(store.get("k").isShared)
        #expect(store.text("k") == value)
    }
}
