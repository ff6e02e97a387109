//! What is compared with the peers, and what is asked of us.

internal import ArgumentParser

/// A row of the comparison.
enum PeerRow: String, CaseIterable, Sendable, ExpressibleByArgument {
    case get
    case getPipelined = "get-16"
    case multiGet10 = "multi-get-10"
    case multiGet100 = "multi-get-100"
    case multiGet1000 = "multi-get-1000"
    case put
    case memory
    case openLoop = "open-loop"
    case eventLoops = "event-loops"

    /// The calls of a row that compares CPU time per request; nil for the others.
    var calls: (shape: CallShape, inFlight: Int)? {
        switch self {
        case .get: (.get, 1)
        case .getPipelined: (.get, 16)
        case .multiGet10: (.multiGet(10), 1)
        case .multiGet100: (.multiGet(100), 1)
        case .multiGet1000: (.multiGet(1_000), 1)
        case .put: (.put, 1)
        case .memory, .openLoop, .eventLoops: nil
        }
    }

    var title: String {
        switch self {
        case .get: "get of 1"
        case .getPipelined: "get of 1, 16 in flight a connection"
        case .multiGet10, .multiGet100, .multiGet1000: calls?.shape.title ?? rawValue
        case .put: "put, MEMORY"
        case .memory: "bytes per entry beyond key and value"
        case .openLoop: "P99.9 of multiGet of 100, open loop"
        case .eventLoops: "two event loops, multiGet of 1,000"
        }
    }

    /// The most that our figure may be: a share of Redis' for most rows, bytes for `memory`.
    var limit: Double? {
        switch self {
        case .get: 1.2
        case .getPipelined: 0.7
        case .multiGet10: 0.75
        case .multiGet100: 0.25
        case .multiGet1000: 0.2
        case .put: 1.1
        case .memory: 40
        case .openLoop: 0.5
        case .eventLoops: nil
        }
    }

    /// What we are after.
    var goal: String {
        switch self {
        case .get: "1.05 of Redis"
        case .getPipelined: "0.7 of Pogocache"
        case .multiGet10: "0.75 of Pogocache"
        case .multiGet100: "0.25 of Pogocache"
        case .multiGet1000: "0.125 of Redis"
        case .put: "0.9 of Redis"
        case .memory: "32"
        case .openLoop: "0.25 of Redis"
        case .eventLoops: "-"
        }
    }
}

/// How long and how often.
struct PeerTiming: Sendable {
    var rounds: Int
    /// Of one contender in one round.
    var seconds: Double
    var openLoopSeconds: Double
    /// Before each of them, with every answer checked.
    var warmUpSeconds = 0.25
    /// What part of the peer's highest rate the open loop offers.
    var openLoopShare = 0.7
}
