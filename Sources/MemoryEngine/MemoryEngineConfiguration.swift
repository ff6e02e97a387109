//! What a memory engine is made with. Every default is here.

/// How to make a `MemoryEngine`.
public struct MemoryEngineConfiguration: Sendable {
    /// What happens when the memory limit is reached.
    public enum EvictionPolicy: String, Sendable, CaseIterable {
        /// Writes fail with `EngineError.outOfMemory`.
        case none
        /// Entries that are not worth keeping are evicted (S3-FIFO). Costs 16 bytes an entry.
        case s3fifo
    }

    public static let shardCountDefault = 64
    /// 16 bits of a key's hash can choose a shard.
    public static let shardCountMax = 1 << 16

    /// How many parts with a lock of their own; a power of two.
    public var shardCount: Int
    /// Bytes of entries and tables; 0: no limit.
    public var memoryLimitBytes: Int
    public var evictionPolicy: EvictionPolicy
    /// Seeds the hash of keys, and with it the order of scans and the validity of cursors. Random by default, so that
    /// clients cannot choose keys that collide.
    public var seed: UInt64
    /// The version of the first change; at least 1. Versions only grow, so an engine whose versions must not go back
    /// over restarts gets max(last version + 1, microseconds since 1970).
    public var firstVersion: Int64
    /// Whether changes go to a log, which is attached before the first one (`MemoryEngine.attach`). Versions are the log's
    /// LSNs then.
    public var isLogged: Bool

    public init(
        shardCount: Int = shardCountDefault, memoryLimitBytes: Int = 0, evictionPolicy: EvictionPolicy = .none,
        seed: UInt64 = .random(in: .min ... .max), firstVersion: Int64 = 1, isLogged: Bool = false
    ) {
        self.shardCount = shardCount
        self.memoryLimitBytes = memoryLimitBytes
        self.evictionPolicy = evictionPolicy
        self.seed = seed
        self.firstVersion = firstVersion
        self.isLogged = isLogged
    }
}
