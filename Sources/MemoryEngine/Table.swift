//! A shard's table as its writers see it: linear hashing, one bucket at a time.
//!
//! The table grows by splitting one bucket into two when there are more than `entriesPerBucket` entries a bucket, and
//! shrinks by merging the last bucket back when there are fewer than three quarters of that; so each write moves the
//! entries of at most one bucket, nothing is ever rehashed or copied as a whole, and memory follows the number of
//! entries. Buckets lie in segments (TableHead.swift) that never move; a directory of their addresses is replaced, at a
//! size of 8 bytes for 256 buckets, when it is full.
//!
//! What a load costs, measured with 1,000,000 entries and 64 shards (table bytes include
//! overflow buckets and directories; links are those followed for each lookup that hits):
//!
//!     entries a bucket | table bytes an entry | links a hit   (at 1,000,000; at 1,500,000)
//!     6                | 13.0, 12.3           | 0.15, 0.12
//!     7                | 11.2, 11.7           | 0.19, 0.28
//!     8                | 10.7, 11.1           | 0.30, 0.39
//!
//! The bytes hardly fall beyond 7, the links do not stop growing. Overflow buckets of 8 slots instead of 4 would take
//! about one byte an entry more.
//!
//! Threads: the shard's lock is held for every call. Readers look at the same memory; what they rely on is said in
//! TableHead.swift, and every store here keeps to it: within a chain entries do not move, except under `beginMove` and
//! `endMove`.
//!
//! Unsafe inside: raw memory of segments. Sound because it is zeroed before it is published, reached by index through
//! the directory only, and retired, never freed, while readers may be in it.

internal import CIntrinsics
internal import Synchronization

/// The writers' side of a table.
@safe
final class Table {
    /// Entries for each primary bucket of 8 slots, above which the table grows.
    static let entriesPerBucket = 7
    static let bucketsMin: UInt64 = 8
    private static let directoryCapacityMin = 16

    let head: TableHead
    private let slab: SlabAllocator
    private let pool: PagePool
    private let hash: KeyHash

    /// Entries in the table, expired ones that nobody has met yet included.
    private(set) var count = 0
    private(set) var overflowBuckets = 0
    /// Bytes of segments and directory; overflow buckets are the slab's.
    private(set) var segmentBytes = 0
    private var directoryCapacity = directoryCapacityMin
    /// Scratch for splits, merges: the entries of a chain.
    private var moving: [(word: SlotWord, hash: UInt64)] = []
    /// What was unlinked by the last call; the shard retires it.
    private(set) var unlinked: [(address: UnsafeMutableRawPointer, kind: RetireQueue.Kind, bytes: Int)] = unsafe []
    /// Of `unlinked`. Each change of the table looks at it, and at an array it would be a check of exclusive access.
    private(set) var unlinkedCount = 0

    init(head: TableHead, slab: SlabAllocator, pool: PagePool, hash: KeyHash) {
        self.head = head
        self.slab = slab
        self.pool = pool
        self.hash = hash
        head.initialize()
        unsafe head.setDirectory(makeDirectory(directoryCapacity))
        addSegment(0)
        head.setBucketCount(Self.bucketsMin)
    }

    var bucketCount: UInt64 { head.bucketCount }

    /// Bytes of everything but entries.
    var bytes: Int { segmentBytes + overflowBuckets * OverflowBucket.byteCount }

    /// Bytes of segments and directory that are not whole pages.
    var smallSegmentBytes: Int {
        segmentBytes - max(0, TableHead.place(of: Int(bucketCount) - 1).segment - 5) * PagePool.pageBytes
    }

    func clearUnlinked() {
        unsafe unlinked.removeAll(keepingCapacity: true)
        unlinkedCount = 0
    }

    private func unlink(_ address: UnsafeMutableRawPointer, _ kind: RetireQueue.Kind, bytes: Int) {
        unsafe unlinked.append((address, kind, bytes))
        unlinkedCount += 1
    }

    // MARK: Entries

    @inline(__always)
    func bucket(at index: Int) -> BucketRef {
        guard let bucket = head.bucket(at: index) else { preconditionFailure("a bucket without a segment") }
        return bucket
    }

    @inline(__always)
    func bucket(for hash: UInt64) -> BucketRef { bucket(at: TableHead.bucketIndex(hash, count: bucketCount)) }

    /// Where an entry is.
    struct Position {
        var slot: SlotRef
        var entry: EntryRef
    }

    /// Where `key`'s entry is.
    func find(_ key: Key) -> Position? {
        position(hash: key.hash) { $0.holds(key) }
    }

    /// Where `entry` itself is; nil if the table does not hold it.
    func find(_ entry: EntryRef) -> Position? {
        position(hash: hash(of: entry)) { $0 == entry }
    }

