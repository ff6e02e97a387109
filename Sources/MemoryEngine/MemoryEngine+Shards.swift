//! The engine shard by shard, for whoever looks at a live process.

internal import NeedletailThreads

/// One shard's figures.
package struct ShardFigures: Codable, Sendable, Hashable {
    package var shard: Int
    package var entries: Int
    /// Of entries, as the allocator gave them, and of buckets, directories, queues and wheels.
    package var entryBytes: Int
    package var tableBytes: Int
    package var expired: Int
    package var evicted: Int
    /// Times that its lock was found taken.
    package var contended: Int
}

extension MemoryEngine {
    /// Each shard at a moment of its own: its lock is held for it, and no other.
    package func shardFigures() -> [ShardFigures] {
        shards.enumerated().map { index, shard in
            shard.lock.lock()
            defer { shard.lock.unlock() }
            return ShardFigures(
                shard: index, entries: shard.table.count, entryBytes: shard.entryBytes, tableBytes: shard.tableBytes,
                expired: shard.expiredCount, evicted: shard.evictedCount, contended: shard.lock.contendedCount)
        }
    }
}
