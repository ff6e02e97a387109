//! What counters grew by over a rule's window. A state without I/O: told what the metrics show, and when.
//!
//! Kept: readings at least a 60th of the window apart, and of those older than the window the newest one. So the base is
//! at most a 60th older than was asked for, and there are never more than 62 readings.

internal import NeedletailTelemetry
internal import Timing

/// One line of `/metrics`, without its value.
struct MetricSeries: Hashable {
    let name: String
    /// Names and values by turns.
    let labels: [String]

    init(_ family: MetricFamily, _ sample: MetricFamily.Sample, without dropped: String? = nil) {
        name = family.name + sample.suffix
        labels = sample.labels.filter { $0.name != dropped }.flatMap { [$0.name, $0.value] }
    }
}

/// The samples that selectors name, over time.
struct MetricIncreases {
    /// In how many steps a window moves.
    private static let stepsOfWindow: Int64 = 60

    private struct Reading {
        let time: MonotonicTime
        let values: [MetricSeries: Double]
    }

    private let windowMillis: Int64
    private var readings: [Reading] = []

    init(windowMillis: Int64) { self.windowMillis = windowMillis }

    /// How many readings are kept.
    var count: Int { readings.count }

    /// Takes what the metrics show, and says what each series grew by since the window's begin, or since the first reading.
    /// A series that is new has grown from 0, one of a metric that is back from where it was; one that has shrunk was begun
    /// anew.
    /// - Returns: the increases, and the seconds that they took; nil at the first reading.
    mutating func update(
        _ values: [MetricSeries: Double], at now: MonotonicTime
    ) -> (increases: [MetricSeries: Double], seconds: Double)? {
        let windowNanoseconds = windowMillis * 1_000_000
        while readings.count > 1, now.nanoseconds(since: readings[1].time) >= windowNanoseconds {
            readings.removeFirst()
        }
        defer {
            let stepNanoseconds = windowNanoseconds / Self.stepsOfWindow
            if readings.last.map({ now.nanoseconds(since: $0.time) >= stepNanoseconds }) ?? true {
                readings.append(Reading(time: now, values: values.merging(unread(values)) { value, _ in value }))
            }
        }
        guard let base = readings.first, base.time < now else { return nil }
        let increases = values.map { series, value in
            let earlier = base.values[series] ?? 0
            return (series, value >= earlier ? value - earlier : value)
        }
        return (Dictionary(uniqueKeysWithValues: increases), Double(now.nanoseconds(since: base.time)) / 1e9)
    }

    /// The last values of metrics that show nothing now, because they cannot be read: they will be back where they were, and
    /// have not grown from 0 then. One that shows other series has dropped these, of which there may be ever new ones.
    private func unread(_ values: [MetricSeries: Double]) -> [MetricSeries: Double] {
        let names = Set(values.keys.lazy.map(\.name))
        return readings.last?.values.filter { !names.contains($0.key.name) } ?? [:]
    }
}
