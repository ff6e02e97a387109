//! Eviction: writes go on at the limit, what is read stays.

import NIOCore
import NeedletailWire
import StorageEngine
import Testing
import Timing

@testable import MemoryEngine

@Suite struct EvictionTests {
    @Test func writesGoOnAtTheLimitAndMemoryStaysBelowIt() throws {
        let limit = 2 << 20
        let store = Store(
            MemoryEngineConfiguration(shardCount: 8, memoryLimitBytes: limit, evictionPolicy: .s3fifo, seed: 1))
        var generator = SeededGenerator(seed: 9)
        for number in 0..<30_000 {
            let length = number % 500 == 0 ? 50_000 : Int.random(in: 0...300, using: &generator)
            try store.put(key16(number), ByteBuffer(repeating: 1, count: length))
            if number % 1_000 == 0 {
                store.engine._collectAll()
                let statistics = store.engine.statistics()
                #expect(statistics.entryBytes + statistics.tableBytes < limit + limit / 10)
            }
            if number % 5_000 == 0 { store.engine._checkInvariants() }
        }
        let statistics = store.engine.statistics()
        #expect(statistics.evictedKeys > 10_000 && statistics.keys + statistics.evictedKeys == 30_000)
    }

    @Test func whatIsReadOftenSurvivesAFloodOfKeysThatAreReadOnce() throws {
        let store = Store(
            MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: 1 << 20, evictionPolicy: .s3fifo, seed: 1))
        let hot = BinaryList((0..<200).map { key16($0) })
        for number in 0..<200 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100)) }
        for number in 1_000..<40_000 {
            try store.put(key16(number), ByteBuffer(repeating: 1, count: 100))
            if number % 100 == 0 { _ = store.get(hot) }
        }
        #expect(store.get(hot).filter { $0.status == .found }.count > 190)
        store.engine._checkInvariants()
    }

    @Test func anAtomicBatchEvictsForAllOfItOrFails() throws {
        let limit = 1 << 20
        let store = Store(
            MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: limit, evictionPolicy: .s3fifo, seed: 1))
        for number in 0..<10_000 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100)) }
        func batch(_ count: Int) -> [EngineEntry] {
            (0..<count).map {
                EngineEntry(key: ByteBuffer(string: "b\($0)"), value: ByteBuffer(repeating: 1, count: 1_000))
            }
        }
        let statuses = try store.engine.multiPut(batch(500), atomic: true, now: store.now, session: store.session)
        #expect(statuses.count == 500 && (0..<500).allSatisfy { store.get("b\($0)").status == .found })
        let keys = store.engine.statistics().keys
        #expect(throws: EngineError.outOfMemory(limitBytes: limit)) {
            try store.engine.multiPut(batch(5_000), atomic: true, now: store.now, session: store.session)
        }
        #expect(store.engine.statistics().keys > 0 && keys > 0)
        store.engine._checkInvariants()
    }

    @Test func aLargeValueCostsAllShardsALittleAndOneThatCannotFitNothing() throws {
        let limit = 4 << 20
        let store = Store(
            MemoryEngineConfiguration(shardCount: 16, memoryLimitBytes: limit, evictionPolicy: .s3fifo, seed: 1))
        for number in 0..<30_000 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100)) }
        let keys = store.engine.statistics().keys
        #expect(throws: EngineError.outOfMemory(limitBytes: limit)) {
            try store.put(key16(0), ByteBuffer(repeating: 1, count: limit + 1))
        }
        #expect(store.engine.statistics().keys == keys)
        // A quarter of the limit is four shards' worth, yet no shard is emptied.
        try store.put(key16(0), ByteBuffer(repeating: 1, count: limit / 4))
        #expect(store.engine.shards.allSatisfy { $0.table.count > keys / 16 / 2 })
        store.engine._checkInvariants()
    }

    @Test func roomIsMadeForAllThatAValueHolds() throws {
        let store = Store(
            MemoryEngineConfiguration(shardCount: 64, memoryLimitBytes: 4 << 20, evictionPolicy: .s3fifo, seed: 1))
        for number in 0..<30_000 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100)) }
        // Storage of 2 MiB, an eighth of it unused.
        var value = ByteBufferAllocator().buffer(capacity: 2 << 20)
        value.writeRepeatingByte(1, count: (2 << 20) / 8 * 7)
        try store.put(key16(0), value)
        let batch = [EngineEntry(key: key16(1), value: value)]
        #expect(try store.engine.multiPut(batch, atomic: true, now: store.now, session: store.session) == [.stored])
        store.engine._checkInvariants()
    }

    @Test func whatWasEvictedIsForgottenWhenNothingIsLeft() throws {
        let store = Store(
            MemoryEngineConfiguration(shardCount: 1, memoryLimitBytes: 1 << 20, evictionPolicy: .s3fifo, seed: 1))
        let empty = store.engine.reservedBytes
        for number in 0..<20_000 { try store.put(key16(number), ByteBuffer(repeating: 1, count: 100)) }
        let keys = BinaryList((0..<20_000).map { key16($0) })
        _ = try store.engine.multiRemove(keys, now: store.now, session: store.session)
        store.engine._collectAll()
        #expect(store.engine.reservedBytes <= empty + 4 << 10)
    }

    @Test func incrementsAndTouchesWorkAtTheLimit() throws {
        let store = Store(
            MemoryEngineConfiguration(shardCount: 2, memoryLimitBytes: 256 << 10, evictionPolicy: .s3fifo, seed: 1))
        for number in 0..<5_000 {
            try store.put(key16(number), ByteBuffer(repeating: 1, count: 100))
            _ = try store.increment("counter", ttl: 1_000_000)
            _ = try store.touch("counter", ttl: number % 2 == 0 ? nil : 1_000_000)
        }
        store.engine._checkInvariants()
    }

    @Test func withoutAPolicyAnEntryHasNoLinks() throws {
        let plain = Store()
        let evicting = Store(MemoryEngineConfiguration(shardCount: 4, evictionPolicy: .s3fifo, seed: 1))
        for store in [plain, evicting] { try store.put(key16(1), ByteBuffer(repeating: 1, count: 100)) }
        #expect(plain.engine.statistics().entryBytes == 136 && evicting.engine.statistics().entryBytes == 152)
    }
}
