//! The latencies of the last minute, from histograms that only grow: what they hold now, less what they held a minute ago.
//! Recording knows nothing of it. Readings of the histograms are kept every few seconds; between two readings of the same
//! window everything is counted exactly once.
//!
//! Always true: the readings are in order of time; only the first may be a minute old or older.

public import Timing

/// Readings of a row of histograms over the last minute. Does not read them itself.
public struct LatencyWindow: Sendable {
    /// How far back `recent` looks: so long, and up to `intervalNanoseconds` more.
    public static var nanoseconds: Int64 { 60_000_000_000 }
    /// How far apart the readings are that are kept.
    public static var intervalNanoseconds: Int64 { 5_000_000_000 }
    /// The most readings that are kept: those of a minute, and one on each side.
    static var readingsMax: Int { Int(nanoseconds / intervalNanoseconds) + 2 }

    /// What was recorded in a stretch of time.
    public struct Recent: Sendable {
        /// How long it is; 0 when the server has just started.
        public let seconds: Double
        /// In the order of the readings.
        public let distributions: [LatencyDistribution]
    }

    private struct Reading {
        let time: MonotonicTime
        let distributions: [LatencyDistribution]
    }

    private var readings: [Reading]

    /// - Parameters:
    ///   - distributions: what the histograms hold at first.
    ///   - start: when that was.
    public init(_ distributions: [LatencyDistribution], at start: MonotonicTime) {
        readings = [Reading(time: start, distributions: distributions)]
    }

    var readingCount: Int { readings.count }

    /// Keeps a reading, unless the last one is younger than the interval.
    /// - Parameter distributions: what the histograms hold now, in the order of the first reading.
    public mutating func keep(_ distributions: [LatencyDistribution], at now: MonotonicTime) {
        guard let last = readings.last, now.nanoseconds(since: last.time) >= Self.intervalNanoseconds else { return }
        // A histogram to which nothing was added shares the memory of its last reading.
        let shared = zip(last.distributions, distributions).map { $0.count == $1.count ? $0 : $1 }
        readings.append(Reading(time: now, distributions: shared))
        while readings.count > 1, now.nanoseconds(since: readings[1].time) >= Self.nanoseconds {
            readings.removeFirst()
        }
        // Calls from several threads may bring their times out of order; the bound holds all the same.
        if readings.count > Self.readingsMax { readings.removeFirst() }
    }

    /// What was recorded in the last minute; after the start, since then.
    /// - Parameter distributions: what the histograms hold now.
    public func recent(_ distributions: [LatencyDistribution], at now: MonotonicTime) -> Recent {
        let first = readings.last { now.nanoseconds(since: $0.time) >= Self.nanoseconds } ?? readings[0]
        return Recent(
            seconds: Double(max(now.nanoseconds(since: first.time), 0)) / 1e9,
            distributions: zip(distributions, first.distributions).map { $0.since($1) })
    }
}
