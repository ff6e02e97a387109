//! One of the engine's parts: a table, its entries' memory, their expiry and eviction, under one lock.
//!
//! Threads: the lock is held for every method here (`lock` itself and figures said to be so excepted). Readers never
//! come here unless a lookup without the lock was unsure (TableHead.swift).
//!
//! Always true, when the lock is free: each live key has one entry in the table; the wheel holds exactly the entries
//! with an expiry, and the queues (if the engine evicts) exactly all entries; what left the table is in the retire
//! queue or freed.
//!
//! Unsafe inside: the addresses of retired memory, which is freed when no reader can see it, and in `deinit`.

internal import NIOCore
internal import NeedletailThreads
internal import StorageEngine
internal import Synchronization
internal import Timing
internal import WriteAheadLog

/// What all shards of an engine share.
@safe
final class SharedState: @unchecked Sendable {
    let hash: KeyHash
    let epochs = Epochs()
    let pool = PagePool()
    let account: MemoryAccount
    let evicts: Bool
    let isLogged: Bool
    private let versions: Atomic<Int64>
    /// One cache line a shard, for readers. Here because shards need theirs until their own end.
    private let heads: UnsafeMutableRawPointer

    init(configuration: MemoryEngineConfiguration) {
        hash = KeyHash(seed: configuration.seed)
        account = MemoryAccount(limitBytes: configuration.memoryLimitBytes, shards: configuration.shardCount)
        evicts = configuration.evictionPolicy == .s3fifo
        isLogged = configuration.isLogged
        versions = Atomic(configuration.firstVersion)
        unsafe heads = .allocate(
            byteCount: configuration.shardCount * TableHead.byteCount, alignment: TableHead.byteCount)
    }

    deinit { unsafe heads.deallocate() }

    @inline(__always)
    func head(_ index: Int) -> TableHead { unsafe TableHead(heads + index &* TableHead.byteCount) }

    /// The version of the next change: greater than all before.
    func nextVersion() -> Int64 { versions.wrappingAdd(1, ordering: .relaxed).oldValue }
}

@safe
final class Shard: @unchecked Sendable {
    /// An expiry is met by the wheel at most this many milliseconds late (a power of two, as its exponent): 64 ms.
    private static let expiryTickShift = 6
    /// A time that is so much earlier than another one before it is not that of a thread which is late, but of a clock that
    /// was put back.
    private static let clockLeapMillis: Int64 = 10_000

    let lock = Lock()
    let shared: SharedState
    let slab: SlabAllocator
    let table: Table
    let queues: S3FIFO?
    var wheel: TimingWheel?
    private let retireQueue = Confined(RetireQueue())
    private(set) var retired: RetireQueue {
        @inline(__always) _read { yield retireQueue.value }
        @inline(__always) _modify { yield &retireQueue.value }
    }
    /// Of the slab's used bytes and of `storageBytes`, those that wait in the retire queue.
    private var retiredBytes = 0
    /// Storage of large values.
    private var storageBytes = 0
    /// What this shard is charged for may be another than when it last told the account.
    private var isUnsettled = true
    /// What the account knows of this shard.
    private(set) var flushedBytes = 0
    private(set) var expiredCount = 0
    private(set) var evictedCount = 0
    private var due: [EntryRef] = []
    /// Where changes are logged (Shard+Log.swift).
    var log: WriteAheadLog?

    init(head: TableHead, shared: SharedState) {
        self.shared = shared
        slab = SlabAllocator(pool: shared.pool)
        table = Table(head: head, slab: slab, pool: shared.pool, hash: shared.hash)
        queues = shared.evicts ? S3FIFO() : nil
        settle()
    }

    deinit {
        // No session is left, so no reader.
        table.destroy { [slab] entry in
            entry.deinitialize()
            if entry.byteCount > SlabAllocator.blockBytesMax { unsafe slab.deallocate(entry.raw, entry.byteCount) }
        }
        unsafe retired.collectAll { [slab, shared] address, kind in
            switch kind {
            case .entry:
                let entry = unsafe EntryRef(address)
                entry.deinitialize()
                if entry.byteCount > SlabAllocator.blockBytesMax { unsafe slab.deallocate(address, entry.byteCount) }
            case .bucket: break
            case .page: unsafe shared.pool.give(address)
            case .allocation: unsafe address.deallocate()
            }
        }
    }

