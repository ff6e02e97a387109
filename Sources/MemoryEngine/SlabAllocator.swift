//! Memory for a shard's entries and overflow buckets: blocks of fixed size classes, cut from 16 KiB pages.
//!
//! glibc spends 8 bytes of header and up to 15 of rounding on each block; here a class wastes at most 7 bytes up to 256
//! and about an eighth above, and a page's header is 64 bytes for some hundred blocks. Classes above 256 bytes are cut
//! so that a whole number of blocks fills a page. Blocks above 4,080 bytes come from `malloc`, where its overhead no
//! longer matters. A page whose blocks all came back returns to the pool, for any class of any shard.
//!
//! Threads: the shard's lock is held for every call.
//!
//! Always true: a page is in its class's list exactly while it has a free block; `usedBytes` is the sum of the sizes of
//! all blocks handed out (malloc's own figure for large ones).
//!
//! Unsafe inside: raw memory. Sound because a block is in a free list or handed out, never both, and because callers
//! tell the same size when they give a block back; debug builds overwrite freed blocks, so that a use after free shows.

internal import CIntrinsics

/// A size-class allocator. See the head of the file.
@safe
final class SlabAllocator {
    /// The largest block that is cut from a page.
    static let blockBytesMax = 4_080
    static let pageHeaderBytes = 64
    /// How much of a block is prefetched; by then the hardware has seen where the writer is going.
    private static let fetchedBytesMax = 256
    private static let usablePageBytes = PagePool.pageBytes - pageHeaderBytes

    /// Block sizes by class. The first is that of overflow buckets, which share no page with entries.
    static let classes: [Int] = {
        let small = Array(stride(from: 16, through: 256, by: 8))
        // Blocks per page, each step about an eighth.
        let perPage = [56, 50, 45, 40, 36, 32, 28, 25, 22, 20, 18, 16, 14, 12, 11, 10, 9, 8, 7, 6, 5, 4]
        return [OverflowBucket.byteCount] + small + perPage.map { usablePageBytes / $0 & ~7 }
    }()
    static let bucketClass = 0

    /// The class for each size above 256, in steps of 8 bytes.
    private static let classBySize: [UInt8] = {
        (0...blockBytesMax / 8).map { step in
            UInt8(classes.indices.first { $0 > 0 && classes[$0] >= step * 8 } ?? 0)
        }
    }()

    /// A page's header, at its start. Blocks follow at `pageHeaderBytes`.
    @safe
    struct Page {
        var next: UnsafeMutablePointer<Page>?
        var previous: UnsafeMutablePointer<Page>?
        /// The first free block; each holds the address of the next.
        var free: UnsafeMutableRawPointer?
        var used: Int32
        /// Blocks from this index on were never handed out.
        var fresh: Int32
        var capacity: Int32
        var sizeClass: Int32
    }

    /// What there is of one class.
    @safe
    private struct ClassState {
        /// Its pages that have free blocks.
        var partial: UnsafeMutablePointer<Page>?
        var blocksUsed = 0
        var pagesUsed = 0
    }

    private let pool: PagePool
    private let classBySize: [UInt8]
    private let sizes: [Int]
    /// For each class. Not an array: every block that is handed out or taken back changes it, and the runtime would check each
    /// access for exclusivity.
    private let states: UnsafeMutablePointer<ClassState>

    /// Bytes in blocks that are handed out.
    private(set) var usedBytes = 0
    /// Of these, bytes that come from `malloc`.
    private(set) var largeBytes = 0

    init(pool: PagePool) {
        self.pool = pool
        classBySize = Self.classBySize
        sizes = Self.classes
        unsafe states = .allocate(capacity: Self.classes.count)
        unsafe states.initialize(repeating: ClassState(), count: Self.classes.count)
    }

    deinit { unsafe states.deallocate() }

    /// Blocks of overflow buckets that are handed out.
    var bucketsUsed: Int { unsafe states[Self.bucketClass].blocksUsed }

    /// What `block`, of `byteCount` bytes, takes.
    @inline(__always)
    func blockBytes(of block: UnsafeMutableRawPointer, _ byteCount: Int) -> Int {
        guard byteCount <= Self.blockBytesMax else { return unsafe nt_allocated_size(block) }
        return sizes[sizeClass(byteCount)]
    }

    /// What a block of `byteCount` bytes would take; for large ones, an estimate.
    @inline(__always)
    func blockBytes(_ byteCount: Int) -> Int {
        guard byteCount <= Self.blockBytesMax else { return Self.largeBlockBytes(byteCount) }
        return sizes[sizeClass(byteCount)]
    }

