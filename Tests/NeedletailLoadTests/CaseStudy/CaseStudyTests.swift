internal import Histogram
internal import Testing

@testable internal import needletail_load

/// The case study's variants, and what is said of them.
@Suite struct CaseStudyTests {
    @Test("each combination takes part once, and each change leads from one to another")
    func variants() {
        #expect(CaseVariant.all.count == 12)
        #expect(Set(CaseVariant.all).count == 12)
        // The rate without the delay is that of the first.
        #expect(CaseVariant.all.first == CaseVariant.none)
        for base in BlobDecoder.thrifts {
            let eight = CaseVariant.factorial(base)
            #expect(eight.count == 8)
            #expect(CaseChange.allCases.reduce(.none(base)) { $1.made(in: $0, as: .full) } == .full)
            for change in CaseChange.allCases {
                #expect(eight.count { change.isMade(in: $0) } == 4)
                #expect(change.isMade(in: change.made(in: .none(base), as: .full)))
            }
        }
        #expect(CaseChange.pooled.made(in: .none, as: .full).title == "naive Thrift, pooled, sequential")
        #expect(CaseVariant.full.flags().contains("64"))
        #expect(CaseVariant.full.flags(width: 8).contains("8"))
        // Both decoders read the same blobs.
        #expect(BlobDecoder.thrifts.allSatisfy { $0.codec == .thrift })
    }

    @Test("both limits are those of the case study, and say whether they are kept")
    func verdicts() throws {
        let report = CaseStudySample.report()
        #expect(report.verdicts.count == 2)
        // 6 x 1.25 x 1.5 x 1.44 x 2, and the same without the concurrent reads.
        #expect(abs(report.verdicts[0].value - 32.4) < 0.01)
        #expect(report.verdicts[0].must == "at least 6.70")
        #expect(abs(report.verdicts[1].value - 5.4) < 0.01)
        #expect(report.verdicts[1].must == "at least 2.00")
        #expect(report.verdicts.allSatisfy { $0.isKept })
    }

    @Test("tables have a row for each variant and each effect, and name the delay")
    func tables() {
        let text = CaseStudySample.report().markdown.joined(separator: "\n")
        #expect(text.contains("INJECTED DELAY"))
        #expect(text.contains("| naive Thrift, fresh, sequential | 98.00 | 196.00 |"))
        #expect(text.contains("| concurrent | 6.00 (6.00 to 6.00) |"))
        #expect(text.contains("| messagePack") == false)
        #expect(text.contains("too few for a P99 "))
        #expect(!text.contains("P99.9"))
        let full = CaseStudySample.report(samples: 10_500).markdown.joined(separator: "\n")
        #expect(full.contains("P99.9, ms"))
        #expect(full.contains("too few for a P99.9 "))
        #expect(!full.contains("too few for a P99 "))
    }

    @Test("a run that was throttled says that it does not count")
    func throttled() {
        var report = CaseStudySample.report()
        #expect(!report.warnings.joined().contains("DOES NOT COUNT"))
        report.variants[1].variants[3].rounds[1].throttled = 2
        #expect(report.warnings.joined().contains("DOES NOT COUNT: 1 of the rounds"))
        report.variants[1].rates = [100, 10, 100]
        #expect(report.variants[1].rate == 100)
        #expect(report.isClean)
        report.variants[1].variants[3].rounds[1].missing = 1
        #expect(!report.isClean)
        report = CaseStudySample.report()
        report.variants[1].variants[3].merged?.missing = 1
        #expect(!report.isClean)
    }

    @Test("a round that was throttled counts for none of the servers")
    func counted() throws {
        var (steady, stopped) = (CaseRounds(), CaseRounds())
        for (round, throttled) in [0, 3, 0].enumerated() {
            var figures = RunFigures(.get, .open(rate: 100))
            figures.calls = round + 1
            steady.add(Measurement(figures: figures, serverCPUSeconds: nil, throttled: 0))
            stopped.add(Measurement(figures: figures, serverCPUSeconds: nil, throttled: throttled))
        }
        let counted = CountedRounds(throttled: [steady, stopped].map { $0.rounds.map(\.throttled) })
        #expect(counted.throttled == [1])
        for rounds in [steady, stopped] {
            let merged = try #require(rounds.merged(counted))
            #expect(merged.figures.calls == 4)
            #expect(merged.throttled == 0)
        }
        #expect(stopped.merged(CountedRounds(throttled: [[1, 1, 1]])) == nil)
    }

    @Test("a percentile curve ends where there are too few samples beyond")
    func curve() throws {
        var histogram = LatencyHistogram.empty()
        for microseconds in 1...1_000 { histogram.record(nanoseconds: Int64(microseconds) * 1_000) }
        let curve = PercentilePoint.curve(histogram)
        #expect(curve.first?.share == 0)
        #expect(try #require(curve.last).share <= 0.99 + 1e-9)
        #expect(try #require(curve.last).share > 0.98)
        for point in curve { #expect(abs(point.microseconds - point.share * 1_000) <= 5) }
        #expect(PercentilePoint.curve(LatencyHistogram.empty()).isEmpty)
    }

    @Test("samples that are asked for make rounds longer, never shorter")
    func samples() {
        let setup = { (samples: Int?) in
            CaseStudySetup(
                owners: KeySpace(count: 10), history: EventHistory(), delay: LogNormal(medianMillis: 4.5, sigma: 0.4),
                delayedRate: 100, bareRate: nil, rounds: 5, seconds: 3, samples: samples, connections: 1,
                storeConnections: 1, executable: nil, seed: 1, cores: CorePlan())
        }
        #expect(setup(nil).seconds(atRate: 100) == 3)
        #expect(setup(10).seconds(atRate: 100) == 3)
        #expect(setup(10_000).seconds(atRate: 100) == 21)
    }
}