    // MARK: Memory

    /// Bytes of entries, retired ones included, as the allocator gave them.
    var entryBytes: Int {
        slab.usedBytes - slab.bucketsUsed * OverflowBucket.byteCount + storageBytes
    }

    /// Bytes of buckets, directories, queues and wheels.
    var tableBytes: Int {
        table.segmentBytes + slab.bucketsUsed * OverflowBucket.byteCount
            + (queues?.ghostBytes ?? 0) + wheelBytes
    }

    private var wheelBytes: Int {
        switch wheel {
        case .none: 0
        case .some(let wheel): wheel.memoryBytes
        }
    }

    private var chargedBytes: Int { entryBytes + tableBytes - retiredBytes }

    /// Bytes that are held from `malloc` rather than in pages.
    var reservedOutsidePages: Int {
        slab.largeBytes + storageBytes + table.smallSegmentBytes + (queues?.ghostBytes ?? 0) + wheelBytes
    }

    /// What `entry` is charged for.
    func charge(of entry: EntryRef) -> Int {
        unsafe slab.blockBytes(of: entry.raw, entry.byteCount) + entry.sharedStorageBytes
    }

    /// Tells the account what changed, if it is enough to tell.
    func settle(exactly: Bool = false) {
        isUnsettled = false
        let difference = chargedBytes - flushedBytes
        guard exactly || difference.magnitude >= UInt(max(1, shared.account.flushBytes)) else { return }
        shared.account.add(difference)
        flushedBytes += difference
    }

    func fits(_ bytes: Int) -> Bool { shared.account.fits(bytes, unflushed: chargedBytes - flushedBytes) }

    /// Bytes that an entry of these parts is charged for.
    func chargeOfEntry(keyCount: Int, value: EntryValue, isTimed: Bool) -> Int {
        chargeOfEntry(
            keyCount: keyCount, valueCount: value.count, storageBytes: value.storageBytes, isTimed: isTimed)
    }

    func chargeOfEntry(keyCount: Int, valueCount: Int, storageBytes: Int?, isTimed: Bool) -> Int {
        let flags = flags(isTimed: isTimed, isShared: storageBytes != nil)
        return slab.blockBytes(EntryRef.byteCount(key: keyCount, value: valueCount, flags: flags))
            + (storageBytes ?? 0)
    }

    private func flags(isTimed: Bool, isShared: Bool) -> EntryRef.Flags {
        var flags: EntryRef.Flags = []
        if isTimed { flags.insert(.timed) }
        if queues != nil { flags.insert(.queued) }
        if isShared { flags.insert(.shared) }
        return flags
    }

    /// Makes `bytes` more fit under the limit, by expiring and, if the policy says so, evicting; never `protected`.
    /// Entries may have moved in the table afterwards.
    func makeRoom(_ bytes: Int, protecting protected: EntryRef?, now: WallTime) throws(EngineError) {
        if bytes <= 0 || fits(bytes) { return }
        if bytes <= shared.account.limitBytes {
            _ = expire(now: now, budget: Self.expiriesPerWrite)
            evict(toFit: bytes, protecting: protected)
        }
        guard fits(bytes) else { throw .outOfMemory(limitBytes: shared.account.limitBytes) }
    }

    /// Entries that a write at the limit expires in each shard that it visits.
    static let expiriesPerWrite = 256

    /// Entries that a write evicts in its own shard, at most; what it lacks then, all shards give.
    private static let evictionsPerWrite = 64

    /// Evicts until `bytes` more fit, as many entries as a write may in its own shard; never `protected`.
    func evict(toFit bytes: Int, protecting protected: EntryRef?) {
        var evictions = 0
        while !fits(bytes), evictions < Self.evictionsPerWrite, evictOne(protecting: protected) { evictions += 1 }
    }

    /// Entries that are evicted from each shard in turn, when a write's own shard has given what it should.
    private static let evictionsPerTurn = 16

    /// Evicts a shard's share of what another one lacks, never `protected`, and tells the account.
    /// - Returns: false if there was nothing to evict.
    func evictTurn(protecting protected: EntryRef?) -> Bool {
        var evictions = 0
        while evictions < Self.evictionsPerTurn, evictOne(protecting: protected) { evictions += 1 }
        collect()
        settle(exactly: true)
        return evictions > 0
    }