    @inline(__always)
    private func position(hash: UInt64, where matches: (EntryRef) -> Bool) -> Position? {
        var bucket = bucket(for: hash)
        let tag = KeyHash.tag(hash)
        while true {
            for index in 0..<bucket.slotCount {
                let slot = bucket[index]
                let word = slot.load()
                if word.hasTag(tag), matches(word.entry) { return Position(slot: slot, entry: word.entry) }
            }
            guard let next = bucket.next else { return nil }
            bucket = next
        }
    }

    func hash(of entry: EntryRef) -> UInt64 { unsafe hash.hash(entry.key) }

    /// Puts `entry` in the place of the one at `position`, which is for the same key.
    @inline(__always)
    func replace(_ position: Position, with entry: EntryRef) {
        position.slot.store(SlotWord(entry, tag: position.slot.load().tag))
    }

    /// Adds an entry whose key is not in the table, and grows by one bucket if it is time.
    func insert(_ entry: EntryRef, hash: UInt64) {
        place(SlotWord(entry, tag: KeyHash.tag(hash)), in: bucket(for: hash))
        count += 1
        if count > Int(bucketCount) * Self.entriesPerBucket { split() }
    }

    /// Takes the entry at `position` out, and shrinks by one bucket if it is time.
    func remove(_ position: Position) {
        let chain = bucket(for: hash(of: position.entry))
        position.slot.store(.empty)
        count -= 1
        if chain.next != nil { unlinkEmptyBuckets(of: chain) }
        if isSparse { merge() }
    }

    /// Stores `word` in the chain's first empty slot; makes one if there is none.
    private func place(_ word: SlotWord, in chain: BucketRef) {
        var bucket = chain
        while true {
            for index in 0..<bucket.slotCount where bucket[index].load().isEmpty {
                bucket[index].store(word)
                return
            }
            guard let next = bucket.next else { break }
            bucket = next
        }
        // The last entry moves on into a new bucket, together with the new one; the link takes its place in one store.
        let overflow = unsafe BucketRef(slab.allocateBucket(), slotCount: OverflowBucket.slotCount)
        overflow.initialize()
        overflow[0].store(bucket.last.load())
        overflow[1].store(word)
        unsafe bucket.last.store(SlotWord(link: overflow.raw))
        overflowBuckets += 1
    }

    /// Takes overflow buckets without entries out of a chain.
    private func unlinkEmptyBuckets(of chain: BucketRef) {
        var previous = chain
        while let bucket = previous.next {
            var isEmpty = true
            for index in 0..<bucket.slotCount {
                let word = bucket[index].load()
                if !word.isEmpty, !word.isLink { isEmpty = false }
            }
            if isEmpty {
                // Readers that are in it go on by its own link, which stays.
                previous.last.store(bucket.last.load())
                retire(bucket)
            } else {
                previous = bucket
            }
        }
    }

    private func retire(_ bucket: BucketRef) {
        unsafe unlink(bucket.raw, .bucket, bytes: OverflowBucket.byteCount)
        overflowBuckets -= 1
    }

    // MARK: Growing and shrinking

    /// Makes an empty table large enough for this many entries, or as large as `bytesMax` allows.
    func reserve(_ entries: Int, bytesMax: Int) {
        guard count == 0 else { return }
        while Int(bucketCount) * Self.entriesPerBucket < entries {
            let index = bucketCount
            let (segment, offset) = TableHead.place(of: Int(index))
            if offset == 0 {
                let byteCount = TableHead.bucketsInSegment(segment) * PrimaryBucket.byteCount
                guard byteCount <= bytesMax - segmentBytes else { return }
                addSegment(segment)
            }
            head.setBucketCount(index + 1)
        }
    }

    /// Whether there are fewer entries than the table should be kept for.
    var isSparse: Bool {
        bucketCount > Self.bucketsMin && count < Int(bucketCount) * Self.entriesPerBucket * 3 / 4
    }

    /// Makes the table as small as its entries allow.
    func trim() {
        while isSparse { merge() }
    }

    /// The bucket that `index` was split from, or merges into.
    private static func partner(of index: UInt64) -> UInt64 { index - 1 << UInt64(63 - index.leadingZeroBitCount) }

    /// Adds one bucket, and moves the entries that belong there from its partner.
    private func split() {
        let index = bucketCount
        let (segment, offset) = TableHead.place(of: Int(index))
        if offset == 0 { addSegment(segment) }
        let source = bucket(at: Int(Self.partner(of: index)))
        let target = bucket(at: Int(index))
        gather(source)
        head.beginMove()
        for (word, hash) in moving where TableHead.bucketIndex(hash, count: index + 1) == Int(index) {
            place(word, in: target)
        }
        refill(source) { TableHead.bucketIndex($0, count: index + 1) != Int(index) }
        head.setBucketCount(index + 1)
        head.endMove()
    }

