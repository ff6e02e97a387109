//! Slots and buckets: where a table keeps the addresses of its entries.
//!
//! A slot is one atomic 64-bit word: 0 when empty; else the entry's address in the low 48 bits and the key's 16-bit tag
//! above, so that a lookup touches an entry only if it is very likely the right one. A bucket is a cache line of 8
//! slots. When it overflows, its last slot becomes a link (lowest bit set) to an overflow bucket of 4 slots (32 bytes),
//! whose last slot may again become a link.
//!
//! Threads: readers load slots (acquire) while pinned; stores (release) are for the holder of the shard's lock.
//!
//! Unsafe inside: slots lie in raw memory. Sound because buckets are zeroed before they can be reached, and freed only
//! when no reader can reach them (Reclamation.swift).

internal import Synchronization

/// What a slot holds.
@safe
struct SlotWord: Equatable {
    let bits: UInt64

    @inline(__always)
    init(bits: UInt64) { self.bits = bits }

    static let empty = SlotWord(bits: 0)

    init(_ entry: EntryRef, tag: UInt64) {
        bits = unsafe UInt64(UInt(bitPattern: entry.raw)) | tag << 48
    }

    init(link: UnsafeMutableRawPointer) {
        bits = UInt64(UInt(bitPattern: link)) | 1
    }

    @inline(__always)
    var isEmpty: Bool { bits == 0 }
    @inline(__always)
    var isLink: Bool { bits & 1 != 0 }
    @inline(__always)
    var tag: UInt64 { bits >> 48 }
    @inline(__always)
    private var address: UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(bits & 0xffff_ffff_fffe)).unsafelyUnwrapped
    }

    /// - Precondition: neither empty nor a link.
    @inline(__always)
    var entry: EntryRef { unsafe EntryRef(address) }
    /// - Precondition: a link.
    @inline(__always)
    var overflow: BucketRef { unsafe BucketRef(address, slotCount: OverflowBucket.slotCount) }

    /// Whether the slot holds an entry with this tag.
    @inline(__always)
    func hasTag(_ tag: UInt64) -> Bool { self.tag == tag && bits & 1 == 0 && bits != 0 }
}

/// Where a slot lies.
@safe
struct SlotRef {
    private let word: UnsafeMutablePointer<Atomic<UInt64>>

    @inline(__always)
    init(_ word: UnsafeMutablePointer<Atomic<UInt64>>) { unsafe self.word = word }

    @inline(__always)
    func load() -> SlotWord { SlotWord(bits: unsafe word.pointee.load(ordering: .acquiring)) }

    @inline(__always)
    func store(_ value: SlotWord) { unsafe word.pointee.store(value.bits, ordering: .releasing) }
}

enum PrimaryBucket {
    static let slotCount = 8
    static let byteCount = 64
}

enum OverflowBucket {
    static let slotCount = 4
    static let byteCount = 32
}

/// Where a bucket lies.
@safe
struct BucketRef {
    let raw: UnsafeMutableRawPointer
    let slotCount: Int

    @inline(__always)
    init(_ raw: UnsafeMutableRawPointer, slotCount: Int) {
        unsafe self.raw = raw
        self.slotCount = slotCount
    }

    @inline(__always)
    subscript(index: Int) -> SlotRef {
        unsafe SlotRef((raw + index &* 8).assumingMemoryBound(to: Atomic<UInt64>.self))
    }

    var last: SlotRef { self[slotCount - 1] }

    /// The next bucket of the chain.
    @inline(__always)
    var next: BucketRef? {
        let word = last.load()
        return word.isLink ? word.overflow : nil
    }

    /// Makes `slotCount` empty slots of raw memory.
    func initialize() {
        for index in 0..<slotCount {
            unsafe (raw + index * 8).bindMemory(to: Atomic<UInt64>.self, capacity: 1).initialize(to: Atomic(0))
        }
    }

    /// Hands `body` the entries of the whole chain, as a reader or a writer.
    @inline(__always)
    func forEachEntry(_ body: (SlotWord) -> Void) {
        var bucket = self
        while true {
            var next: BucketRef?
            for index in 0..<bucket.slotCount {
                let word = bucket[index].load()
                if word.isLink { next = word.overflow } else if !word.isEmpty { body(word) }
            }
            guard let following = next else { return }
            bucket = following
        }
    }
}