    /// What glibc makes of a large size: a header of 8 bytes, rounded to 16.
    private static func largeBlockBytes(_ byteCount: Int) -> Int { (byteCount + 8 + 15) & ~15 }

    @inline(__always)
    private func sizeClass(_ byteCount: Int) -> Int { Int(classBySize[(byteCount + 7) >> 3]) }

    // MARK: Blocks

    @inline(__always)
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        guard byteCount <= Self.blockBytesMax else { return unsafe allocateLarge(byteCount) }
        return unsafe allocateBlock(sizeClass(byteCount))
    }

    /// - Precondition: `block` is of `byteCount` bytes, and nobody uses it any more.
    /// - Returns: the bytes that it took.
    @discardableResult
    @inline(__always)
    func deallocate(_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Int {
        guard byteCount <= Self.blockBytesMax else { return unsafe deallocateLarge(block) }
        let sizeClass = sizeClass(byteCount)
        unsafe deallocateBlock(block, sizeClass)
        return sizes[sizeClass]
    }

    func allocateBucket() -> UnsafeMutableRawPointer { unsafe allocateBlock(Self.bucketClass) }

    func deallocateBucket(_ block: UnsafeMutableRawPointer) { unsafe deallocateBlock(block, Self.bucketClass) }

    private func allocateLarge(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
        let size = unsafe nt_allocated_size(block)
        usedBytes += size
        largeBytes += size
        return unsafe block
    }

    private func deallocateLarge(_ block: UnsafeMutableRawPointer) -> Int {
        let size = unsafe nt_allocated_size(block)
        usedBytes -= size
        largeBytes -= size
        unsafe block.deallocate()
        return size
    }

    private func allocateBlock(_ sizeClass: Int) -> UnsafeMutableRawPointer {
        let page = unsafe states[sizeClass].partial ?? addPage(sizeClass)
        let size = sizes[sizeClass]
        let block: UnsafeMutableRawPointer
        if let free = unsafe page.pointee.free {
            unsafe block = unsafe free
            unsafe page.pointee.free = unsafe free.load(as: UnsafeMutableRawPointer?.self)
        } else {
            unsafe block = unsafe Self.freshBlock(page, size)
            unsafe page.pointee.fresh &+= 1
        }
        unsafe page.pointee.used &+= 1
        if unsafe page.pointee.used == page.pointee.capacity {
            unsafe unlist(page, sizeClass)
            if let second = unsafe states[sizeClass].partial?.pointee.next { unsafe nt_prefetch(second) }
        }
        fetchNext(sizeClass, size)
        unsafe states[sizeClass].blocksUsed &+= 1
        usedBytes &+= size
        return unsafe block
    }

    /// The first block of a page that was never handed out; behind the page if all were.
    @inline(__always)
    private static func freshBlock(_ page: UnsafeMutablePointer<Page>, _ size: Int) -> UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(page) + (pageHeaderBytes &+ Int(page.pointee.fresh) &* size)
    }

    /// Prefetches the block that a class hands out next, if a page has one: whoever writes an entry does not wait for its
    /// memory then. (`needletail-load recovery`: loading took 0.68 of the time.)
    @inline(__always)
    private func fetchNext(_ sizeClass: Int, _ size: Int) {
        guard let page = unsafe states[sizeClass].partial else { return }
        let block = unsafe page.pointee.free ?? Self.freshBlock(page, size)
        var line = 0
        while line < min(size, Self.fetchedBytesMax) {
            unsafe nt_prefetch(block + line)
            line &+= 64
        }
    }

    private func deallocateBlock(_ block: UnsafeMutableRawPointer, _ sizeClass: Int) {
        let page = unsafe Self.page(of: block)
        precondition(unsafe Int(page.pointee.sizeClass) == sizeClass, "a block of another size")
        unsafe assert(scribble(block, sizes[sizeClass]))
        unsafe block.storeBytes(of: page.pointee.free, as: UnsafeMutableRawPointer?.self)
        unsafe page.pointee.free = unsafe block
        if unsafe page.pointee.used == page.pointee.capacity { unsafe list(page, sizeClass) }
        unsafe page.pointee.used &-= 1
        unsafe states[sizeClass].blocksUsed &-= 1
        usedBytes &-= sizes[sizeClass]
        if unsafe page.pointee.used == 0 {
            unsafe unlist(page, sizeClass)
            unsafe states[sizeClass].pagesUsed -= 1
            unsafe pool.give(UnsafeMutableRawPointer(page))
        }
    }

    /// Overwrites a freed block, in debug builds.
    private func scribble(_ block: UnsafeMutableRawPointer, _ byteCount: Int) -> Bool {
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0xdd, count: byteCount)
        return true
    }

    // MARK: Pages

    @inline(__always)
    static func page(of block: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Page> {
        let address = UInt(bitPattern: block) & ~UInt(PagePool.pageBytes - 1)
        return unsafe UnsafeMutablePointer<Page>(bitPattern: address).unsafelyUnwrapped
    }

    private func addPage(_ sizeClass: Int) -> UnsafeMutablePointer<Page> {
        let page = unsafe pool.take().bindMemory(to: Page.self, capacity: 1)
        let capacity = Self.usablePageBytes / sizes[sizeClass]
        unsafe page.initialize(
            to: Page(
                next: nil, previous: nil, free: nil, used: 0, fresh: 0, capacity: Int32(capacity),
                sizeClass: Int32(sizeClass)))
        unsafe states[sizeClass].pagesUsed += 1
        unsafe list(page, sizeClass)
        return unsafe page
    }

    private func list(_ page: UnsafeMutablePointer<Page>, _ sizeClass: Int) {
        let first = unsafe states[sizeClass].partial
        unsafe page.pointee.next = unsafe first
        unsafe page.pointee.previous = nil
        if let first = unsafe first { unsafe first.pointee.previous = unsafe page }
        unsafe states[sizeClass].partial = unsafe page
    }

    private func unlist(_ page: UnsafeMutablePointer<Page>, _ sizeClass: Int) {
        let next = unsafe page.pointee.next
        let previous = unsafe page.pointee.previous
        if let next = unsafe next { unsafe next.pointee.previous = unsafe previous }
        if let previous = unsafe previous {
            unsafe previous.pointee.next = unsafe next
        } else {
            unsafe states[sizeClass].partial = unsafe next
        }
    }

    // MARK: Compaction

    /// A page of a class whose pages are on average too empty: the emptiest among its first `looked`, or nil if no
    /// class has more than a quarter (and two pages) of its blocks free. Entries in it are worth moving.
    func sparsePage(looking looked: Int = 32) -> UnsafeMutablePointer<Page>? {
        for sizeClass in sizes.indices where sizeClass != Self.bucketClass {
            let state = unsafe states[sizeClass]
            let capacity = Self.usablePageBytes / sizes[sizeClass]
            let blocks = state.pagesUsed * capacity
            guard state.pagesUsed > 2, blocks - state.blocksUsed > max(2 * capacity, blocks / 4) else { continue }
            var best: UnsafeMutablePointer<Page>?
            var page = unsafe state.partial
            for _ in 0..<looked {
                guard let candidate = unsafe page else { break }
                if unsafe candidate.pointee.used < best?.pointee.used ?? .max { unsafe best = unsafe candidate }
                unsafe page = unsafe candidate.pointee.next
            }
            if let best = unsafe best { return unsafe best }
        }
        return nil
    }

    /// The blocks of `page` that are handed out. The page moves behind the first pages of its class's list, so that
    /// what is allocated next comes from others.
    func blocksToMove(of page: UnsafeMutablePointer<Page>, behind looked: Int = 32) -> [UnsafeMutableRawPointer] {
        let sizeClass = Int(unsafe page.pointee.sizeClass)
        let size = sizes[sizeClass]
        var free = Set<UInt>()
        var block = unsafe page.pointee.free
        while let current = unsafe block {
            free.insert(UInt(bitPattern: current))
            unsafe block = unsafe current.load(as: UnsafeMutableRawPointer?.self)
        }
        unsafe unlist(page, sizeClass)
        unsafe list(page, behind: looked, sizeClass)
        var blocks: [UnsafeMutableRawPointer] = unsafe []
        for index in 0..<Int(unsafe page.pointee.fresh) {
            let block = unsafe UnsafeMutableRawPointer(page) + (Self.pageHeaderBytes + index * size)
            if !free.contains(UInt(bitPattern: block)) { unsafe blocks.append(block) }
        }
        return unsafe blocks
    }

    private func list(_ page: UnsafeMutablePointer<Page>, behind looked: Int, _ sizeClass: Int) {
        guard var before = unsafe states[sizeClass].partial else { return unsafe list(page, sizeClass) }
        for _ in 0..<looked {
            guard let next = unsafe before.pointee.next else { break }
            unsafe before = unsafe next
        }
        let next = unsafe before.pointee.next
        unsafe page.pointee.previous = unsafe before
        unsafe page.pointee.next = unsafe next
        unsafe before.pointee.next = unsafe page
        if let next = unsafe next { unsafe next.pointee.previous = unsafe page }
    }
}
