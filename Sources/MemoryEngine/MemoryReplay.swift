//! Replaying a log into an engine: the changes of a directory, applied to the shards that they belong to.
//!
//! Records come in thousands, most of their keys are not in any cache, and nobody else uses the engine yet. So they are
//! taken in groups, like the keys of a multiGet: the buckets of a group are prefetched, then the entries that they point
//! to, then the records are applied one by one; the memory latencies of a group overlap.
//!
//! Threads: each worker has shards of its own (`place`), and only it changes them while records are replayed. Their locks
//! are taken all the same, because statistics are read meanwhile: once for thousands of records, as a lock that is released
//! waits for all that was written before, which here would be the memory of each new entry.
//!
//! Unsafe inside: a record lends its bytes until `apply` returns, which is longer than any use of them here. Buckets and
//! slots are looked at without lock and pin, because only this thread changes them and frees what it replaces. Shards are used
//! without counting references: the engine keeps them, and the replay the engine.

internal import NIOCore
internal import NeedletailThreads
internal import StorageEngine
public import Timing
public import WriteAheadLog

/// A memory engine, as a log's records are replayed into it.
@safe
public struct MemoryReplay: ReplayTarget {
    /// Records whose memory is fetched together.
    private static let groupSize = 32
    /// What tables may take before there are entries for them is one in this many bytes of the memory limit: how many
    /// come is a guess. Entries of a hundred bytes need less.
    private static let reservedShare = 8

    private let engine: MemoryEngine
    private let now: WallTime
    /// Whether the memory limit holds already. Without eviction it waits for the next write: what was acknowledged is
    /// loaded.
    private let isBounded: Bool
    /// The engine's, in a form whose use counts no reference: an atomic count waits, like a lock, for the writes before it, and
    /// one a record was a third of a replay.
    private let shards: [Unmanaged<Shard>]

