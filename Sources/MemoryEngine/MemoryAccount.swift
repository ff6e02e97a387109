//! How much memory the engine uses, against its limit: one counter for all shards, fed by differences.
//!
//! Charged are the blocks of live entries as the allocator gave them, the storage of large values, and tables. Not
//! charged is what was retired and waits for readers (microseconds, unless a thread is stopped within a read), so that
//! overwriting at the limit works. A shard keeps a difference of less than `flushBytes` to itself, so the counter is
//! off by less than shards x `flushBytes`: the limit may be overshot by that, by one bucket's growth for each shard,
//! and by what other threads reserve at the same moment.
//!
//! Threads: any. The counter is relaxed: it orders nothing.

internal import Synchronization

final class MemoryAccount: Sendable {
    /// The largest difference that a shard keeps to itself.
    private static let flushBytesMax = 4 << 10
    /// With a limit, all shards together keep at most this fraction of it to themselves.
    private static let unflushedFraction = 64

    /// 0: none.
    let limitBytes: Int
    /// A shard tells of a difference of this size or more.
    let flushBytes: Int
    private let charged = Atomic<Int>(0)

    init(limitBytes: Int, shards: Int) {
        precondition(limitBytes >= 0)
        self.limitBytes = limitBytes
        flushBytes =
            limitBytes == 0
            ? Self.flushBytesMax : min(Self.flushBytesMax, limitBytes / (shards * Self.unflushedFraction))
    }

    var chargedBytes: Int { charged.load(ordering: .relaxed) }

    func add(_ difference: Int) { charged.wrappingAdd(difference, ordering: .relaxed) }

    /// Whether `bytes` more fit, for a caller who has not told of `unflushed` yet.
    @inline(__always)
    func fits(_ bytes: Int, unflushed: Int) -> Bool {
        limitBytes == 0 || chargedBytes + unflushed + bytes <= limitBytes
    }
}
