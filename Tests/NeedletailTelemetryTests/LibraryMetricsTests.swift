import Metrics
import NeedletailTelemetry
import Testing

@Suite struct LibraryMetricsTests {
    private let library = LibraryMetrics()

    /// The lines of samples whose metric begins with this.
    private func lines(_ name: String) -> [Substring] {
        PrometheusText.render(library.families).split(separator: "\n").filter {
            $0.hasPrefix("needletail_library_" + name)
        }
    }

    @Test func everyKindShowsAsPrometheusKnowsIt() {
        let counter = Counter(label: "calls", dimensions: [("status", "ok")], factory: library)
        counter.increment(by: 2)
        counter.increment()
        #expect(lines("calls") == ["needletail_library_calls_total{status=\"ok\"} 3"])

        FloatingPointCounter(label: "joules_total", factory: library).increment(by: 0.5)
        #expect(lines("joules") == ["needletail_library_joules_total 0.5"])

        let meter = Meter(label: "depth", factory: library)
        meter.set(7)
        meter.increment(by: 1)
        meter.decrement(by: 3)
        #expect(lines("depth") == ["needletail_library_depth 5"])

        Gauge(label: "level", factory: library).record(4)
        #expect(lines("level") == ["needletail_library_level 4"])

        let recorder = Recorder(label: "sizes", factory: library)
        recorder.record(10)
        recorder.record(11)
        #expect(lines("sizes_bucket{le=\"10.0\"}") == ["needletail_library_sizes_bucket{le=\"10.0\"} 1"])
        #expect(lines("sizes_bucket{le=\"100.0\"}") == ["needletail_library_sizes_bucket{le=\"100.0\"} 2"])
        #expect(lines("sizes_sum") == ["needletail_library_sizes_sum 21"])

        Timer(label: "wait", factory: library).recordNanoseconds(2_000_000)
        #expect(
            lines("wait_seconds_bucket{le=\"0.001\"}") == ["needletail_library_wait_seconds_bucket{le=\"0.001\"} 0"])
        #expect(
            lines("wait_seconds_bucket{le=\"0.0025\"}") == ["needletail_library_wait_seconds_bucket{le=\"0.0025\"} 1"])
        #expect(lines("wait_seconds_sum") == ["needletail_library_wait_seconds_sum 0.002"])
        #expect(lines("wait_seconds_count") == ["needletail_library_wait_seconds_count 1"])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func whatIsNoNumberIsNotRecorded(_ value: Double) {
        let recorder = Recorder(label: "sizes", factory: library)
        recorder.record(value)
        recorder.record(10)
        #expect(lines("sizes_sum") == ["needletail_library_sizes_sum 10"])
        #expect(lines("sizes_count") == ["needletail_library_sizes_count 1"])
    }

    @Test func namesAreMadeSuchAsPrometheusAllows() {
        Counter(label: "http.client-calls", dimensions: [("9le", "a"), ("le", "b"), ("x.y", "c")], factory: library)
            .increment()
        #expect(
            lines("http") == ["needletail_library_http_client_calls_total{_9le=\"a\",_le=\"b\",x_y=\"c\"} 1"])
    }

    @Test func theSameMetricMadeTwiceIsOne() {
        for _ in 0..<2 { Counter(label: "calls", dimensions: [("a", "b")], factory: library).increment() }
        #expect(lines("calls") == ["needletail_library_calls_total{a=\"b\"} 2"])
    }

    @Test func aNameHasOneKind() {
        Meter(label: "depth", factory: library).set(1)
        Recorder(label: "depth", dimensions: [("a", "b")], factory: library).record(5)
        #expect(lines("depth") == ["needletail_library_depth 1"])
        #expect(lines("metrics_dropped") == ["needletail_library_metrics_dropped_total 1"])
    }

    @Test func theNumberOfLabelSetsIsBounded() {
        for number in 0..<10_000 {
            Counter(label: "calls", dimensions: [("id", "\(number)")], factory: library).increment()
        }
        #expect(lines("calls").count == LibraryMetrics.countMax)
        #expect(lines("metrics_dropped") == ["needletail_library_metrics_dropped_total 9000"])
    }
}
