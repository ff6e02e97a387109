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

    /// Replays with `workers`, each of which applies what is its own.
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
        for worker in 0..<workers {
            let own = records.filter { $0.worker == worker }
            replay.apply(own.span, worker: worker, of: workers)
        }
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
        let changes = (1...2_000).map {
            Change(kind: .put, key: "key \($0)", value: String(repeating: "x", count: 100), lsn: Int64($0))
        }
        let full = Store(MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: 64 << 10, seed: 1))
        replay(changes, into: full)
        #expect(full.engine.statistics().keys == 2_000)
        #expect(MemoryReplay(into: full.engine, now: full.now).bytesOverLimit > 0)
        let evicting = Store(
            MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: 64 << 10, evictionPolicy: .s3fifo, seed: 1))
        replay(changes, into: evicting)
        #expect(evicting.engine.statistics().keys < 1_000)
        #expect(evicting.engine.statistics().keys > 100)
    }

    @Test func largeValuesAreSharedAsThoseOfAPut() {
        let store = Store()
        let value = String(repeating: "v", count: MemoryEngine.sharedValueBytesMin)
        replay([Change(kind: .put, key: "k", value: value, lsn: 1)], into: store)
        #expect(store.get("k").isShared)
        #expect(store.text("k") == value)
    }
}
