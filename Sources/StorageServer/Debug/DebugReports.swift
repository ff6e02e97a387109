//! What `/debug` answers as JSON, beside what the RPC server says of its loops.

/// A configuration key.
struct OptionReport: Codable, Sendable {
    var name: String
    /// As it stands in a file.
    var value: String
    /// Where it came from.
    var origin: String
}

/// Memory, by who holds it.
struct HeapReport: Codable, Sendable {
    struct Store: Codable, Sendable {
        var entryBytes: Int
        var tableBytes: Int
        var shards: [Shard]
    }

    struct Shard: Codable, Sendable {
        var shard: Int
        var bytes: Int
    }

    /// Of the buffers of one event loop.
    struct Pool: Codable, Sendable {
        var loop: Int
        /// The loop did not answer in time.
        var frozen: Bool
        var bytes: Int?
    }

    var allocator: AllocatorReport
    var store: Store
    var pools: [Pool]
}
