//! How the tests of this folder start their servers.

internal import StorageAPI

enum DurableServer {
    /// The data directory lies in the directory that the server runs in; its segments are as small as they may be, so that
    /// many are begun and ended.
    static let arguments = ["--durability", "synced", "--data-dir", "data", "--log-segment-size", "1MiB"]

    /// What writes ask for; nil: what the server was started with.
    static let levels: [Durability?] = [nil, .synced, .logged, .memory]
}
