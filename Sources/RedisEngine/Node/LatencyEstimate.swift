//! A node's own P95, from its last answers.

/// The 95th percentile of a window of latencies, recomputed once in a while.
struct LatencyEstimate {
    private static let windowSamples = 128
    /// New samples after which the percentile is computed again; fewer say nothing.
    private static let refreshSamples = 32

    private var samples: [Int64] = []
    private var next = 0
    private var sinceRefresh = 0
    /// Nanoseconds; nil until there are enough samples.
    private(set) var p95: Int64?

    mutating func add(nanoseconds: Int64) {
        if samples.count < Self.windowSamples {
            samples.append(nanoseconds)
        } else {
            samples[next] = nanoseconds
            next = (next + 1) % Self.windowSamples
        }
        sinceRefresh += 1
        guard sinceRefresh >= Self.refreshSamples else { return }
        sinceRefresh = 0
        p95 = samples.sorted()[samples.count * 95 / 100]
    }
}

/// Allows a share of what happens: each happening adds its part, each exception takes a whole.
struct ShareBudget {
    /// Exceptions in a row, after many happenings without one.
    private static let most = 10.0

    private let share: Double
    private var tokens = 0.0

    init(share: Double) { self.share = share }

    mutating func count() { tokens = min(tokens + share, Self.most) }

    /// Whether there may be an exception now, which is taken then.
    mutating func take() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
