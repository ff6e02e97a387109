//! Latencies in `/stats`.

internal import NeedletailTelemetry

extension ServerReport {
    /// Durations that these shares of some calls did not exceed.
    package struct Latency: Codable, Sendable {
        package var p50Micros: Double
        package var p90Micros: Double
        package var p99Micros: Double
        package var p999Micros: Double

        init(_ distribution: LatencyDistribution) {
            func micros(_ quantile: Double) -> Double { Double(distribution.nanoseconds(at: quantile)) / 1_000 }
            (p50Micros, p90Micros, p99Micros, p999Micros) = (micros(0.5), micros(0.9), micros(0.99), micros(0.999))
        }
    }

    /// The calls of a method in the last minute.
    package struct LastMinute: Codable, Sendable {
        package var requests: UInt64
        package var requestsPerSecond: Double
        package var latency: Latency

        /// Nil without calls: they have no latency.
        /// - Parameter seconds: how long that minute is.
        init?(_ distribution: LatencyDistribution, seconds: Double) {
            guard distribution.count > 0 else { return nil }
            requests = distribution.count
            requestsPerSecond = seconds > 0 ? Double(distribution.count) / seconds : 0
            latency = Latency(distribution)
        }
    }

    /// The calls of one five-tuple since the start; `_other` in all its parts for those beyond the first 64.
    package struct Caller: Codable, Sendable {
        package var fromService: String
        package var fromCluster: String
        package var toService: String
        package var toCluster: String
        package var method: String
        package var requests: UInt64
        package var latency: Latency
        /// Nil if there were no calls in it.
        package var lastMinute: LastMinute?
    }
}
