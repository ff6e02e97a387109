//! A part of a soak that is over, as a line of its progress, and what the server said of itself at its end.

internal import Histogram

/// What the server has counted since it started.
struct SoakServerCounts: Codable, Hashable, Sendable {
    var evicted: Int
    var expired: Int
    var snapshots: Int

    static func read(_ server: ServerProcess) throws -> SoakServerCounts {
        guard let adminPort = server.adminPort else { throw ServerError("a server without an admin port") }
        let count = { (name: String) in
            Int(try ServerMetrics.value("needletail_" + name, adminPort: adminPort) ?? 0)
        }
        return SoakServerCounts(
            evicted: try count("evicted_keys_total"), expired: try count("expired_keys_total"),
            snapshots: try LogState.read(adminPort: adminPort).snapshots)
    }
}

/// Counts are those since the run began, but the server's are those since it was started.
struct SoakInterval: Codable, Hashable, Sendable {
    var second: Double
    var calls: Int
    var callsPerSecond: Double
    /// Of slices that nothing disturbed; nil where all were.
    var latencyMicroseconds: PercentilesRecord?
    /// What the host took of the server's core or of ours, whichever was more, of its time in this part.
    var stolenShare: Double
    var residentBytes: Int
    /// Keys that were read or written: found or applied, and not.
    var hits: Int
    var misses: Int
    /// The share of the former in this part alone.
    var hitShare: Double
    var server: SoakServerCounts
    var cuts: Int
    var freezes: Int
    var kills: Int
    var errors: Int
    var wrong: Int

    init(_ clients: SoakClients, before: SoakInterval?, intervalSeconds: Double, server: SoakServerCounts) {
        let figures = clients.figures
        let timeline = clients.timeline
        second = timeline.second(clients.now)
        calls = figures.calls
        callsPerSecond =
            Double(figures.calls - (before?.calls ?? clients.callsBefore)) / max(second - (before?.second ?? 0), 0.001)
        latencyMicroseconds = timeline.interval.totalCount > 0 ? PercentilesRecord(timeline.interval) : nil
        stolenShare = timeline.intervalStolenSeconds / max(second - (before?.second ?? 0), 0.001)
        residentBytes = Int(timeline.residentBytes(in: second - intervalSeconds..<second) ?? 0)
        hits = figures.hits
        misses = figures.misses
        let earlier = before.map { ($0.hits, $0.misses) } ?? (clients.hitsBefore, 0)
        let (newHits, newMisses) = (hits - earlier.0, misses - earlier.1)
        hitShare = Double(newHits) / Double(max(newHits + newMisses, 1))
        self.server = server
        cuts = figures.endings.reduce(0) { $0 + ($1.key == .orderly ? 0 : $1.value) }
        freezes = figures.freezes
        kills = figures.kills
        errors = figures.errorCount
        wrong = figures.wrong
    }

    static let titles = [
        "after", "calls/s", "P50", "P99", "stolen", "resident MiB", "hits", "evicted", "expired", "snapshots", "cut",
        "frozen",
        "killed", "errors", "wrong",
    ]

    var cells: [String] {
        let latency = { (path: KeyPath<PercentilesRecord, Double>) in
            latencyMicroseconds.map { duration(nanoseconds: UInt64($0[keyPath: path] * 1e3)) } ?? "-"
        }
        let time = second < 120 ? "\(fixed(second, 1)) s" : "\(fixed(second / 60, 1)) min"
        return [
            time, fixed(callsPerSecond, 0), latency(\.p50), latency(\.p99),
            "\(fixed(stolenShare * 100, 1))%", fixed(Double(residentBytes) / 1_048_576, 1),
            "\(fixed(hitShare * 100, 1))%", grouped(server.evicted), grouped(server.expired),
            grouped(server.snapshots), grouped(cuts), grouped(freezes), grouped(kills), grouped(errors), grouped(wrong),
        ]
    }
}
