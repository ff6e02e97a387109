//! What a call pays for being counted.

internal import NeedletailTelemetry

enum TelemetryBenchmarks {
    static let all = [latency, counter]

    private static let counted = 10_000
    private static let rows = 8

    /// An operation is a duration recorded in one of a row of histograms.
    private static let latency = MicroBenchmark("telemetry.record-latency", countedOperations: counted) {
        let histograms = LatencyHistograms(count: rows)
        return { operations in
            var nanoseconds: Int64 = 10_000
            for operation in 0..<operations {
                histograms.record(nanoseconds: nanoseconds, in: operation % rows)
                // From a microsecond to half a millisecond.
                nanoseconds = 1_000 + (nanoseconds &* 7_919) & 0x7_ffff
            }
            return Int(LatencyDistribution(merging: [histograms], at: 0).count)
        }
    }

    /// An operation is a counter that is added to.
    private static let counter = MicroBenchmark("telemetry.add-to-counter", countedOperations: counted) {
        let counters = CounterBlock(count: rows)
        return { operations in
            for operation in 0..<operations { counters.add(to: operation % rows) }
            return Int(counters[0])
        }
    }
}
