//! Counters of one event loop. Written by that loop alone, with plain loads and stores (no locked instruction); read by
//! whoever scrapes, from any thread. A scrape sees each counter at some recent value, and sums the blocks of all loops.
//!
//! Unsafe inside: atomics cannot live in an array, so they live in memory that the block owns and frees; `@unchecked`,
//! because a pointer to atomics is not `Sendable` by itself.

public import Synchronization

/// A fixed number of counters with one writer and any number of readers.
@safe
public final class CounterBlock: @unchecked Sendable {
    @usableFromInline let counters: UnsafeMutablePointer<Atomic<UInt64>>
    public let count: Int

    /// - Parameter count: how many counters; all start at 0.
    public init(count: Int) {
        self.count = count
        unsafe counters = .allocate(capacity: count)
        for index in 0..<count { unsafe (counters + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe counters.deinitialize(count: count)
        unsafe counters.deallocate()
    }

    /// Adds to a counter. Only the block's owner calls this. (A build with `NEEDLETAIL_WITHOUT_METRICS` counts nothing:
    /// what counting costs is measured against it.)
    @inlinable
    public func add(_ amount: Int = 1, to index: Int) {
        #if !NEEDLETAIL_WITHOUT_METRICS
            precondition(0..<count ~= index, "a counter's index is below the block's count")
            let value = unsafe counters[index].load(ordering: .relaxed)
            unsafe counters[index].store(value &+ UInt64(truncatingIfNeeded: amount), ordering: .relaxed)
        #endif
    }

    /// Makes a counter show `value`, in every build: for gauges, and for counts that decisions rest on. Only the block's
    /// owner calls this.
    @inlinable
    public func set(_ index: Int, to value: UInt64) {
        precondition(0..<count ~= index, "a counter's index is below the block's count")
        unsafe counters[index].store(value, ordering: .relaxed)
    }

    /// A counter's value.
    public subscript(index: Int) -> UInt64 {
        precondition(0..<count ~= index, "a counter's index is below the block's count")
        return unsafe counters[index].load(ordering: .relaxed)
    }
}