    /// Evicts one entry; false if the policy forbids it or there is none.
    func evictOne(protecting protected: EntryRef?) -> Bool {
        guard let queues else { return false }
        let victim = queues.evict(
            protecting: protected, bytes: { charge(of: $0) }, hash: { table.hash(of: $0) })
        guard let victim else { return false }
        detach(victim, isQueued: false)
        evictedCount += 1
        return true
    }

    /// Evicts the entry at `position`, whichever the policy would choose.
    func evict(_ position: Table.Position) {
        remove(position)
        evictedCount += 1
    }

    // MARK: Entries

    /// `key`'s entry, if it has not expired. An expired one is taken out.
    func live(_ key: Key, now: WallTime) -> Table.Position? {
        if now > wheelStart { wheelStart = now }
        guard let position = table.find(key) else { return nil }
        guard position.entry.isExpired(at: now) else { return position }
        remove(position)
        expiredCount += 1
        return nil
    }

    /// Writes a new entry and publishes it, in the place of the one at `position` or as a new one.
    func store(
        _ key: Key, value: EntryValue, expiry: WallTime, version: Int64, replacing position: Table.Position?
    ) {
        let isTimed = expiry != .distantFuture
        let flags = unsafe flags(isTimed: isTimed, isShared: value.buffer != nil)
        let byteCount = EntryRef.byteCount(key: key.count, value: value.count, flags: flags)
        let entry = unsafe EntryRef(slab.allocate(byteCount))
        entry.initialize(key: key, value: value, expiry: expiry, flags: flags, version: version)
        storageBytes += value.storageBytes ?? 0
        if isTimed { schedule(entry) }
        if let position {
            let old = position.entry
            let (bytes, oldBytes) = (charge(of: entry), charge(of: old))
            // The usual overwrite takes a block of the same size: then nothing changes for the account.
            if isTimed || old.flags.contains(.timed) || bytes != oldBytes { isUnsettled = true }
            table.replace(position, with: entry)
            queues?.replace(old, bytes: oldBytes, with: entry, bytes: bytes)
            unschedule(old)
            retire(old, bytes: oldBytes)
        } else {
            isUnsettled = true
            table.insert(entry, hash: key.hash)
            queues?.insert(entry, hash: key.hash, bytes: charge(of: entry))
            retireUnlinked()
        }
    }

    /// Makes an empty table large enough for this many entries, or as large as `bytesMax` allows.
    func reserve(_ entries: Int, bytesMax: Int) {
        table.reserve(entries, bytesMax: bytesMax)
        retireUnlinked()
        settle()
    }

    /// Makes the table as small as its entries allow.
    func trim() {
        table.trim()
        retireUnlinked()
        collect()
        settle()
    }

    /// Takes the entry at `position` out of everything.
    func remove(_ position: Table.Position) {
        let entry = position.entry
        isUnsettled = true
        unschedule(entry)
        if let queues { queues.remove(entry, bytes: charge(of: entry)) }
        table.remove(position)
        retireUnlinked()
        retire(entry, bytes: charge(of: entry))
    }

    /// Takes `entry`, which the wheel or the queues chose, out of the rest.
    private func detach(_ entry: EntryRef, isQueued: Bool = true) {
        guard let position = table.find(entry) else { preconditionFailure("an entry that is not in the table") }
        isUnsettled = true
        unschedule(entry)
        if isQueued, let queues { queues.remove(entry, bytes: charge(of: entry)) }
        table.remove(position)
        retireUnlinked()
        retire(entry, bytes: charge(of: entry))
    }

    private func schedule(_ entry: EntryRef) {
        let node = unsafe entry.timer
        if wheelBytes == 0 {
            // The present of a new wheel may be anything up to its first deadline.
            let start = unsafe max(0, min(node.pointee.deadline, wheelStart.milliseconds))
            wheel = TimingWheel(start: start, tickShift: Self.expiryTickShift)
        }
        unsafe wheel?.insert(node)
    }

    /// The latest time that the shard was told, since the clock was put back; where its wheel begins.
    var wheelStart = WallTime(milliseconds: 0)

