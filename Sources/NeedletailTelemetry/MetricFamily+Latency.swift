extension MetricFamily {
    /// The upper bounds of a latency histogram's buckets: 50 us to 10 s.
    static let latencyBounds: [(nanoseconds: UInt64, seconds: String)] = [
        (50_000, "5e-05"), (100_000, "0.0001"), (250_000, "0.00025"), (500_000, "0.0005"), (1_000_000, "0.001"),
        (2_500_000, "0.0025"), (5_000_000, "0.005"), (10_000_000, "0.01"), (25_000_000, "0.025"),
        (50_000_000, "0.05"), (100_000_000, "0.1"), (250_000_000, "0.25"), (500_000_000, "0.5"),
        (1_000_000_000, "1.0"), (2_500_000_000, "2.5"), (5_000_000_000, "5.0"), (10_000_000_000, "10.0"),
    ]

    /// A histogram in seconds, with one distribution for each value of `label`.
    public init(
        latencies name: String, _ help: String, by label: String,
        _ distributions: [(value: String, distribution: LatencyDistribution)]
    ) {
        var samples: [Sample] = []
        for (value, distribution) in distributions {
            let own = [(name: label, value: value)]
            let counts = distribution.counts(atMost: Self.latencyBounds.map(\.nanoseconds))
            for (bound, count) in zip(Self.latencyBounds, counts) {
                samples.append(Sample(own + [("le", bound.seconds)], Double(count), suffix: "_bucket"))
            }
            samples.append(Sample(own + [("le", "+Inf")], Double(distribution.count), suffix: "_bucket"))
            samples.append(Sample(own, Double(distribution.nanosecondsSum) / 1e9, suffix: "_sum"))
            samples.append(Sample(own, Double(distribution.count), suffix: "_count"))
        }
        self.init(name, .histogram, help, samples)
    }
}
