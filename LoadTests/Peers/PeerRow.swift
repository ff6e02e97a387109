//! What is compared with the peers, and what is asked of us.

internal import ArgumentParser
internal import Histogram

/// A row of the comparison.
enum PeerRow: String, CaseIterable, Sendable, ExpressibleByArgument {
    case get
    case getPipelined = "get-16"
    case multiGet10 = "multi-get-10"
    case multiGet100 = "multi-get-100"
    case multiGet1000 = "multi-get-1000"
    case put
    case putLogged = "put-logged"
    case putSynced = "put-synced"
    case memory
    case openLoop = "open-loop"
    case rateAtP99 = "rate-p99"
    case largeValues = "large-values"
    case unixSocket = "unix-socket"
    case eventLoops = "event-loops"

    /// The calls of a row that compares what calls cost in a closed loop; nil for the others.
    var calls: (shape: CallShape, inFlight: Int)? {
        switch self {
        case .get: (.get, 1)
        case .getPipelined: (.get, 16)
        case .multiGet10: (.multiGet(10), 1)
        case .multiGet100: (.multiGet(100), 1)
        case .multiGet1000: (.multiGet(1_000), 1)
        case .put: (.put, 1)
        case .putLogged: (.put(.logged), 1)
        case .putSynced: (.put(.synced), 1)
        case .memory, .openLoop, .rateAtP99, .largeValues, .unixSocket, .eventLoops: nil
        }
    }

    /// Whether the row starts servers for itself alone.
    var hasOwnServers: Bool { self == .largeValues || self == .unixSocket || self == .eventLoops }

    /// Whether the row is one of the table of CPU time per request, over servers in memory only.
    var isCost: Bool { calls != nil && persistence == .memory }

    var title: String {
        switch self {
        case .get: "get of 1"
        case .getPipelined: "get of 1, 16 in flight a connection"
        case .multiGet10, .multiGet100, .multiGet1000: calls?.shape.title ?? rawValue
        case .put, .putLogged, .putSynced: "put, \(persistence.title)"
        case .memory: "bytes per entry beyond key and value"
        case .openLoop: "P99.9 of multiGet of 100, open loop"
        case .rateAtP99: "highest rate with P99 of 1 ms, multiGet of 100"
        case .largeValues: "P99.9 of get with 10 MB values mixed in, open loop"
        case .unixSocket: "Unix socket against TCP, 10 connections, 4,096 bytes"
        case .eventLoops: "two event loops, multiGet of 1,000"
        }
    }

    /// What the servers persist with. Rows of one persistence share their servers.
    var persistence: Persistence {
        switch self {
        case .putLogged: .logged
        case .putSynced: .synced
        default: .memory
        }
    }

    /// The figure that the limit is about.
    var figure: PeerFigure {
        switch self {
        case .memory: .overheadBytes
        case .openLoop, .largeValues: .p999
        case .rateAtP99: .rateAtP99
        case .unixSocket: .p99Closed
        case .putSynced, .eventLoops: .rate
        default: .serverCPU
        }
    }

    /// Whether the limit is a share of Redis' figure, so that it says nothing of another peer.
    var isLimitedByRedis: Bool {
        switch self {
        case .memory, .largeValues, .unixSocket, .eventLoops: false
        default: true
        }
    }

    /// What our figure must keep: a share of Redis' for most rows, bytes for `memory`, a share of our own in other
    /// circumstances for `largeValues` and `unixSocket`.
    var limit: Limit? {
        switch self {
        case .get: .atMost(1.2)
        case .getPipelined: .atMost(0.7)
        case .multiGet10: .atMost(0.75)
        case .multiGet100: .atMost(0.25)
        case .multiGet1000: .atMost(0.2)
        case .put: .atMost(1.1)
        case .putLogged: .atMost(1.2)
        case .putSynced: .atLeast(1.5)
        case .memory: .atMost(40)
        case .openLoop: .atMost(0.5)
        case .rateAtP99: .atLeast(4)
        case .largeValues: .atMost(2)
        case .unixSocket: .atMost(0.88)
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
        case .putLogged: "-"
        case .putSynced: "2 of Redis"
        case .memory: "32"
        case .openLoop: "0.25 of Redis"
        case .rateAtP99: "6 of Redis"
        case .largeValues: "1.2"
        case .unixSocket, .eventLoops: "-"
        }
    }
}

/// A figure that is compared.
enum PeerFigure: String, Sendable {
    case serverCPU = "server CPU per request"
    case rate = "requests/s"
    case p99 = "P99 from the scheduled time"
    case p99Closed = "P99 in the closed loop"
    case p999 = "P99.9 from the scheduled time"
    case rateAtP99 = "highest rate with P99 of 1 ms"
    case overheadBytes = "bytes per entry"
}

/// How long and how often.
struct PeerTiming: Sendable {
    /// Some more samples than a P99.9 needs, because arrivals are random.
    private static let tailMargin = 1.05
    /// How many times as long as other windows of an open loop one with a P99.9 may be.
    private static let tailStretchMax = 5.0

    var rounds: Int
    /// Of one contender in one round.
    var seconds: Double
    var openLoopSeconds: Double
    /// Before each of them, with every answer checked.
    var warmUpSeconds = 0.25
    /// What part of the peer's highest rate the open loop offers.
    var openLoopShare = 0.7

    /// How long a window of an open loop is whose P99.9 is to count: as long as its samples take, within bounds.
    func tailSeconds(atRate rate: Double) -> Double {
        let samples = Double(LatencyHistogram.samplesMin(forPercentile: 99.9)) * Self.tailMargin
        return min(max(openLoopSeconds, samples / rate), openLoopSeconds * Self.tailStretchMax)
    }
}