    private func unschedule(_ entry: EntryRef) {
        if entry.flags.contains(.timed) { unsafe wheel?.remove(entry.timer) }
    }

    // MARK: Expiry

    /// Takes out at most `budget` entries that have expired; false if there may be more.
    func expire(now: WallTime, budget: Int) -> Bool {
        if now > wheelStart { wheelStart = now } else { followBack(to: now) }
        due.removeAll(keepingCapacity: true)
        let isDone =
            unsafe wheel?.advance(to: now.milliseconds, budget: budget) { node in
                due.append(unsafe EntryRef(node: node))
            } ?? true
        for entry in due { detach(entry) }
        expiredCount += due.count
        if wheel?.isEmpty ?? false { wheel = nil }
        return isDone
    }

    /// Has the wheel follow a clock that ran ahead and was put back: what expires before the time at which the wheel
    /// stands would else wait until the clock is there again.
    ///
    /// All entries with an expiry have to be placed anew, and a shard may have a million. So the wheel does it piece by
    /// piece, within the budgets of this and the next calls of `expire`, and the lock is never held for longer than
    /// those allow. (Reads miss what has expired all the same: they ask no wheel.)
    private func followBack(to now: WallTime) {
        guard now.advanced(byMilliseconds: Self.clockLeapMillis) < wheelStart else { return }
        // A wheel that is still at it since the last time is asked again.
        if wheel?.turnBack(to: now.milliseconds) ?? true { wheelStart = now }
    }

    // MARK: Reclamation

    /// - Parameter bytes: the entry's charge.
    private func retire(_ entry: EntryRef, bytes: Int) {
        retiredBytes += bytes
        unsafe retired.append(entry.raw, .entry, bytes: bytes)
    }

    private func retireUnlinked() {
        guard table.unlinkedCount > 0 else { return }
        for index in unsafe table.unlinked.indices {
            let (address, kind, bytes) = unsafe table.unlinked[index]
            if kind == .bucket { retiredBytes += bytes }
            unsafe retired.append(address, kind, bytes: bytes)
        }
        table.clearUnlinked()
    }

    /// Ends a write: frees what is ready if enough waits, and tells the account. Entries that the write looked at may
    /// be gone after.
    @inline(__always)
    func finishWrite() {
        if retired.isDue { collect() }
        if isUnsettled { settle() }
    }

    /// Frees what no reader can hold any more.
    func collect() {
        var freedBytes = 0
        var freedStorage = 0
        unsafe retired.collect(shared.epochs) { address, kind in
            switch kind {
            case .entry:
                let entry = unsafe EntryRef(address)
                let byteCount = entry.byteCount
                if entry.flags.contains(.shared) {
                    freedStorage += entry.sharedStorageBytes
                    entry.deinitialize()
                }
                freedBytes += unsafe slab.deallocate(address, byteCount)
            case .bucket:
                freedBytes += OverflowBucket.byteCount
                unsafe slab.deallocateBucket(address)
            case .page: unsafe shared.pool.give(address)
            case .allocation: unsafe address.deallocate()
            }
        }
        retiredBytes -= freedBytes + freedStorage
        storageBytes -= freedStorage
    }

    // MARK: Compaction

    /// Moves a few entries from the emptiest page of a class that has too many free blocks, so that the page comes
    /// free. False if there is nothing to do.
    func compact(entriesMax: Int) -> Bool {
        guard let page = unsafe slab.sparsePage() else { return false }
        var moved = 0
        let blocks = unsafe slab.blocksToMove(of: page)
        for index in unsafe blocks.indices where moved < entriesMax {
            let old = unsafe EntryRef(blocks[index])
            // A block that is not in the table waits to be freed: its bytes are whole, for nothing is freed here.
            guard let position = table.find(old) else { continue }
            let key = unsafe Key(old.key, hash: shared.hash)
            store(key, value: old.valueToKeep, expiry: old.expiry, version: old.version, replacing: position)
            moved += 1
        }
        return moved > 0
    }
}

extension EntryRef {
    /// The value, to be stored in another entry: by reference if it is kept so. Lent until this entry is freed, which
    /// `Shard.collect` does once it is retired.
    var valueToKeep: EntryValue { unsafe EntryValue(value, buffer: sharedBuffer) }
}
