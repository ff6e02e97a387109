import NeedletailTelemetry
import Testing

@Suite struct PrometheusTextTests {
    @Test func labelsAreEscapedScalarByScalar() {
        let text = PrometheusText.render([
            MetricFamily("keys", .gauge, "A \\ and\na \"quote\".", [.init([("name", "a\\b\"c\nd\r\ne\u{301}")], 1)])
        ])
        #expect(
            text == "# HELP needletail_keys A \\\\ and\\na \"quote\".\n# TYPE needletail_keys gauge\n"
                + "needletail_keys{name=\"a\\\\b\\\"c\\nd\r\\ne\u{301}\"} 1\n")
    }

    @Test func numbersAreWrittenAsPrometheusReadsThem() {
        let values: [Double] = [0, -3, 0.5, 1e-9, 9_007_199_254_740_992, .nan, .infinity, -.infinity]
        let text = PrometheusText.render([MetricFamily("x", .gauge, "x", values.map { .init([], $0) })])
        let written = text.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ")[1] }
        #expect(written == ["0", "-3", "0.5", "1e-09", "9007199254740992", "NaN", "+Inf", "-Inf"])
    }

    @Test func aMethodWithoutRecentCallsHasNoQuantiles() {
        let histogram = LatencyHistograms(count: 1)
        histogram.record(nanoseconds: 2_000_000_000, in: 0)
        let total = LatencyDistribution(merging: [histogram], at: 0)
        let text = PrometheusText.render([
            MetricFamily(
                quantiles: "q_seconds", "Help.",
                [([("method", "get")], total, total), ([("method", "put")], LatencyDistribution(), total)])
        ])
        let lines = text.split(separator: "\n")
        #expect(lines.contains("# TYPE needletail_q_seconds summary"))
        let shown = lines.first { $0.contains("quantile=\"0.999\"") }.flatMap { $0.split(separator: " ").last }
        #expect(shown.flatMap { Double($0) }.map { abs($0 - 2) < 0.016 } == true)
        #expect(lines.contains("needletail_q_seconds{method=\"put\",quantile=\"0.99\"} NaN"))
        #expect(lines.contains("needletail_q_seconds_sum{method=\"put\"} 2"))
        #expect(lines.contains("needletail_q_seconds_count{method=\"put\"} 1"))
    }
}