    /// - Parameter now: the present; what has expired by then is kept all the same until the replay has ended.
    /// - Precondition: the engine is empty, and not used for anything but its statistics.
    public init(into engine: MemoryEngine, now: WallTime) {
        self.engine = engine
        self.now = now
        isBounded = engine.shared.evicts && engine.shared.account.limitBytes > 0
        unsafe shards = unsafe engine.shards.map { unsafe Unmanaged.passUnretained($0) }
        for shard in engine.shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            shard.wheelStart = now
        }
    }

    private var reservedBytesMax: Int { engine.shared.account.limitBytes / Self.reservedShare }

    /// Makes the tables as large as they will be, so that none of them grows entry by entry.
    public func begin(expecting changes: Int) {
        let bytesMax = engine.shared.account.limitBytes == 0 ? Int.max : reservedBytesMax / engine.shards.count
        for shard in engine.shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            shard.reserve(changes / engine.shards.count, bytesMax: bytesMax)
        }
    }

    /// Gives back what the tables were made too large, and has all shards evict what is still too much.
    public func end() {
        for shard in engine.shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            shard.trim()
        }
        guard isBounded, !engine.shared.account.fits(0, unflushed: 0) else { return }
        engine.makeRoomElsewhere(after: 0, bytes: 0, now: now)
    }

    public func place(_ records: inout MutableSpan<LogRecord>, workers: Int) {
        for index in records.indices {
            let hash = unsafe records[index].key.withUnsafeBytes { unsafe engine.shared.hash.hash($0) }
            records[index].hash = hash
            records[index].worker = engine.shardIndex(hash) % workers
        }
    }

    public func apply(_ records: Span<LogRecord>, worker: Int, of workers: Int) {
        let own = stride(from: worker, to: engine.shards.count, by: workers)
        for index in own { engine.shards[index].lock.lock() }
        defer { for index in own { engine.shards[index].lock.unlock() } }
        // In time: other workers would evict for want of the room that these tables take.
        if isBounded, !engine.shared.account.fits(reservedBytesMax, unflushed: 0) { trimTables(worker, of: workers) }
        var first = 0
        while first < records.count {
            let group = first..<min(first + Self.groupSize, records.count)
            for index in group { bucket(records[index].hash)?.prefetch() }
            for index in group {
                let hash = records[index].hash
                guard let (candidate, next) = bucket(hash)?.candidate(tag: KeyHash.tag(hash)) else { continue }
                if let candidate { candidate.prefetch(lines: 1) } else { next?.prefetch() }
            }
            for index in group { apply(records[index], worker, of: workers) }
            first = group.upperBound
        }
    }

    @inline(__always)
    private func bucket(_ hash: UInt64) -> BucketRef? { engine.head(engine.shardIndex(hash)).bucket(for: hash) }

    @inline(__always)
    private func apply(_ record: LogRecord, _ worker: Int, of workers: Int) {
        unsafe shards[engine.shardIndex(record.hash)]._withUnsafeGuaranteedRef { shard in
            unsafe record.key.withUnsafeBytes { key in
                let key = unsafe Key(key, knownHash: record.hash)
                switch record.change {
                case .put: shard.replayPut(key, record)
                case .remove: shard.replayRemove(key, record)
                case .touch: shard.replayTouch(key, record)
                }
                if isBounded, !shard.fits(0) { makeRoom(for: key, worker, of: workers) }
            }
            shard.finishWrite()
        }
    }

    /// Gives back what the tables of a worker's shards were made too large.
    private func trimTables(_ worker: Int, of workers: Int) {
        for index in stride(from: worker, to: engine.shards.count, by: workers)
        where engine.shards[index].table.isSparse {
            engine.shards[index].trim()
        }
    }

    /// Makes room after a change of `key` went over the memory limit: by what tables were made too large, and if that
    /// is not enough by evicting, as a write does, some entries of the key's own shard and then a few of each in turn;
    /// never the key's. These are the worker's shards, whose locks it holds. So the limit is passed by about one entry
    /// for each worker at most, and only until `end`, when all shards give.
    @inline(never)
    private func makeRoom(for key: Key, _ worker: Int, of workers: Int) {
        let index = engine.shardIndex(key.hash)
        let shard = engine.shards[index]
        if shard.table.isSparse { trimTables(worker, of: workers) }
        let position = shard.table.find(key)
        var changed = position?.entry
        // What is larger than the limit would not fit if everything else went.
        if let position, shard.charge(of: position.entry) > engine.shared.account.limitBytes {
            shard.evict(position)
            changed = nil
        }
        shard.evict(toFit: 0, protecting: changed)
        if shard.fits(0) { return }
        shard.settle(exactly: true)
        let count = (engine.shards.count - worker + workers - 1) / workers
        var hasMore = true
        while hasMore {
            hasMore = false
            for step in 1...count {
                let other = engine.shards[worker + (index / workers + step) % count * workers]
                if other.evictTurn(protecting: changed) { hasMore = true }
                if engine.shared.account.fits(0, unflushed: 0) { return }
            }
        }
    }

    /// Bytes by which the entries are over the memory limit; 0 if they are not.
    public var bytesOverLimit: Int {
        let statistics = engine.statistics()
        guard statistics.memoryLimitBytes > 0 else { return 0 }
        return max(0, statistics.entryBytes + statistics.tableBytes - statistics.memoryLimitBytes)
    }
}

extension Key {
    /// - Precondition: `bytes` outlives the key, and `hash` is its hash.
    @unsafe
    @inline(__always)
    fileprivate init(_ bytes: UnsafeRawBufferPointer, knownHash hash: UInt64) {
        unsafe self.init(start: bytes.baseAddress.unsafelyUnwrapped, count: bytes.count, hash: hash)
    }
}

/// The rules of `ReplayTarget`: what is there and as new as the record, or newer, stays.
extension Shard {
    fileprivate func replayPut(_ key: Key, _ record: LogRecord) {
        let position = table.find(key)
        if let position, position.entry.version >= record.lsn { return }
        if record.value.byteCount >= MemoryEngine.sharedValueBytesMin {
            let kept = MemoryEngine.bufferToKeep(copying: record.value)
            replay(key, record, kept.readableBytesSpan, kept: kept, replacing: position)
        } else {
            replay(key, record, record.value, kept: nil, replacing: position)
        }
    }

    @inline(__always)
    private func replay(
        _ key: Key, _ record: LogRecord, _ value: RawSpan, kept: ByteBuffer?, replacing position: Table.Position?
    ) {
        EntryValue.lend(value, kept: kept) {
            store(key, value: $0, expiry: record.expiry, version: record.lsn, replacing: position)
        }
    }

    fileprivate func replayRemove(_ key: Key, _ record: LogRecord) {
        guard let position = table.find(key), position.entry.version < record.lsn else { return }
        remove(position)
    }

    fileprivate func replayTouch(_ key: Key, _ record: LogRecord) {
        guard let position = table.find(key), position.entry.version < record.lsn else { return }
        store(
            key, value: position.entry.valueToKeep, expiry: record.expiry, version: record.lsn, replacing: position)
    }
}
