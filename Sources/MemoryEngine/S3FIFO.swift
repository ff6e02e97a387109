//! Which entry to evict: S3-FIFO (Yang, Zhang, Qiu, Yue and Vinayak, "FIFO queues are all you need for cache eviction",
//! SOSP 2023), one instance a shard.
//!
//! New entries enter a small queue, a tenth of the bytes. What was read at least twice before it reaches the end moves
//! on to the main queue; the rest, the one-hit wonders, is evicted early and leaves a fingerprint in a ghost table. A
//! key that comes back while its fingerprint is remembered goes straight to the main queue, whose end gives entries
//! that were read another round (up to three). Readers only count accesses, up to three, by a relaxed store that most
//! reads skip: there is no list to move an entry in, hence nothing to lock.
//!
//! The queues are linked through the entries (16 bytes each, taken only when the engine evicts), so that removal is
//! exact and nothing grows but with the entries. The ghost table is an array of 8-byte cells indexed by hash, each with
//! a fingerprint and the number of its insertion; a cell is forgotten when it is overwritten, or when as many
//! fingerprints came after it as the main queue has entries.
//!
//! Threads: the shard's lock is held for every call.

@safe
final class S3FIFO {
    /// The small queue's share of the bytes is one in this many.
    private static let smallShare = 10
    /// Reads in the small queue that earn a place in the main one.
    private static let readsToStay: UInt8 = 2
    /// After so many second chances in a row the next entry goes, read or not, so that an eviction takes bounded time.
    private static let chancesMax = 64
    private static let ghostCellsMin = 64

    private struct Queue {
        /// The newest.
        var head: EntryRef?
        /// The oldest.
        var tail: EntryRef?
        var bytes = 0
        var count = 0
    }

    private var small = Queue()
    private var main = Queue()
    private var ghosts: [UInt64] = []
    private var ghostNumber: UInt32 = 0

    var count: Int { small.count + main.count }
    var queuedBytes: Int { small.bytes + main.bytes }
    /// Memory besides the links in the entries.
    var ghostBytes: Int { ghosts.capacity * MemoryLayout<UInt64>.stride }

    /// Adds a new entry of `bytes` bytes.
    func insert(_ entry: EntryRef, hash: UInt64, bytes: Int) {
        let isMain = forget(hash)
        if isMain { Self.push(entry, bytes, onto: &main) } else { Self.push(entry, bytes, onto: &small) }
        entry.isInMainQueue = isMain
    }

    func remove(_ entry: EntryRef, bytes: Int) {
        if entry.isInMainQueue {
            Self.unlink(entry, bytes, from: &main)
        } else {
            Self.unlink(entry, bytes, from: &small)
        }
        // Nothing is left to tell from what comes: the memory goes too.
        if count == 0 { ghosts = [] }
    }

    /// Puts `new`, an entry of the same key, in the place of `old`.
    func replace(_ old: EntryRef, bytes oldBytes: Int, with new: EntryRef, bytes newBytes: Int) {
        let isMain = old.isInMainQueue
        new.queueNext = old.queueNext
        new.queuePrevious = old.queuePrevious
        new.isInMainQueue = isMain
        new.setAccessCount(old.accessCount)
        old.queueNext?.queuePrevious = new
        old.queuePrevious?.queueNext = new
        let difference = newBytes - oldBytes
        if isMain {
            Self.replaced(old, new, difference, in: &main)
        } else {
            Self.replaced(old, new, difference, in: &small)
        }
    }

    private static func replaced(_ old: EntryRef, _ new: EntryRef, _ difference: Int, in queue: inout Queue) {
        if queue.head == old { queue.head = new }
        if queue.tail == old { queue.tail = new }
        queue.bytes += difference
    }

    /// Chooses an entry and takes it out of the queues; nil if there is none but `protected`.
    func evict(
        protecting protected: EntryRef?, bytes: (EntryRef) -> Int, hash: (EntryRef) -> UInt64
    ) -> EntryRef? {
        for chance in 0...Self.chancesMax {
            let isLast = chance == Self.chancesMax
            if small.count > 0, main.count == 0 || small.bytes * Self.smallShare >= queuedBytes {
                guard let entry = small.tail else { return nil }
                let size = bytes(entry)
                Self.unlink(entry, size, from: &small)
                if entry == protected || (entry.accessCount >= Self.readsToStay && !isLast) {
                    entry.setAccessCount(0)
                    Self.push(entry, size, onto: &main)
                    entry.isInMainQueue = true
                } else {
                    remember(hash(entry))
                    return entry
                }
            } else {
                guard let entry = main.tail else { return nil }
                let size = bytes(entry)
                Self.unlink(entry, size, from: &main)
                let reads = entry.accessCount
                if entry == protected || (reads > 0 && !isLast) {
                    if reads > 0 { entry.setAccessCount(reads - 1) }
                    Self.push(entry, size, onto: &main)
                    if count == 1, entry == protected { return nil }
                } else {
                    return entry
                }
            }
        }
        return nil
    }

    // MARK: Queues

    private static func push(_ entry: EntryRef, _ bytes: Int, onto queue: inout Queue) {
        entry.queueNext = nil
        entry.queuePrevious = queue.head
        queue.head?.queueNext = entry
        queue.head = entry
        if queue.tail == nil { queue.tail = entry }
        queue.bytes += bytes
        queue.count += 1
    }

    private static func unlink(_ entry: EntryRef, _ bytes: Int, from queue: inout Queue) {
        let next = entry.queueNext
        let previous = entry.queuePrevious
        if let next { next.queuePrevious = previous } else { queue.head = previous }
        if let previous { previous.queueNext = next } else { queue.tail = next }
        queue.bytes -= bytes
        queue.count -= 1
    }

    // MARK: Ghosts

    private static func fingerprint(_ hash: UInt64) -> UInt64 { hash >> 16 & 0xffff_ffff }

    private func cell(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash & UInt64(ghosts.count - 1)) }

    private func remember(_ hash: UInt64) {
        if ghosts.count < count / 2 || ghosts.isEmpty {
            // Starts afresh at the size of the queues; what is forgotten costs a few more misses, once.
            var cells = Self.ghostCellsMin
            while cells < count { cells *= 2 }
            ghosts = Array(repeating: 0, count: cells)
        }
        ghostNumber &+= 1
        ghosts[cell(hash)] = Self.fingerprint(hash) << 32 | UInt64(ghostNumber)
    }

    /// Whether `hash` was evicted from the small queue lately; if so, forgets it.
    private func forget(_ hash: UInt64) -> Bool {
        guard !ghosts.isEmpty else { return false }
        let cell = cell(hash)
        let value = ghosts[cell]
        guard value != 0, value >> 32 == Self.fingerprint(hash) else { return false }
        let age = ghostNumber &- UInt32(truncatingIfNeeded: value)
        ghosts[cell] = 0
        return Int(age) <= max(main.count, Self.ghostCellsMin)
    }

    /// Walks the queues, for the check of invariants: the entries and their bytes must be what the counters say.
    func checkInvariants(bytes: (EntryRef) -> Int) {
        for (queue, isMain) in [(small, false), (main, true)] {
            var found = 0
            var foundBytes = 0
            var entry = queue.tail
            var previous: EntryRef?
            while let current = entry {
                precondition(current.isInMainQueue == isMain && current.queuePrevious == previous)
                found += 1
                foundBytes += bytes(current)
                previous = current
                entry = current.queueNext
            }
            precondition(previous == queue.head && found == queue.count && foundBytes == queue.bytes)
        }
    }
}
