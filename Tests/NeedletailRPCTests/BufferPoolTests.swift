import NIOCore
import Testing

@testable import NeedletailRPC

@Suite struct BufferPoolTests {
    private func fill(_ pool: BufferPool) {
        let buffers = (0..<BufferPool.buffersMax + 10).map { _ in pool.take(minimumCapacity: 4_096) }
        for buffer in buffers { pool.give(buffer) }
    }

    @Test func itKeepsItsShareWhileMemoryIsShort() {
        let pool = BufferPool()
        fill(pool)
        let all = pool.byteCount
        #expect(all == BufferPool.buffersMax * 4_096)
        pool.keep(percent: 50)
        #expect(pool.byteCount == all / 2)
        fill(pool)
        #expect(pool.byteCount == all / 2)
        pool.keep(percent: 0)
        #expect(pool.byteCount == 0)
        fill(pool)
        #expect(pool.byteCount == 0)
        #expect(pool.buffersOut == 0)
        pool.keep(percent: 100)
        fill(pool)
        #expect(pool.byteCount == all)
    }
}
