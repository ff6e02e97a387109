//! Where all shards get their memory: pages of 16 KiB, cut from chunks of 2 MiB that are mapped from the system.
//!
//! Pages are aligned to their size, so that the page of a block is its address with the low bits cleared, and chunks to
//! theirs, so that the kernel can back them by huge pages: random reads over a large store then do not miss the TLB.
//! A chunk whose pages all came back is unmapped (one is kept, so that a store at the edge of a chunk does not map and
//! unmap it for ever). Of the free pages in chunks that are still in use, those beyond a quarter are discarded: their
//! addresses stay, their memory goes back to the system.
//!
//! Threads: any, under the pool's own lock, which is the innermost: it is taken with a shard's lock held.
//!
//! Always true: a page is either free (its bit in its chunk is set) or owned by exactly one taker.
//!
//! Unsafe inside: it hands out raw memory. Sound because pages never overlap and a chunk is unmapped only when all of
//! its pages are free.

internal import CIntrinsics
internal import NeedletailThreads
internal import Synchronization

/// A pool of pages that grows from the system and shrinks back to it.
@safe
final class PagePool: @unchecked Sendable {
    static let pageBytes = 16 << 10
    static let chunkBytes = 2 << 20
    static let pagesPerChunk = chunkBytes / pageBytes
    /// Free pages that keep their memory, whatever the size of the pool.
    private static let keptPagesMin = 64

    private struct Chunk {
        var base: UInt
        /// A bit for each free page.
        var free: (UInt64, UInt64)
        var isFull: Bool { free.0 | free.1 == 0 }
        var isWhollyFree: Bool { free.0 & free.1 == ~0 }
    }

    private let lock = Lock()
    /// Nil where a chunk was unmapped; such places are used again.
    private var chunks: [Chunk?] = []
    private var indexByBase: [UInt: Int] = [:]
    /// No chunk before this index has a free page.
    private var firstCandidate = 0
    private var freePages = 0
    private var whollyFreeChunks = 0
    private let taken = Atomic<Int>(0)

    /// Bytes in pages that are taken.
    var takenBytes: Int { taken.load(ordering: .relaxed) * Self.pageBytes }

    /// Bytes that are mapped from the system.
    var mappedBytes: Int {
        lock.lock()
        defer { lock.unlock() }
        return indexByBase.count * Self.chunkBytes
    }

    var contendedCount: Int { lock.contendedCount }

    /// A page; its content is undefined. Ends the process if the system has no memory.
    func take() -> UnsafeMutableRawPointer {
        lock.lock()
        defer { lock.unlock() }
        if freePages == 0 { addChunk() }
        taken.wrappingAdd(1, ordering: .relaxed)
        freePages -= 1
        while true {
            guard var chunk = chunks[firstCandidate], !chunk.isFull else {
                firstCandidate += 1
                continue
            }
            if chunk.isWhollyFree { whollyFreeChunks -= 1 }
            let index: Int
            if chunk.free.0 != 0 {
                index = chunk.free.0.trailingZeroBitCount
                chunk.free.0 &= chunk.free.0 - 1
            } else {
                index = 64 + chunk.free.1.trailingZeroBitCount
                chunk.free.1 &= chunk.free.1 - 1
            }
            chunks[firstCandidate] = chunk
            let address = chunk.base + UInt(index * Self.pageBytes)
            return unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
        }
    }

    /// Takes `page` back.
    /// - Precondition: it came from `take`, and nobody uses it any more.
    func give(_ page: UnsafeMutableRawPointer) {
        lock.lock()
        defer { lock.unlock() }
        let address = UInt(bitPattern: page)
        let base = address & ~UInt(Self.chunkBytes - 1)
        guard let place = indexByBase[base], var chunk = chunks[place] else {
            preconditionFailure("a page that is not the pool's")
        }
        let index = Int(address - base) / Self.pageBytes
        if index < 64 { chunk.free.0 |= 1 << UInt64(index) } else { chunk.free.1 |= 1 << UInt64(index - 64) }
        chunks[place] = chunk
        taken.wrappingSubtract(1, ordering: .relaxed)
        freePages += 1
        firstCandidate = min(firstCandidate, place)
        if chunk.isWhollyFree {
            whollyFreeChunks += 1
            if whollyFreeChunks > 1 {
                unmap(place)
                return
            }
        }
        let mapped = indexByBase.count * Self.pagesPerChunk
        if freePages > max(Self.keptPagesMin, mapped / 4) { unsafe nt_discard(page, Self.pageBytes) }
    }

    private func addChunk() {
        guard let start = unsafe nt_map_aligned(Self.chunkBytes) else {
            fatalError("the system has no memory for another \(Self.chunkBytes) bytes")
        }
        let chunk = Chunk(base: UInt(bitPattern: start), free: (~0, ~0))
        let place = chunks.firstIndex { $0 == nil } ?? chunks.count
        if place == chunks.count { chunks.append(chunk) } else { chunks[place] = chunk }
        indexByBase[chunk.base] = place
        freePages += Self.pagesPerChunk
        whollyFreeChunks += 1
        firstCandidate = min(firstCandidate, place)
    }

    private func unmap(_ place: Int) {
        guard let chunk = chunks[place] else { return }
        unsafe nt_unmap(UnsafeMutableRawPointer(bitPattern: chunk.base), Self.chunkBytes)
        indexByBase[chunk.base] = nil
        chunks[place] = nil
        freePages -= Self.pagesPerChunk
        whollyFreeChunks -= 1
    }

    deinit {
        for chunk in chunks {
            guard let chunk else { continue }
            unsafe nt_unmap(UnsafeMutableRawPointer(bitPattern: chunk.base), Self.chunkBytes)
        }
    }
}
