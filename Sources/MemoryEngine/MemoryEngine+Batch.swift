//! Writes of many keys.
//!
//! An atomic batch holds the locks of all its shards, taken in the order of their index (so two batches never wait for
//! each other), makes room for everything first, and applies everything under one version; after the first change
//! nothing can fail. In a log it is one record. Readers take no locks and may see a batch half applied: a read of many keys is no snapshot.

internal import NIOCore
internal import NeedletailThreads
public import NeedletailWire
public import StorageEngine
public import Timing

extension MemoryEngine {
    public func multiPut(
        _ entries: [EngineEntry], atomic: Bool, now: WallTime, session: MemorySession
    ) throws(EngineError) -> [KeyStatus] {
        guard !entries.isEmpty else { return [] }
        guard atomic else { return try putEach(entries, now: now, session: session) }
        let hashes = entries.map { hash(of: $0) }
        let indices = Set(hashes.lazy.map { self.shardIndex($0) }).sorted()
        let puts = lastOfEachKey(entries, hashes)
        let kept = puts.map { Self.bufferToKeep($0.value) }
        do {
            session.lastChange = try putAll(puts, kept, in: indices, now: now)
        } catch .outOfMemory {
            let bytes = zip(puts, kept).reduce(0) { sum, entry in
                let held = entry.1?.storageCapacity ?? entry.0.value.readableBytes
                return sum + entry.0.key.readableBytes + held + Self.entryOverheadBytesMax
            }
            makeRoomElsewhere(after: indices[0], bytes: bytes, now: now)
            session.lastChange = try putAll(puts, kept, in: indices, now: now)
        }
        return Array(repeating: .stored, count: entries.count)
    }

    /// The entries but those whose key a later one has as well. A version names one value: a replay that has evicted
    /// the later one would take the earlier one for it.
    /// - Parameter hashes: of their keys.
    private func lastOfEachKey(_ entries: [EngineEntry], _ hashes: [UInt64]) -> [EngineEntry] {
        // Where all hashes differ, all keys do.
        guard entries.count > 1, Set(hashes).count < entries.count else { return entries }
        var seen = Set<ByteBuffer>(minimumCapacity: entries.count)
        return entries.reversed().filter { seen.insert($0.key).inserted }.reversed()
    }

    /// Puts one entry after another. Where there is no memory for one, the next may still fit; once the log takes no more,
    /// the rest has failed. If nothing was stored then, that is the call's error.
    private func putEach(
        _ entries: [EngineEntry], now: WallTime, session: MemorySession
    ) throws(EngineError) -> [KeyStatus] {
        var statuses: [KeyStatus] = []
        statuses.reserveCapacity(entries.count)
        for entry in entries {
            do {
                _ = try put(
                    entry.key.readableBytesSpan, value: entry.value.readableBytesSpan,
                    options: PutOptions(expiry: entry.expiry), now: now, session: session)
                statuses.append(.stored)
            } catch .outOfMemory {
                statuses.append(.failed)
            } catch {
                guard statuses.contains(.stored) else { throw error }
                return statuses + Array(repeating: .failed, count: entries.count - statuses.count)
            }
        }
        return statuses
    }

    /// Entries that a try of an atomic batch evicts in each of its shards, at most.
    private static let evictionsPerShardAndTry = 64

    private func hash(of entry: EngineEntry) -> UInt64 {
        precondition(entry.key.readableBytes <= Self.keyBytesMax, "keys have at most \(Self.keyBytesMax) bytes")
        return unsafe entry.key.readableBytesSpan.withUnsafeBytes { unsafe shared.hash.hash($0) }
    }

    private func putAll(
        _ entries: [EngineEntry], _ kept: [ByteBuffer?], in indices: [Int], now: WallTime
    ) throws(EngineError) -> Int64 {
        for index in indices { shards[index].lock.lock() }
        defer { for index in indices.reversed() { shards[index].lock.unlock() } }
        defer { for index in indices { shards[index].finishWrite() } }
        try makeRoom(for: entries, kept, in: indices, now: now)
        let version = try shards[indices[0]].logBatch(entries)
        for (entry, kept) in zip(entries, kept) {
            let source = kept ?? entry.value
            unsafe entry.key.readableBytesSpan.withUnsafeBytes { key in
                let key = unsafe Key(key, hash: shared.hash)
                EntryValue.lend(source.readableBytesSpan, kept: kept) { value in
                    let shard = shard(key.hash)
                    let position = shard.live(key, now: now)
                    shard.store(key, value: value, expiry: entry.expiry, version: version, replacing: position)
                }
            }
        }
        return version
    }

    /// Makes room for all entries, in the shards whose locks are held. What they replace does not count: it goes only
    /// once they are there.
    private func makeRoom(
        for entries: [EngineEntry], _ kept: [ByteBuffer?], in indices: [Int], now: WallTime
    ) throws(EngineError) {
        let limit = shared.account.limitBytes
        guard limit > 0 else { return }
        var bytes = 0
        for (entry, kept) in zip(entries, kept) {
            let key = entry.key.readableBytes
            let isTimed = entry.expiry != .distantFuture
            bytes += shards[indices[0]].chargeOfEntry(
                keyCount: key, valueCount: entry.value.readableBytes, storageBytes: kept?.storageCapacity,
                isTimed: isTimed)
        }
        // All shards' differences are told first, so that the account alone says what fits.
        func fits() -> Bool {
            for index in indices { shards[index].settle(exactly: true) }
            return shared.account.fits(bytes, unflushed: 0)
        }
        if fits() { return }
        for index in indices { _ = shards[index].expire(now: now, budget: Shard.expiriesPerWrite) }
        // A share from each; if that is not enough, all shards give, and the batch is tried again.
        var turns = shared.evicts && bytes <= limit ? Self.evictionsPerShardAndTry : 0
        while !fits() {
            guard turns > 0 else { throw .outOfMemory(limitBytes: limit) }
            turns -= 1
            for index in indices { _ = shards[index].evictOne(protecting: nil) }
        }
    }

    public func multiRemove(
        _ keys: BinaryList, now: WallTime, session: MemorySession
    ) throws(EngineError) -> RemovalOutcome {
        var all = RemovalOutcome(removed: 0, isChange: false)
        for index in keys.indices {
            do {
                let one = try remove(keys[index], ifVersion: nil, now: now, session: session)
                all.removed += one.removed
                if one.isChange { all.isChange = true }
            } catch {
                guard all.removed > 0 else { throw error }
                throw .interrupted(
                    reason: "\(all.removed) keys were removed before the others were refused: \(error.reason)")
            }
        }
        return all
    }
}
