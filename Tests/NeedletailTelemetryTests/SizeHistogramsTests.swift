import Testing

@testable import NeedletailTelemetry

@Suite struct SizeHistogramsTests {
    @Test func aSizeCountsInTheSmallestPowerOfTwoThatHoldsIt() {
        let histogram = SizeHistograms(count: 2)
        let sizes = [-1, 0, 1, 2, 3, 4, 5, 1_024, 1_025, 1 << 30, 1 << 30 + 1, Int.max >> 8]
        for size in sizes { histogram.record(size, in: 1) }
        let distribution = SizeDistribution(merging: [histogram], at: 1)
        for power in 0...30 {
            #expect(distribution.count(atMostPower: power) == UInt64(sizes.count { $0 <= 1 << power }), "\(power)")
        }
        #expect(distribution.count == UInt64(sizes.count))
        #expect(distribution.sum == UInt64(sizes.dropFirst().reduce(0, +)))
        #expect(SizeDistribution(merging: [histogram], at: 0).count == 0)
    }

    @Test func bucketsAreCumulativeAndLoopsAddedUp() {
        let rows = [SizeHistograms(count: 1), SizeHistograms(count: 1)]
        rows[0].record(16, in: 0)
        rows[1].record(17, in: 0)
        rows[1].record(1_000, in: 0)
        let text = PrometheusText.render([
            MetricFamily(
                sizes: "request_bytes", "Help.", by: "method", [("get", SizeDistribution(merging: rows, at: 0))],
                powers: [4, 6])
        ])
        #expect(
            text == """
                # HELP needletail_request_bytes Help.
                # TYPE needletail_request_bytes histogram
                needletail_request_bytes_bucket{method="get",le="16"} 1
                needletail_request_bytes_bucket{method="get",le="64"} 2
                needletail_request_bytes_bucket{method="get",le="+Inf"} 3
                needletail_request_bytes_sum{method="get"} 1033
                needletail_request_bytes_count{method="get"} 3

                """)
    }
}
