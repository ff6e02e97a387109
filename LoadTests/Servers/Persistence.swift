//! What a server keeps beyond its process: the levels of Needletail's durability, and what comes nearest to each in a peer.

internal import ArgumentParser

/// What a write has reached when it is answered.
enum Persistence: String, Sendable, Hashable, Codable, CaseIterable, ExpressibleByArgument {
    /// It was applied; there is no log.
    case memory
    /// It was handed to the kernel; the disk has it within about a second. Redis' `appendfsync everysec`.
    case logged
    /// It is on the disk. Redis' `appendfsync always`.
    case synced

    /// As an answer and a table name it.
    var title: String { rawValue.uppercased() }

    /// What `appendfsync` of Redis comes nearest; nil where it keeps no log.
    var appendfsync: String? {
        switch self {
        case .memory: nil
        case .logged: "everysec"
        case .synced: "always"
        }
    }
}
