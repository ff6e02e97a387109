//! The case study's tables: figures of each variant, factors of each change, figures by width.

internal import Histogram

extension DelayRecord {
    /// For people.
    var line: String {
        """
        INJECTED DELAY of each reply, log-normal with a median of \(short(distribution.medianMillis)) ms and \
        sigma \(short(distribution.sigma)); replies left \(short(overshootMicroseconds.p50)) us (median), \
        \(short(overshootMicroseconds.p99)) us (P99) later than that
        """
    }
}

private func millis(_ microseconds: Double?) -> String { microseconds.map { fixed($0 / 1e3, 2) } ?? "" }

extension VariantsRecord {
    var condition: String { injectedDelay == nil ? "without the delay" : "with the injected delay" }

    /// Whether a P99.9 means something already, though it may not be one to publish.
    var showsTail: Bool {
        let samples = merged.map(\.latencyMicroseconds.samples).min() ?? 0
        return samples >= LatencyHistogram.samplesMin(forPercentile: 99)
    }

    private var figures: [CaseFigure] { CaseFigure.allCases.filter { $0 != .p999 || showsTail } }

    func hasEffects(_ base: BlobDecoder) -> Bool { effects.contains { $0.base == base && !$0.factors.isEmpty } }

    var table: ReportTable {
        let tail = showsTail ? ["P99.9, ms"] : []
        return ReportTable(
            head: ["open loop, \(fixed(rate, 0)) calls/s, \(condition)", "P50, ms", "P99, ms"] + tail + [
                "P99 from the send, ms", "server CPU per call, us", "calls/s", "samples",
            ],
            rows: variants.compactMap { record in
                guard let merged = record.merged else { return nil }
                let latency = merged.latencyMicroseconds
                return [record.variant.title, millis(latency.p50), millis(latency.p99)]
                    + (showsTail ? [millis(latency.p999)] : []) + [
                        millis(merged.latencyFromSendMicroseconds?.p99),
                        merged.serverCPUMicrosecondsPerRequest.map { fixed($0, 0) } ?? "",
                        fixed(merged.requestsPerSecond, 1), grouped(merged.requests),
                    ]
            })
    }

    /// Main effects, interactions, and all changes together.
    func effectTable(_ base: BlobDecoder) -> ReportTable {
        let all = CaseFactorial.gain(variants, from: .none(base), to: .full)
        let rows = effects.filter { $0.base == base }.map { ($0.title, $0.factors) } + [("all three together", all)]
        return ReportTable(
            head: ["against \(base.rawValue), \(condition): times lower (rounds)"] + figures.map(\.title),
            rows: rows.map { title, factors in [title] + figures.map { Self.cell(factors[$0]) } })
    }

    private static func cell(_ factor: CaseFactor?) -> String {
        guard let factor else { return "" }
        let range = factor.least.flatMap { least in factor.most.map { " (\(short(least)) to \(short($0)))" } } ?? ""
        return short(factor.value) + range
    }
}

extension SweepRecord {
    var table: ReportTable {
        ReportTable(
            head: [
                "keys read at a time, \(variant.decoder.rawValue), \(fixed(rate, 0)) calls/s, with the injected delay",
                "P50, ms", "P99, ms", "server CPU per call, us", "samples",
            ],
            rows: points.compactMap { point in
                guard let merged = point.merged else { return nil }
                return [
                    "\(point.width)", millis(merged.latencyMicroseconds.p50), millis(merged.latencyMicroseconds.p99),
                    merged.serverCPUMicrosecondsPerRequest.map { fixed($0, 0) } ?? "", grouped(merged.requests),
                ]
            })
    }
}