    /// Takes the last bucket away, and moves its entries to its partner.
    private func merge() {
        let index = bucketCount - 1
        let source = bucket(at: Int(index))
        let target = bucket(at: Int(Self.partner(of: index)))
        gather(source)
        head.beginMove()
        head.setBucketCount(index)
        for (word, _) in moving { place(word, in: target) }
        refill(source) { _ in false }
        head.endMove()
        let (segment, offset) = TableHead.place(of: Int(index))
        if offset == 0 { removeSegment(segment) }
    }

    /// Reads a chain into `moving`. Entries are prefetched first: their keys are needed for their hashes.
    private func gather(_ chain: BucketRef) {
        // Taken out for as long: the runtime would check every access to the property for exclusivity.
        var moving = moving
        self.moving = []
        moving.removeAll(keepingCapacity: true)
        chain.forEachEntry { word in
            word.entry.prefetch(lines: 1)
            moving.append((word, 0))
        }
        for index in moving.indices { moving[index].hash = hash(of: moving[index].word.entry) }
        self.moving = moving
    }

    /// Writes the entries of `moving` that stay back into the chain that they came from, closed up; overflow buckets
    /// are cleared (a reader may still be in one, and must not find there what has been replaced since) and unlinked.
    private func refill(_ chain: BucketRef, where stays: (UInt64) -> Bool) {
        var overflow = chain.next
        for index in 0..<chain.slotCount { chain[index].store(.empty) }
        while let bucket = overflow {
            overflow = bucket.next
            for index in 0..<bucket.slotCount { bucket[index].store(.empty) }
            retire(bucket)
        }
        for (word, hash) in moving where stays(hash) { place(word, in: chain) }
    }

    private func addSegment(_ segment: Int) {
        if segment >= directoryCapacity { growDirectory() }
        let buckets = TableHead.bucketsInSegment(segment)
        let byteCount = buckets * PrimaryBucket.byteCount
        let base: UnsafeMutableRawPointer
        if segment >= 6 {
            unsafe base = pool.take()
        } else {
            unsafe base = .allocate(byteCount: byteCount, alignment: PrimaryBucket.byteCount)
        }
        for index in 0..<buckets {
            unsafe BucketRef(base + index * PrimaryBucket.byteCount, slotCount: PrimaryBucket.slotCount).initialize()
        }
        segmentBytes += segment >= 6 ? byteCount : unsafe nt_allocated_size(base)
        unsafe directoryEntry(segment).pointee.store(UInt64(UInt(bitPattern: base)), ordering: .releasing)
    }

    private func removeSegment(_ segment: Int) {
        let entry = unsafe directoryEntry(segment)
        let bits = unsafe entry.pointee.exchange(0, ordering: .acquiringAndReleasing)
        let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped
        let byteCount = segment >= 6 ? PagePool.pageBytes : unsafe nt_allocated_size(base)
        segmentBytes -= byteCount
        unsafe unlink(base, segment >= 6 ? .page : .allocation, bytes: byteCount)
    }

    private func directoryEntry(_ segment: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        unsafe (head.directory + segment * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    private func makeDirectory(_ capacity: Int) -> UnsafeMutableRawPointer {
        let directory = UnsafeMutableRawPointer.allocate(byteCount: capacity * 8, alignment: 16)
        for index in 0..<capacity {
            unsafe (directory + index * 8).bindMemory(to: Atomic<UInt64>.self, capacity: 1).initialize(to: Atomic(0))
        }
        segmentBytes += unsafe nt_allocated_size(directory)
        return unsafe directory
    }

    /// Publishes a copy of the directory of twice the size. Copying 8 bytes for each 256 buckets is the one step whose
    /// cost grows with the table: 30 us for a shard of 50,000,000 entries.
    private func growDirectory() {
        let old = unsafe head.directory
        let new = unsafe makeDirectory(2 * directoryCapacity)
        for segment in 0..<directoryCapacity {
            let bits = unsafe directoryEntry(segment).pointee.load(ordering: .relaxed)
            let entry = unsafe (new + segment * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
            unsafe entry.pointee.store(bits, ordering: .relaxed)
        }
        directoryCapacity *= 2
        unsafe head.setDirectory(new)
        let byteCount = unsafe nt_allocated_size(old)
        segmentBytes -= byteCount
        unsafe unlink(old, .allocation, bytes: byteCount)
    }

    // MARK: The end

    /// Hands `body` every entry and frees the table's own memory (overflow buckets go with their pages).
    func destroy(_ body: (EntryRef) -> Void) {
        for index in 0..<Int(bucketCount) {
            bucket(at: index).forEachEntry { body($0.entry) }
        }
        for segment in 0..<directoryCapacity {
            let bits = unsafe directoryEntry(segment).pointee.load(ordering: .relaxed)
            guard let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(bits)) else { continue }
            if segment >= 6 { unsafe pool.give(base) } else { unsafe base.deallocate() }
        }
        unsafe head.directory.deallocate()
    }
}
