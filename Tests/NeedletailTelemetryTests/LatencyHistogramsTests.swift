import NeedletailTelemetry
import Testing

@Suite struct LatencyHistogramsTests {
    @Test func quantilesAreExactToTwoDigits() {
        let histogram = LatencyHistograms(count: 3)
        var generator = SystemRandomNumberGenerator()
        let values = (0..<20_000).map { _ in
            Int64(UInt64.random(in: 1..<(1 << UInt64.random(in: 1...36, using: &generator)), using: &generator))
        }
        for value in values { histogram.record(nanoseconds: value, in: 1) }
        let sorted = values.sorted()
        let distribution = LatencyDistribution(merging: [histogram], at: 1)
        #expect(distribution.count == 20_000)
        #expect(distribution.nanosecondsSum == UInt64(values.reduce(0, +)))
        for quantile in [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = Double(sorted[Int((quantile * 20_000).rounded(.up)) - 1])
            let found = Double(distribution.nanoseconds(at: quantile))
            #expect(abs(found - exact) <= max(1, exact * 0.008), "\(quantile): \(found), exactly \(exact)")
        }
    }

    @Test func loopsAreAddedUp() {
        let (fast, slow) = (LatencyHistograms(count: 3), LatencyHistograms(count: 3))
        for _ in 0..<99 { fast.record(nanoseconds: 1_000, in: 1) }
        slow.record(nanoseconds: 1_000_000, in: 1)
        let both = LatencyDistribution(merging: [fast, slow], at: 1)
        #expect(both.count == 100)
        #expect(LatencyDistribution(merging: [fast, slow], at: 2).count == 0)
        #expect(both.nanosecondsSum == 99 * 1_000 + 1_000_000)
        #expect((993...1_008).contains(both.nanoseconds(at: 0.99)))
        #expect((992_000...1_008_000).contains(both.nanoseconds(at: 0.991)))
    }

    @Test func extremesAreCounted() {
        let histogram = LatencyHistograms(count: 3)
        for value in [Int64.min, -1, 0, 1, 127, 128, Int64.max] { histogram.record(nanoseconds: value, in: 1) }
        let distribution = LatencyDistribution(merging: [histogram], at: 1)
        #expect(distribution.count == 7)
        #expect(distribution.nanoseconds(at: 0.1) == 0)
        #expect(distribution.nanoseconds(at: 1) > 100_000_000_000)
        #expect(LatencyDistribution().nanoseconds(at: 0.99) == 0)
    }

    @Test func prometheusBucketsAreCumulative() throws {
        let histogram = LatencyHistograms(count: 3)
        for value: Int64 in [10_000, 60_000, 60_000, 3_000_000, 20_000_000_000] {
            histogram.record(nanoseconds: value, in: 1)
        }
        let text = PrometheusText.render([
            MetricFamily(
                latencies: "request_duration_seconds", "Help.", by: "method",
                [("get", LatencyDistribution(merging: [histogram], at: 1))])
        ])
        func value(_ line: String) -> Double? {
            text.split(separator: "\n").first { $0.hasPrefix("needletail_request_duration_seconds" + line + " ") }
                .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
        }
        #expect(text.contains("# TYPE needletail_request_duration_seconds histogram\n"))
        #expect(value("_bucket{method=\"get\",le=\"5e-05\"}") == 1)
        #expect(value("_bucket{method=\"get\",le=\"0.0001\"}") == 3)
        #expect(value("_bucket{method=\"get\",le=\"0.005\"}") == 4)
        #expect(value("_bucket{method=\"get\",le=\"10.0\"}") == 4)
        #expect(value("_bucket{method=\"get\",le=\"+Inf\"}") == 5)
        #expect(value("_count{method=\"get\"}") == 5)
        #expect(try #require(value("_sum{method=\"get\"}")) == 20.00313)
    }
}
