//! What readers see of a shard's table: one cache line with a structure counter, the number of buckets, and the address
//! of the directory of segments; and the lookup that needs no lock.
//!
//! **Why a lookup is right without the lock.** The reader is pinned, so whatever it reaches stays allocated.
//!
//! - *A hit is always valid.* A slot's word is loaded atomically (acquire) and was stored (release) after its entry was
//!   complete; a slot holds an entry only while that entry is its key's current one (a split or merge may for a moment
//!   show it in two places, with the lock held throughout, so it is still current; slots of unlinked buckets are
//!   cleared). So at the moment of the load the entry was the key's, and the key was compared.
//! - *A miss is confirmed.* Within a chain, entries do not move past a reader: a replaced entry keeps its slot; when
//! the
//!   last slot of a full chain becomes a link, one store replaces the entry by a link to a bucket that holds it; an
//!   overflow bucket is unlinked only when empty, and keeps its own link. So a reader misses a key that is there only
//!   if entries moved *between* buckets, by a split or a merge. The writer makes the counter odd before and even after.
//!   The reader loads the counter (acquire), then bucket count, directory and slots (all acquire), then the counter
//!   again. If any of these loads read a value that a move stored (release, after the counter became odd), the second
//!   load of the counter cannot read the old value. If none did, the reader saw the table as it was before the move, or
//!   after it, for the first load then read the even value stored (release) at its end. So: both loads equal and even,
//!   and the key was missing at some moment between them; else the lookup is repeated under the lock.
//!
//! Unsafe inside: raw memory of atomics, reached as said above.

internal import CIntrinsics
internal import Synchronization

/// A shard's table as readers see it.
@safe
struct TableHead {
    static let byteCount = 64
    private typealias Word = UnsafeMutablePointer<Atomic<UInt64>>

    private let raw: UnsafeMutableRawPointer

    @inline(__always)
    init(_ raw: UnsafeMutableRawPointer) { unsafe self.raw = raw }

    func initialize() {
        for index in 0..<3 {
            unsafe (raw + index * 8).bindMemory(to: Atomic<UInt64>.self, capacity: 1).initialize(to: Atomic(0))
        }
    }

    @inline(__always)
    private func word(_ index: Int) -> Word {
        unsafe (raw + index &* 8).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// Odd while entries move between buckets.
    @inline(__always)
    var moves: UInt64 { unsafe word(0).pointee.load(ordering: .acquiring) }

    /// - Precondition: the shard's lock is held, for this and the other setters.
    func beginMove() { unsafe word(0).pointee.store(moves + 1, ordering: .releasing) }
    func endMove() { unsafe word(0).pointee.store(moves + 1, ordering: .releasing) }

    @inline(__always)
    var bucketCount: UInt64 { unsafe word(1).pointee.load(ordering: .acquiring) }

    func setBucketCount(_ count: UInt64) { unsafe word(1).pointee.store(count, ordering: .releasing) }

    func setDirectory(_ directory: UnsafeMutableRawPointer) {
        unsafe word(2).pointee.store(UInt64(UInt(bitPattern: directory)), ordering: .releasing)
    }

    var directory: UnsafeMutableRawPointer {
        let bits = unsafe word(2).pointee.load(ordering: .acquiring)
        return unsafe UnsafeMutableRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped
    }

    // MARK: Addressing

    /// Linear hashing: the bucket of `hash` among `count` (at least 8). The low bits choose one of the largest power of
    /// two that fits; buckets that were already split are told apart by one bit more.
    @inline(__always)
    static func bucketIndex(_ hash: UInt64, count: UInt64) -> Int {
        let hash = hash & 0xffff_ffff
        let base: UInt64 = 1 << UInt64(63 &- count.leadingZeroBitCount)
        let coarse = hash & (base &- 1)
        let fine = hash & (base &* 2 &- 1)
        return Int(truncatingIfNeeded: coarse < count &- base ? fine : coarse)
    }

    /// Buckets in every segment but the first six: 16 KiB.
    static let segmentBuckets = 256

    /// Which segment bucket `index` lies in, and where in it. The first segments are small (8, 8, 16, 32, 64 and 128
    /// buckets), so that an empty engine is small; together they are as large as one of the others.
    @inline(__always)
    static func place(of index: Int) -> (segment: Int, offset: Int) {
        if index >= segmentBuckets { return (5 &+ index >> 8, index & 255) }
        if index < 8 { return (0, index) }
        let level = 63 &- index.leadingZeroBitCount
        return (level &- 2, index &- (1 << level))
    }

    static func bucketsInSegment(_ segment: Int) -> Int {
        segment >= 6 ? segmentBuckets : segment == 0 ? 8 : 4 << segment
    }

    /// Bucket `index`, or nil if its segment is gone: the bucket count was read before a merge, the directory after.
    @inline(__always)
    func bucket(at index: Int) -> BucketRef? {
        let (segment, offset) = Self.place(of: index)
        let entry = unsafe (directory + segment &* 8).assumingMemoryBound(to: Atomic<UInt64>.self)
        let bits = unsafe entry.pointee.load(ordering: .acquiring)
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(bits)) else { return nil }
        return unsafe BucketRef(base + offset &* PrimaryBucket.byteCount, slotCount: PrimaryBucket.slotCount)
    }

    @inline(__always)
    func bucket(for hash: UInt64) -> BucketRef? { bucket(at: Self.bucketIndex(hash, count: bucketCount)) }

    // MARK: Looking up

    /// What a lookup without the lock found.
    enum Lookup {
        case found(EntryRef)
        case missing
        /// Entries moved meanwhile: ask again under the lock.
        case unsure
    }

    @inline(__always)
    func find(_ key: Key) -> Lookup {
        let before = moves
        if let bucket = bucket(for: key.hash), let entry = bucket.find(key) { return .found(entry) }
        return before & 1 == 0 && moves == before ? .missing : .unsure
    }
}

extension BucketRef {
    /// `key`'s entry in this chain.
    @inline(__always)
    func find(_ key: Key) -> EntryRef? {
        var bucket = self
        let tag = key.tag
        while true {
            var last = SlotWord.empty
            for index in 0..<bucket.slotCount {
                last = bucket[index].load()
                if last.hasTag(tag), last.entry.holds(key) { return last.entry }
            }
            guard last.isLink else { return nil }
            bucket = last.overflow
        }
    }

    @inline(__always)
    func prefetch() { unsafe nt_prefetch(raw) }
}

extension EntryRef {
    @inline(__always)
    func prefetch(lines: Int) {
        for line in 0..<lines { unsafe nt_prefetch(raw + line &* 64) }
    }
}
