//! The case study's result: what JSON holds, and what is printed of it. Tables, plots and the page are made of this alone,
//! so that a result can be shown again without being measured again.

internal import Histogram

struct CaseStudyReport: Codable, Sendable {
    var head: ReportHead
    var history: EventHistory
    var storeConnections: Int
    /// Whether all that was asked for was measured.
    var isComplete: Bool
    /// Behind the delay, and without it.
    var variants: [VariantsRecord]
    var sweep: SweepRecord?

    init(
        _ head: ReportHead, _ history: EventHistory, storeConnections: Int, isComplete: Bool,
        variants: [VariantsRecord], _ sweep: SweepRecord?
    ) {
        self.head = head
        self.history = history
        self.storeConnections = storeConnections
        self.isComplete = isComplete
        self.variants = variants
        self.sweep = sweep
    }

    /// Of all parts.
    private var measured: [MeasurementRecord] {
        variants.flatMap(\.merged) + (sweep?.points.compactMap(\.merged) ?? [])
    }

    /// The same, and every round by itself, also those that do not count.
    private var all: [MeasurementRecord] {
        measured + variants.flatMap { $0.variants.flatMap(\.rounds) } + (sweep?.points.flatMap(\.rounds) ?? [])
    }

    var isEmpty: Bool { all.isEmpty }

    /// Whether all answers were right.
    var isClean: Bool { all.allSatisfy { $0.missing == 0 && $0.failed == 0 && $0.wrong == 0 } }

    var verdicts: [Verdict] { variants.compactMap(\.verdict) }

    /// For a terminal, and for a document.
    var markdown: [String] {
        var lines = isComplete ? [] : ["INTERRUPTED: this is what was measured until then.", ""]
        lines += ["A reconstruction: \(what)", ""]
        for part in variants {
            if let delay = part.injectedDelay { lines += [delay.line, ""] }
            lines += part.table.markdown + [""]
            for base in BlobDecoder.thrifts where part.hasEffects(base) {
                lines += part.effectTable(base).markdown + [""]
            }
        }
        if let sweep { lines += sweep.table.markdown + [""] }
        return lines + verdicts.map(\.line) + warnings + [""] + head.origin
    }

    /// What is read.
    var what: String {
        """
        getDataByRange of \(history.periods) keys, each a blob of \(history.eventsPerPeriod) events of \
        \(history.eventSize) bytes in \(grouped(head.valueSize)) bytes; Redis on loopback, \
        \(storeConnections) connection\(storeConnections == 1 ? "" : "s") to it
        """
    }

    /// What keeps figures from counting, or from meaning what they seem to.
    var warnings: [String] {
        var lines: [String] = []
        if !isClean { lines.append("ERRORS: answers were wrong, or events missing") }
        let throttled = (variants.map(\.counted) + [sweep?.counted].compactMap { $0 }).map(\.throttled.count)
        let sum = throttled.reduce(0, +)
        if sum > 0 {
            lines.append(
                "DOES NOT COUNT: \(sum) of the rounds, in which the container's CPU quota stopped us (nr_throttled)")
        }
        let stolen = measured.map(\.stolenShare).max() ?? 0
        if stolen > StolenTime.shareMax {
            lines.append(
                "note: the host took up to \(fixed(stolen * 100, 1))% of a core (steal); tails are its own, too")
        }
        let samples = measured.map(\.latencyMicroseconds.samples).min() ?? 0
        for (percentile, name) in [(99.0, "P99"), (99.9, "P99.9")] where percentile == 99 || showsTail {
            let samplesMin = LatencyHistogram.samplesMin(forPercentile: percentile)
            guard samples < samplesMin else { continue }
            let advice = percentile == 99 ? "--full" : "--samples \(samplesMin)"
            lines.append(
                "note: \(grouped(Int(samples))) samples are too few for a \(name) to publish; \(advice) has enough")
        }
        let lateness = measured.compactMap { $0.generatorLatenessMicroseconds?.p99 }.max() ?? 0
        if lateness > 1_000 {
            lines.append("note: the generator was late itself, by \(short(lateness / 1e3)) ms at P99")
        }
        return lines
    }

    private var showsTail: Bool { variants.contains(where: \.showsTail) }
}
