//! Scans: pages over everything, while everything changes.
//!
//! The order is by shard, and within a shard by the bits of the hash in reverse. In that order a bucket's keys are
//! a contiguous range, whatever the number of buckets: a split halves the range, a merge joins two neighbours. A cursor
//! is therefore a position in this order, not a bucket, and stays right while the table grows and shrinks: what lies
//! before it has been handed out, what lies after it has not, and a key that stays does not change its position.
//!
//! A cursor is 16 bytes: the position (8), the shard (2), how many keys of exactly this position were handed out (2;
//! keys with equal hashes), and a check (4) derived from the engine's seed, so that bytes that are no cursor of this
//! engine are told apart.
//!
//! Threads: no lock is held. A bucket is collected like a reader looks up a miss (TableHead.swift): if the structure
//! counter says that entries moved, again, and after a few times under the lock. What is handed out stays valid because
//! the session is pinned.

public import NIOCore
internal import NeedletailThreads
public import StorageEngine
public import Timing

/// Where a scan goes on.
struct ScanCursor: Equatable {
    static let byteCount = 16

    var shard: Int
    var position: UInt64
    /// How many entries at exactly `position` were handed out.
    var skip: Int

    init(shard: Int = 0, position: UInt64 = 0, skip: Int = 0) {
        self.shard = shard
        self.position = position
        self.skip = skip
    }

    /// Nil if `bytes` were not made by `encoded(seal:)` with the same seal.
    init?(_ bytes: ByteBuffer, seal: KeyHash, shardCount: Int) {
        var bytes = bytes
        guard bytes.readableBytes == Self.byteCount,
            let position = bytes.readInteger(as: UInt64.self), let shard = bytes.readInteger(as: UInt16.self),
            let skip = bytes.readInteger(as: UInt16.self), let check = bytes.readInteger(as: UInt32.self),
            Int(shard) < shardCount
        else { return nil }
        self.init(shard: Int(shard), position: position, skip: Int(skip))
        guard check == self.check(seal) else { return nil }
    }

    func encoded(seal: KeyHash) -> ByteBuffer {
        var bytes = body
        bytes.writeInteger(check(seal))
        return bytes
    }

    private var body: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(Self.byteCount)
        bytes.writeInteger(position)
        bytes.writeInteger(UInt16(shard))
        bytes.writeInteger(UInt16(skip))
        return bytes
    }

    private func check(_ seal: KeyHash) -> UInt32 {
        unsafe UInt32(truncatingIfNeeded: body.readableBytesSpan.withUnsafeBytes { unsafe seal.hash($0) })
    }
}

extension MemoryEngine {
    /// One page looks at this many entries and buckets, at most; where few match, it ends early, perhaps empty.
    static let visitsPerPageMax = 10_000
    /// A bucket is collected without the lock this often before the lock is taken.
    private static let triesWithoutLock = 3

    public func scan(
        _ options: ScanOptions, now: WallTime, session: MemorySession, into sink: (RawSpan, borrowing ReadItem) -> Void
    ) throws(EngineError) -> ByteBuffer? {
        var cursor = ScanCursor()
        if let bytes = options.cursor {
            guard let given = ScanCursor(bytes, seal: cursorSeal, shardCount: shards.count) else {
                throw .invalidCursor
            }
            cursor = given
        }
        session.pin()
        defer { session.unpin() }
        // A closure that scans with the same session gets a fresh array; this page keeps its own.
        var entries = session.collected
        session.collected = []
        defer { session.collected = entries }
        var page = Page(options: options)
        while cursor.shard < shards.count {
            if page.visits >= Self.visitsPerPageMax || page.count >= options.limit {
                return cursor.encoded(seal: cursorSeal)
            }
            let end = collectBucket(at: cursor, into: &entries)
            page.visits += 1 + entries.count
            order(&entries)
            if let stop = handOut(entries, from: cursor, page: &page, now: now, to: sink) {
                return stop.encoded(seal: cursorSeal)
            }
            if end == 0 {
                cursor = ScanCursor(shard: cursor.shard + 1)
            } else {
                cursor = ScanCursor(shard: cursor.shard, position: end)
            }
        }
        return nil
    }

