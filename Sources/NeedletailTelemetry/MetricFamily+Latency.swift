extension MetricFamily {
    /// The upper bounds of a latency histogram's buckets: 50 us to 10 s.
    static let latencyBounds: [(value: UInt64, text: String)] = [
        (50_000, "5e-05"), (100_000, "0.0001"), (250_000, "0.00025"), (500_000, "0.0005"), (1_000_000, "0.001"),
        (2_500_000, "0.0025"), (5_000_000, "0.005"), (10_000_000, "0.01"), (25_000_000, "0.025"),
        (50_000_000, "0.05"), (100_000_000, "0.1"), (250_000_000, "0.25"), (500_000_000, "0.5"),
        (1_000_000_000, "1.0"), (2_500_000_000, "2.5"), (5_000_000_000, "5.0"), (10_000_000_000, "10.0"),
    ]

    /// Fewer, for what has many label sets: 1 ms to 10 s.
    static let coarseLatencyBounds = latencyBounds.filter {
        [1_000_000, 5_000_000, 25_000_000, 100_000_000, 1_000_000_000, 10_000_000_000].contains($0.value)
    }

    /// The quantiles that summaries show.
    private static let quantiles: [(value: Double, text: String)] = [
        (0.5, "0.5"), (0.9, "0.9"), (0.99, "0.99"), (0.999, "0.999"),
    ]

    /// The upper bounds of a histogram of counts.
    static let countBounds: [UInt64] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

    /// A histogram in seconds, with one distribution for each value of `label`.
    public init(
        latencies name: String, _ help: String, by label: String,
        _ distributions: [(value: String, distribution: LatencyDistribution)]
    ) {
        let samples = distributions.flatMap { value, distribution in
            Self.latencySamples([(name: label, value: value)], distribution)
        }
        self.init(name, .histogram, help, samples)
    }

    /// A histogram in seconds with few buckets, with one distribution for each set of labels.
    public init(
        coarseLatencies name: String, _ help: String,
        _ distributions: [(labels: [(name: String, value: String)], distribution: LatencyDistribution)]
    ) {
        let samples = distributions.flatMap { labels, distribution in
            Self.samples(labels, distribution, Self.coarseLatencyBounds, unit: 1e9)
        }
        self.init(name, .histogram, help, samples)
    }

    /// A summary in seconds for each set of labels: the quantiles of `recent`, NaN where it is empty, as Prometheus'
    /// client libraries say it; sum and count of `total`, which only grow.
    public init(
        quantiles name: String, _ help: String,
        _ distributions: [(
            labels: [(name: String, value: String)], recent: LatencyDistribution, total: LatencyDistribution
        )]
    ) {
        var samples: [Sample] = []
        for (labels, recent, total) in distributions {
            for (quantile, text) in Self.quantiles {
                let seconds = recent.count == 0 ? .nan : Double(recent.nanoseconds(at: quantile)) / 1e9
                samples.append(Sample(labels + [("quantile", text)], seconds))
            }
            samples.append(Sample(labels, Double(total.nanosecondsSum) / 1e9, suffix: "_sum"))
            samples.append(Sample(labels, Double(total.count), suffix: "_count"))
        }
        self.init(name, .summary, help, samples)
    }

    /// A histogram in seconds.
    public init(latencies name: String, _ help: String, _ distribution: LatencyDistribution) {
        self.init(name, .histogram, help, Self.latencySamples([], distribution))
    }

    /// A histogram of numbers that are no durations.
    public init(counts name: String, _ help: String, _ distribution: LatencyDistribution) {
        let bounds = Self.countBounds.map { ($0, "\($0)") }
        self.init(name, .histogram, help, Self.samples([], distribution, bounds, unit: 1))
    }

    private static func latencySamples(
        _ labels: [(name: String, value: String)], _ distribution: LatencyDistribution
    ) -> [Sample] { samples(labels, distribution, latencyBounds, unit: 1e9) }

    private static func samples(
        _ labels: [(name: String, value: String)], _ distribution: LatencyDistribution,
        _ bounds: [(value: UInt64, text: String)], unit: Double
    ) -> [Sample] {
        var samples: [Sample] = []
        for (bound, count) in zip(bounds, distribution.counts(atMost: bounds.map(\.value))) {
            samples.append(Sample(labels + [("le", bound.text)], Double(count), suffix: "_bucket"))
        }
        samples.append(Sample(labels + [("le", "+Inf")], Double(distribution.count), suffix: "_bucket"))
        samples.append(Sample(labels, Double(distribution.nanosecondsSum) / unit, suffix: "_sum"))
        samples.append(Sample(labels, Double(distribution.count), suffix: "_count"))
        return samples
    }
}
