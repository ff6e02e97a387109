//! The embedded engine: a hash table in memory, in shards, read without locks.
//!
//! A key's hash chooses a shard (Shard.swift). A write takes that shard's lock for some hundred nanoseconds; a read
//! takes none: it pins its session (Reclamation.swift) and follows slots to an entry that never changes once published
//! (TableHead.swift says why that is right, Entry.swift how an entry looks). Tables grow and shrink a bucket at a time
//! (Table.swift), memory comes from slabs (SlabAllocator.swift), expiry is a timing wheel for each shard, eviction is
//! S3-FIFO (S3FIFO.swift).
//!
//! Threads: any number, each with a session of its own. Locks: a thread holds one shard's lock, or several taken in the
//! order of their index (an atomic batch); the page pool's lock comes last. Nothing that belongs to a caller, sinks and
//! closures included, is called with a lock held.
//!
//! A log, if there is one, is attached once everything in it was replayed (MemoryEngine+Log.swift, Shard+Log.swift). It is
//! an optional and not a generic parameter: without one a write pays for a comparison with nil.
//!
//! Always true: versions of one key only grow, in the order in which its changes can be seen.

public import NIOCore
internal import NeedletailThreads
public import StorageEngine
public import Timing

/// An in-memory key-value store for many reading and writing threads.
@safe
public final class MemoryEngine: StorageEngine, @unchecked Sendable {
    public typealias Session = MemorySession

    /// Keys may have this many bytes; the service's own limit is lower.
    public static let keyBytesMax = EntryRef.keyBytesMax
    /// Values may have this many bytes.
    public static let valueBytesMax = Int(UInt32.max)
    /// Values of this size and up are kept as a `ByteBuffer` and handed out by reference.
    public static let sharedValueBytesMin = 16 << 10

    let shared: SharedState
    let shards: [Shard]
    /// A hash shifted right by this is its shard's index.
    private let shardShift: UInt64
    /// What ties cursors to this engine.
    let cursorSeal: KeyHash

    public let capabilities: EngineCapabilities

    /// An empty engine.
    /// - Precondition: the shard count is a power of two up to `shardCountMax`, the first version is at least 1.
    public init(configuration: MemoryEngineConfiguration = MemoryEngineConfiguration()) {
        let count = configuration.shardCount
        precondition(
            count > 0 && count & (count - 1) == 0 && count <= MemoryEngineConfiguration.shardCountMax,
            "the shard count is a power of two")
        precondition(configuration.firstVersion >= 1, "version 0 means missing")
        let shared = SharedState(configuration: configuration)
        self.shared = shared
        shards = (0..<count).map { Shard(head: shared.head($0), shared: shared) }
        shardShift = UInt64(64 - count.trailingZeroBitCount)
        cursorSeal = KeyHash(seed: ~configuration.seed)
        capabilities = EngineCapabilities(
            durabilities: configuration.isLogged ? [.memory, .logged, .synced] : [.memory], versions: true,
            atomicBatches: true)
    }

    public func makeSession(on eventLoop: (any EventLoop)?) -> MemorySession {
        MemorySession(epochs: shared.epochs, eventLoop: eventLoop)
    }

    // MARK: Shards

    /// (A shift by 64, with one shard, gives 0.)
    @inline(__always)
    func shardIndex(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> shardShift) }

    @inline(__always)
    func shard(_ hash: UInt64) -> Shard { shards[shardIndex(hash)] }

    @inline(__always)
    func head(_ index: Int) -> TableHead { shared.head(index) }

    // MARK: Housekeeping

    /// Entries that one hold of a lock expires, at most.
    private static let expiriesPerHold = 32
    /// Holds of a lock in one call of `maintain` that find more to do than they may, at most. With the entries of a hold
    /// this keeps a call well below a millisecond, which its event loop stands still for.
    private static let fullHoldsPerCall = 32
    /// Entries that one hold of a lock moves to empty a page, at most.
    private static let movesPerHold = 64

    @discardableResult
    public func maintain(worker: Int, of workers: Int, now: WallTime, session: MemorySession) -> Bool {
        precondition(workers > 0 && (0..<workers).contains(worker))
        let mine = (shards.count - worker + workers - 1) / workers
        var fullHolds = 0
        for _ in 0..<max(mine, 0) {
            let shard = shards[worker + session.maintenanceTurn % mine * workers]
            while !maintain(shard, now: now) {
                fullHolds += 1
                if fullHolds == Self.fullHoldsPerCall { return false }
            }
            session.maintenanceTurn = (session.maintenanceTurn + 1) % mine
        }
        return true
    }

    /// One hold of the lock; true if nothing is left to do.
    private func maintain(_ shard: Shard, now: WallTime) -> Bool {
        shard.lock.lock()
        defer { shard.lock.unlock() }
        let isExpired = shard.expire(now: now, budget: Self.expiriesPerHold)
        let isCompact = !isExpired || !shard.compact(entriesMax: Self.movesPerHold)
        if shard.retired.count > 0 { shard.collect() }
        shard.settle()
        return isExpired && isCompact
    }

    public func statistics() -> EngineStatistics {
        var statistics = EngineStatistics()
        statistics.memoryLimitBytes = shared.account.limitBytes
        for shard in shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            statistics.keys += shard.table.count
            statistics.entryBytes += shard.entryBytes
            statistics.tableBytes += shard.tableBytes
            statistics.expiredKeys += shard.expiredCount
            statistics.evictedKeys += shard.evictedCount
            statistics.contendedLocks += shard.lock.contendedCount
        }
        statistics.contendedLocks += shared.pool.contendedCount
        return statistics
    }

    /// Bytes that the engine holds from the system for entries and tables: whole pages, free blocks in them included.
    public var reservedBytes: Int {
        var bytes = shared.pool.takenBytes
        for shard in shards {
            shard.lock.lock()
            defer { shard.lock.unlock() }
            bytes += shard.reservedOutsidePages
        }
        return bytes
    }
}