    /// What a page has so far.
    private struct Page {
        let options: ScanOptions
        var count = 0
        var bytes = 0
        var visits = 0
    }

    /// Hands out the live entries from the cursor on that match; the cursor to go on with, if the page is full before
    /// the end.
    private func handOut(
        _ entries: [(position: UInt64, entry: EntryRef)], from cursor: ScanCursor, page: inout Page, now: WallTime,
        to sink: (RawSpan, borrowing ReadItem) -> Void
    ) -> ScanCursor? {
        let prefixBytes = page.options.prefix
        let prefix = prefixBytes.readableBytesSpan
        var place = ScanCursor(shard: cursor.shard, position: cursor.position)
        for (position, entry) in entries {
            if position < cursor.position { continue }
            if position != place.position { place = ScanCursor(shard: cursor.shard, position: position) }
            if position == cursor.position, place.skip < cursor.skip {
                place.skip += 1
                continue
            }
            if !entry.isExpired(at: now), entry.keyHasPrefix(prefix) {
                let bytes = entry.keyCount + (page.options.keysOnly ? 0 : entry.valueCount)
                if page.count >= page.options.limit { return place }
                if page.count > 0, bytes > page.options.byteLimit - page.bytes { return place }
                page.count += 1
                page.bytes += bytes
                sink(unsafe RawSpan(_unsafeBytes: entry.key), entry.item)
            }
            place.skip += 1
        }
        return nil
    }

    /// Reads the bucket that `cursor` lies in; the position after the bucket, 0 if it is the shard's last.
    func collectBucket(
        at cursor: ScanCursor, into entries: inout [(position: UInt64, entry: EntryRef)]
    ) -> UInt64 {
        let head = head(cursor.shard)
        for _ in 0..<Self.triesWithoutLock {
            let before = head.moves
            let count = head.bucketCount
            let index = TableHead.bucketIndex(cursor.position.bitReversed, count: count)
            guard before & 1 == 0, let bucket = head.bucket(at: index) else { continue }
            collect(bucket, into: &entries)
            if head.moves == before { return Self.end(of: cursor.position, count: count) }
        }
        let shard = shards[cursor.shard]
        shard.lock.lock()
        defer { shard.lock.unlock() }
        let count = head.bucketCount
        collect(
            shard.table.bucket(at: TableHead.bucketIndex(cursor.position.bitReversed, count: count)), into: &entries)
        return Self.end(of: cursor.position, count: count)
    }

    private func collect(_ bucket: BucketRef, into entries: inout [(position: UInt64, entry: EntryRef)]) {
        entries.removeAll(keepingCapacity: true)
        bucket.forEachEntry { word in
            word.entry.prefetch(lines: 1)
            entries.append((0, word.entry))
        }
    }

    /// Sorts the entries of a bucket by their positions.
    private func order(_ entries: inout [(position: UInt64, entry: EntryRef)]) {
        for index in entries.indices {
            entries[index].position = unsafe shared.hash.hash(entries[index].entry.key).bitReversed
        }
        entries.sort { a, b in a.position < b.position || (a.position == b.position && a.entry.keyPrecedes(b.entry)) }
    }

    /// Where the range of the bucket that `position` lies in ends, with `count` buckets; 0 past the last.
    private static func end(of position: UInt64, count: UInt64) -> UInt64 {
        let level = UInt64(63 - count.leadingZeroBitCount)
        let base: UInt64 = 1 << level
        let isSplit = position.bitReversed & (base - 1) < count - base
        let bits = isSplit ? level + 1 : level
        return ((position >> (64 - bits)) &+ 1) << (64 - bits)
    }
}

extension EntryRef {
    fileprivate func keyHasPrefix(_ prefix: RawSpan) -> Bool {
        guard prefix.byteCount <= keyCount else { return false }
        return unsafe prefix.withUnsafeBytes { prefix in
            guard let start = prefix.baseAddress, let own = unsafe key.baseAddress else { return true }
            return unsafe bytesEqual(own, start, prefix.count)
        }
    }

    fileprivate func keyPrecedes(_ other: EntryRef) -> Bool { unsafe key.lexicographicallyPrecedes(other.key) }
}
