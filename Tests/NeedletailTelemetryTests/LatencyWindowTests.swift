import Testing
import Timing

@testable import NeedletailTelemetry

@Suite struct LatencyWindowTests {
    private let histograms = LatencyHistograms(count: 2)
    private let time = ManualTime()

    private var now: MonotonicTime { Clock.manual(time).now() }

    private func reading() -> [LatencyDistribution] {
        (0..<2).map { LatencyDistribution(merging: [histograms], at: $0) }
    }

    @Test func theLastMinuteIsWhatCameAfterTheReadingOfAMinuteAgo() {
        var window = LatencyWindow(reading(), at: now)
        for second in 1...600 {
            time.advance(byMilliseconds: 1_000)
            histograms.record(nanoseconds: Int64(second) * 1_000_000, in: 0)
            window.keep(reading(), at: now)
            let recent = window.recent(reading(), at: now)
            // A reading of every fifth second is kept: the window is as much longer than a minute.
            let expected = second < 60 ? second : 60 + second % 5
            #expect(recent.distributions[0].count == UInt64(expected), "second \(second)")
            #expect(recent.seconds == Double(expected))
            let sum = ((second - expected + 1)...second).reduce(0, +) * 1_000_000
            #expect(recent.distributions[0].nanosecondsSum == UInt64(sum), "second \(second)")
            #expect(window.readingCount <= LatencyWindow.readingsMax)
        }
        #expect(window.recent(reading(), at: now).distributions[1].count == 0)
    }

    @Test func quantilesAreThoseOfTheLastMinuteAlone() {
        for _ in 0..<1_000 { histograms.record(nanoseconds: 1_000_000_000, in: 0) }
        var window = LatencyWindow([LatencyDistribution(), LatencyDistribution()], at: now)
        for _ in 0..<13 {
            time.advance(byMilliseconds: 5_000)
            window.keep(reading(), at: now)
        }
        for value in 1...1_000 { histograms.record(nanoseconds: Int64(value) * 1_000, in: 0) }
        let recent = window.recent(reading(), at: now).distributions[0]
        #expect(recent.count == 1_000)
        for (quantile, exact) in [(0.5, 500_000.0), (0.9, 900_000), (0.99, 990_000), (0.999, 999_000)] {
            #expect(abs(Double(recent.nanoseconds(at: quantile)) - exact) <= exact * 0.008, "\(quantile)")
        }
    }

    @Test func aPauseWithoutReadingsLosesNothing() {
        var window = LatencyWindow(reading(), at: now)
        histograms.record(nanoseconds: 1, in: 1)
        time.advance(byMilliseconds: 3_600_000)
        let before = window.recent(reading(), at: now)
        #expect(before.distributions[1].count == 1)
        #expect(before.seconds == 3_600)
        window.keep(reading(), at: now)
        time.advance(byMilliseconds: 60_000)
        #expect(window.recent(reading(), at: now).distributions[1].count == 0)
    }

    @Test func bucketsAndQuantilesAgreeWithExactValuesWithinABucket() throws {
        // 40 us to 9 s, as many in each octave.
        var values: [Int64] = []
        var value = 40_000.0
        while value < 9e9 {
            values.append(Int64(value))
            value *= 1.0012
        }
        for value in values { histograms.record(nanoseconds: value, in: 0) }
        let distribution = reading()[0]
        let bounds = MetricFamily.latencyBounds.map(\.value)
        let counts = distribution.counts(atMost: bounds)
        for quantile in [0.5, 0.9, 0.99, 0.999] {
            let rank = Int((quantile * Double(values.count)).rounded(.up))
            // The bucket that holds the quantile holds the exact value, and the summary's.
            let bucket = try #require(counts.firstIndex { $0 >= rank })
            let low = Double(bucket == 0 ? 0 : bounds[bucket - 1])
            for value in [UInt64(values[rank - 1]), distribution.nanoseconds(at: quantile)] {
                #expect((low * 0.992...Double(bounds[bucket]) * 1.008).contains(Double(value)), "\(quantile): \(value)")
            }
        }
    }
}
