//! How the tests of this folder start their servers.

internal import StorageAPI

enum DurableServer {
    /// The data directory lies in the directory that the server runs in.
    static let arguments = hasLog ? ["--durability", "synced", "--data-dir", "data"] : ["--durability", "memory"]

    /// What writes ask for; nil: what the server was started with.
    static let levels: [Durability?] = hasLog ? [nil, .synced, .logged, .memory] : [nil]

    /// Whether this build keeps a log.
    static let hasLog = true

    /// Whether this build takes snapshots.
    static let hasSnapshots = false
}
