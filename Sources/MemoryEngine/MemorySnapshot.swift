//! An engine as snapshots of it are taken: all entries, a few buckets at a time, while it serves.
//!
//! Buckets are read as scans read them, without locks (MemoryEngine+Scan.swift): what is there from the first slice to the
//! last is handed out at least once, whatever grows and shrinks meanwhile.
//!
//! Threads: one. It is pinned only within a slice, so that what writers replace is not held for long.

internal import NeedletailThreads
internal import StorageEngine
public import Timing
public import WriteAheadLog

/// The entries of a memory engine, slice by slice.
public struct MemorySnapshot: SnapshotSource {
    /// Buckets in one slice, at most.
    private static let bucketsPerSlice = 64
    /// Bytes of keys and values after which a slice ends with its bucket.
    private static let sliceBytes = 256 << 10

    private let engine: MemoryEngine
    private let session: MemorySession
    private var cursor = ScanCursor()
    private var entries: [(position: UInt64, entry: EntryRef)] = []

    public init(of engine: MemoryEngine) {
        self.engine = engine
        session = engine.makeSession()
    }

    /// Who has taken an LSN holds a shard's lock until its change is to be seen.
    public func settle() {
        for shard in engine.shards {
            shard.lock.lock()
            shard.lock.unlock()
        }
    }

    public mutating func nextSlice(
        _ entry: (_ key: RawSpan, _ value: RawSpan, _ version: Int64, _ expiry: WallTime) -> Void
    ) -> Bool {
        session.pin()
        defer { session.unpin() }
        var bytes = 0
        for _ in 0..<Self.bucketsPerSlice where bytes < Self.sliceBytes {
            guard cursor.shard < engine.shards.count else { return false }
            let end = engine.collectBucket(at: cursor, into: &entries)
            for (_, found) in entries {
                let item = found.item
                let key = unsafe RawSpan(_unsafeBytes: found.key)
                entry(key, item.value, item.version, item.expiry)
                bytes += key.byteCount + item.value.byteCount
            }
            cursor =
                end == 0 ? ScanCursor(shard: cursor.shard + 1) : ScanCursor(shard: cursor.shard, position: end)
        }
        return cursor.shard < engine.shards.count
    }
}
