//! The engine's parts by themselves: hash, slabs, pages, queues, numbers.

import NIOCore
import StorageEngine
import Testing

@testable import MemoryEngine

@Suite struct PartTests {
    @Test func theHashDependsOnEveryByteAndTheSeed() {
        var generator = SeededGenerator(seed: 1)
        var seen: Set<UInt64> = []
        for length in 0...200 {
            var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let hash = unsafe bytes.withUnsafeBytes { unsafe KeyHash(seed: 1).hash($0) }
            #expect(seen.insert(hash).inserted)
            unsafe #expect(seen.insert(bytes.withUnsafeBytes { unsafe KeyHash(seed: 2).hash($0) }).inserted)
            for index in 0..<length {
                bytes[index] ^= 1
                unsafe #expect(bytes.withUnsafeBytes { unsafe KeyHash(seed: 1).hash($0) } != hash)
                bytes[index] ^= 1
            }
        }
    }

    @Test func theHashSpreadsSequentialKeys() {
        // 64 shards of 16 buckets: with 64,000 keys, 62.5 a bucket; 6 standard deviations are 47.
        let hash = KeyHash(seed: 7)
        var counts = Array(repeating: 0, count: 1_024)
        var tags = Array(repeating: 0, count: 64)
        for number in 0..<64_000 {
            let value = unsafe key16(number).readableBytesSpan.withUnsafeBytes { unsafe hash.hash($0) }
            counts[Int(value >> 58) * 16 + Int(value & 15)] += 1
            tags[Int(KeyHash.tag(value) & 63)] += 1
        }
        #expect(counts.allSatisfy { (15...110).contains($0) })
        #expect(tags.allSatisfy { (800...1_200).contains($0) })
    }

    @Test func bitsAreReversed() {
        #expect(UInt64(1).bitReversed == 1 << 63 && UInt64.max.bitReversed == .max)
        #expect((0x8000_0000_0000_0001 as UInt64).bitReversed == 0x8000_0000_0000_0001)
        #expect((0b1011 as UInt64).bitReversed >> 60 == 0b1101)
    }

    @Test func blocksDoNotOverlapAndPagesComeBack() {
        let pool = PagePool()
        let slab = SlabAllocator(pool: pool)
        var generator = SeededGenerator(seed: 5)
        var blocks: [(start: UInt, size: Int)] = []
        var taken: [(UnsafeMutableRawPointer, Int)] = unsafe []
        for _ in 0..<20_000 {
            if unsafe taken.isEmpty || Int.random(in: 0..<10, using: &generator) < 6 {
                let size = Int.random(in: 1...6_000, using: &generator)
                let block = unsafe slab.allocate(size)
                unsafe block.initializeMemory(as: UInt8.self, repeating: 0xab, count: size)
                unsafe taken.append((block, size))
            } else {
                let index = unsafe Int.random(in: 0..<taken.count, using: &generator)
                unsafe taken.swapAt(index, taken.count - 1)
                let (block, size) = unsafe taken.removeLast()
                unsafe slab.deallocate(block, size)
            }
        }
        unsafe taken.forEach { blocks.append((UInt(bitPattern: $0), $1)) }
        blocks.sort { $0.start < $1.start }
        #expect(zip(blocks, blocks.dropFirst()).allSatisfy { $0.start + UInt($0.size) <= $1.start })
        #expect(blocks.allSatisfy { $0.start % 8 == 0 })
        #expect(slab.usedBytes >= blocks.reduce(0) { $0 + $1.size })
        unsafe taken.forEach { unsafe slab.deallocate($0, $1) }
        #expect(slab.usedBytes == 0 && slab.largeBytes == 0 && pool.takenBytes == 0)
        #expect(pool.mappedBytes <= PagePool.chunkBytes)
    }

    @Test func aClassWastesLittle() {
        let slab = SlabAllocator(pool: PagePool())
        for size in 17...SlabAllocator.blockBytesMax {
            let block = slab.blockBytes(size)
            #expect(block >= size && block - size <= max(7, size / 4))
        }
        for size in SlabAllocator.classes { #expect(size % 8 == 0) }
    }

    @Test func thePoolServesManyChunks() {
        let pool = PagePool()
        var pages: Set<UInt> = []
        for _ in 0..<1_000 { unsafe pages.insert(UInt(bitPattern: pool.take())) }
        #expect(pages.count == 1_000 && pages.allSatisfy { $0 % UInt(PagePool.pageBytes) == 0 })
        #expect(pool.mappedBytes == 8 * PagePool.chunkBytes)
        for page in pages { unsafe pool.give(UnsafeMutableRawPointer(bitPattern: page).unsafelyUnwrapped) }
        #expect(pool.takenBytes == 0 && pool.mappedBytes == PagePool.chunkBytes)
    }

    @Test func aRingBufferIsAQueue() {
        var ring = RingBuffer<Int>()
        var model: [Int] = []
        var generator = SeededGenerator(seed: 2)
        for number in 0..<5_000 {
            if Bool.random(using: &generator) || model.isEmpty {
                ring.append(number)
                model.append(number)
            } else {
                #expect(ring.removeFirst() == model.removeFirst())
            }
            #expect(ring.count == model.count && ring.first == model.first)
        }
        #expect((0..<ring.count).map { ring[$0] } == model)
    }

    @Test func numbersBecomeTheirText() {
        for number in [0, 1, -1, 10, -10, 99, .max, .min, 1_234_567_890] as [Int64] {
            var text = DecimalInteger(number)
            unsafe text.withBytes { bytes in
                #expect(unsafe String(decoding: bytes, as: UTF8.self) == "\(number)")
                #expect(unsafe DecimalInteger.parse(bytes) == number)
            }
        }
    }

    @Test func aCursorKnowsItsEngine() {
        let seal = KeyHash(seed: 1)
        let cursor = ScanCursor(shard: 3, position: 0x1234_5678_9abc_def0, skip: 2)
        let bytes = cursor.encoded(seal: seal)
        #expect(ScanCursor(bytes, seal: seal, shardCount: 4) == cursor)
        #expect(ScanCursor(bytes, seal: seal, shardCount: 2) == nil)
        #expect(ScanCursor(bytes, seal: KeyHash(seed: 2), shardCount: 4) == nil)
    }
}
