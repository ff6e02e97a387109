internal import Histogram
internal import Testing

@testable internal import needletail_load

/// The case study's eight variants.
@Suite struct CaseStudyTests {
    private static func measurement(millis: [Int64], cpuSeconds: Double) -> Measurement {
        var figures = RunFigures(.getDataByRange(EventHistory()), .open(rate: 10))
        for milliseconds in millis { figures.latency.record(nanoseconds: milliseconds * 1_000_000) }
        figures.calls = millis.count
        figures.seconds = 1
        return Measurement(figures: figures, serverCPUSeconds: cpuSeconds, throttled: 0)
    }

    @Test("each combination takes part once, and each change leads from one to another")
    func variants() {
        #expect(CaseVariant.all.count == 8)
        #expect(Set(CaseVariant.all).count == 8)
        let sum = CaseChange.allCases.reduce(CaseVariant.none) { $1.made(in: $0, as: .full) }
        #expect(sum == .full)
        #expect(CaseChange.pooled.made(in: .none, as: .full).title == "Thrift, pooled, sequential")
        #expect(CaseVariant.full.flags.contains("64"))
    }

    @Test("a gain is how many times lower the figures are, over all rounds together")
    func gains() throws {
        var result = CaseStudyResult(CaseVariant.all, rate: 10)
        for index in result.variants.indices {
            let isFull = result.variants[index].variant == .full
            for _ in 0..<2 {
                result.variants[index].add(
                    Self.measurement(millis: isFull ? [10, 20] : [80, 160], cpuSeconds: isFull ? 0.002 : 0.006))
            }
        }
        let gain = try #require(result.fullGain)
        #expect(abs(gain.p50 - 8) < 0.05)
        #expect(abs(gain.p99 - 8) < 0.05)
        #expect(abs(gain.serverCPU - 3) < 0.001)
        #expect(try #require(result.gain(alone: .concurrent)).p99 == 1)
        #expect(abs(try #require(result.gain(last: .pooled)).p99 - 8) < 0.05)
        let head = ReportHead(
            command: ["needletail-load", "case-study"], machine: .current(cores: 2), versions: [:], keys: 1, keySize: 1,
            valueSize: 1, connections: 1)
        let report = CaseStudyReport(
            head, EventHistory(), LogNormal(medianMillis: 4.5, sigma: 0.4), DelayFigures(), storeConnections: 1, result)
        #expect(report.verdicts.map(\.isKept) == [true])
        let text = report.markdown.joined(separator: "\n")
        #expect(text.contains("INJECTED DELAY"))
        #expect(text.contains("| Thrift, fresh, sequential | 80.0"))
        #expect(text.contains("too few for a P99"))
        let bare = CaseStudyReport(head, EventHistory(), nil, nil, storeConnections: 1, result)
        #expect(bare.verdicts.isEmpty)
        #expect(bare.markdown.joined().contains("no delay"))
    }
}
