//! Reads: on the caller's thread, without a lock, without an allocation.
//!
//! A list of keys is read in groups of `ReadBatch.capacity`, each in three passes, so that the memory latencies of a
//! group overlap instead of adding up: (1) hash all keys and prefetch their buckets; (2) look for each key's tag in its
//! bucket and prefetch the entry; (2b) the same for keys whose chain goes on; (3) compare the key, check the expiry,
//! fill the result. Then the sink is called, once, while the entries are in the cache.
//!
//! Unsafe inside: between the passes it keeps the addresses of keys (the list is borrowed for the whole call) and of
//! buckets and entries (the session is pinned for the whole call).

internal import NeedletailThreads
public import NeedletailWire
public import StorageEngine
public import Timing

extension MemoryEngine {
    public func read(
        _ key: RawSpan, now: WallTime, session: MemorySession, into sink: (borrowing ReadBatch) -> Void
    ) {
        session.pin()
        defer { session.unpin() }
        unsafe key.withUnsafeBytes { bytes in
            unsafe session.items.initialize(to: lookUp(Key(bytes, hash: shared.hash), now: now, session: session))
        }
        sink(unsafe ReadBatch(Span(_unsafeStart: session.items, count: 1)))
    }

    public func read(
        _ keys: BinaryList, now: WallTime, session: MemorySession, into sink: (borrowing ReadBatch) -> Void
    ) {
        session.pin()
        defer { session.unpin() }
        var start = 0
        while start < keys.count {
            let count = min(ReadBatch.capacity, keys.count - start)
            lookUp(keys, from: start, count: count, now: now, session: session)
            sink(unsafe ReadBatch(Span(_unsafeStart: session.items, count: count)))
            start += count
        }
    }

    // MARK: One key

    /// - Precondition: the session is pinned.
    @inline(__always)
    private func lookUp(_ key: Key, now: WallTime, session: MemorySession) -> ReadItem {
        switch head(shardIndex(key.hash)).find(key) {
        case .found(let entry):
            session.noteSize(EntryRef.headerBytes &+ key.count &+ entry.valueCount)
            return item(entry, now: now)
        case .missing: return ReadItem(.missing)
        case .unsure: return lookUpLocked(key, now: now)
        }
    }

    @inline(__always)
    private func item(_ entry: EntryRef, now: WallTime) -> ReadItem {
        if entry.isExpired(at: now) { return ReadItem(.missing) }
        entry.noteAccess()
        return entry.item
    }

    /// The lookup for when entries moved while it was tried without the lock.
    @inline(never)
    private func lookUpLocked(_ key: Key, now: WallTime) -> ReadItem {
        let shard = shard(key.hash)
        shard.lock.lock()
        defer { shard.lock.unlock() }
        guard let position = shard.table.find(key) else { return ReadItem(.missing) }
        return item(position.entry, now: now)
    }

    // MARK: Many keys

    @inline(never)
    private func lookUp(_ keys: BinaryList, from start: Int, count: Int, now: WallTime, session: MemorySession) {
        let probes = unsafe session.probes
        let items = unsafe session.items
        let hash = shared.hash
        // 1: hash, prefetch buckets.
        for index in 0..<count {
            unsafe keys[start &+ index].withUnsafeBytes { bytes in
                let key = unsafe Key(bytes, hash: hash)
                let head = head(shardIndex(key.hash))
                let moves = head.moves
                let bucket = head.bucket(for: key.hash)
                bucket?.prefetch()
                unsafe (probes + index).initialize(
                    to: MemorySession.Probe(key: key, moves: moves, bucket: bucket, candidate: nil))
            }
        }
        // 2: find the tag, prefetch entries; buckets that the chain goes on in otherwise.
        let lines = session.prefetchLines
        var chained = 0
        for index in 0..<count {
            let probe = unsafe probes + index
            guard let bucket = unsafe probe.pointee.bucket else { continue }
            let (candidate, next) = unsafe bucket.candidate(tag: probe.pointee.key.tag)
            if let candidate {
                candidate.prefetch(lines: lines)
                unsafe probe.pointee.candidate = candidate
            } else {
                next?.prefetch()
                if next != nil { chained &+= 1 }
            }
            unsafe probe.pointee.bucket = next
        }
        // 2b: the second bucket of the chain.
        if chained > 0 {
            for index in 0..<count {
                let probe = unsafe probes + index
                guard unsafe probe.pointee.candidate == nil, let bucket = unsafe probe.pointee.bucket else { continue }
                let (candidate, next) = unsafe bucket.candidate(tag: probe.pointee.key.tag)
                candidate?.prefetch(lines: lines)
                unsafe probe.pointee.candidate = candidate
                unsafe probe.pointee.bucket = next
            }
        }
        // 3: compare, check, fill.
        for index in 0..<count {
            let probe = unsafe probes + index
            let key = unsafe probe.pointee.key
            let found: ReadItem
            if let candidate = unsafe probe.pointee.candidate, candidate.holds(key) {
                session.noteSize(EntryRef.headerBytes &+ key.count &+ candidate.valueCount)
                found = item(candidate, now: now)
            } else if unsafe probe.pointee.candidate == nil, unsafe probe.pointee.bucket == nil,
                unsafe probe.pointee.moves & 1 == 0,
                unsafe head(shardIndex(key.hash)).moves == probe.pointee.moves
            {
                // No tag in the whole chain, and nothing has moved since before it was looked at.
                found = ReadItem(.missing)
            } else {
                // A longer chain, another key with the same tag, or entries that moved: rare, one by one.
                found = lookUp(key, now: now, session: session)
            }
            unsafe (items + index).initialize(to: found)
        }
    }
}

extension BucketRef {
    /// The first entry in this bucket with the tag, which is very likely the key's, and the chain's next bucket.
    @inline(__always)
    func candidate(tag: UInt64) -> (EntryRef?, BucketRef?) {
        var candidate = SlotWord.empty
        var last = SlotWord.empty
        for index in 0..<slotCount {
            last = self[index].load()
            if last.hasTag(tag), candidate.isEmpty { candidate = last }
        }
        return (candidate.isEmpty ? nil : candidate.entry, last.isLink ? last.overflow : nil)
    }
}
