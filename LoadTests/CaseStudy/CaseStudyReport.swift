//! The case study's tables, and JSON.

internal import Histogram

struct CaseStudyReport: Codable, Sendable {
    struct Variant: Codable, Sendable {
        var variant: CaseVariant
        var merged: MeasurementRecord?
        var rounds: [MeasurementRecord]
    }

    struct Effect: Codable, Sendable {
        var change: CaseChange
        /// Against none of the changes.
        var alone: CaseGain?
        /// All changes, against the other two.
        var last: CaseGain?
    }

    /// The delay that was injected.
    struct Delay: Codable, Sendable {
        var distribution: LogNormal
        var replies: Int
        /// Replies that the store itself took longer for.
        var late: Int
        /// How much later than due replies left.
        var overshootMicroseconds: PercentilesRecord
    }

    var head: ReportHead
    var history: EventHistory
    /// nil: none.
    var injectedDelay: Delay?
    var storeConnections: Int
    /// Calls per second that were offered.
    var rate: Double
    var variants: [Variant]
    var full: CaseGain?
    var effects: [Effect]
    /// Only with the delay: the case study says nothing about a store without one.
    var verdicts: [Verdict]

    init(
        _ head: ReportHead, _ history: EventHistory, _ delay: LogNormal?, _ figures: DelayFigures?,
        storeConnections: Int, _ result: CaseStudyResult
    ) {
        self.head = head
        self.history = history
        self.storeConnections = storeConnections
        injectedDelay = delay.flatMap { delay in
            figures.map {
                Delay(
                    distribution: delay, replies: $0.replies, late: $0.late,
                    overshootMicroseconds: PercentilesRecord($0.overshoot))
            }
        }
        rate = result.rate
        variants = result.variants.map {
            Variant(variant: $0.variant, merged: $0.merged?.record, rounds: $0.rounds.map(\.record))
        }
        full = result.fullGain
        effects = CaseChange.allCases.map {
            Effect(change: $0, alone: result.gain(alone: $0), last: result.gain(last: $0))
        }
        verdicts =
            delay == nil
            ? []
            : [
                Verdict(
                    "P99 of all three changes, how many times lower than with none,", result.fullGain?.p99,
                    CaseStudyResult.p99Limit)
            ].compactMap { $0 }
    }

    var markdown: [String] {
        ["A reconstruction: \(what)", ""] + variantTable + [""] + effectTable + [""] + verdicts.map(\.line) + warnings
            + [""] + head.origin
    }

    private var what: String {
        let delay =
            injectedDelay.map {
                """
                INJECTED DELAY of each reply, log-normal with a median of \(short($0.distribution.medianMillis)) ms and \
                sigma \(short($0.distribution.sigma)); replies left \(short($0.overshootMicroseconds.p50)) us (median), \
                \(short($0.overshootMicroseconds.p99)) us (P99) later than that
                """
            } ?? "no delay"
        return """
            getDataByRange of \(history.periods) keys, each a blob of \(history.eventsPerPeriod) events of \
            \(history.eventSize) bytes in \(grouped(head.valueSize)) bytes; Redis on loopback, \
            \(storeConnections) connection\(storeConnections == 1 ? "" : "s") to it, \(delay)
            """
    }

    private var variantTable: [String] {
        var lines = [
            MarkdownTable.row([
                "open loop, \(fixed(rate, 0)) calls/s, \(injectedDelay == nil ? "no delay" : "injected delay")",
                "P50, ms", "P99, ms", "P99 from the send, ms", "server CPU per call, us", "calls/s", "samples",
            ]),
            MarkdownTable.rule(count: 7),
        ]
        for variant in variants {
            guard let merged = variant.merged else { continue }
            let millis = { (microseconds: Double?) in microseconds.map { fixed($0 / 1e3, 2) } ?? "" }
            lines.append(
                MarkdownTable.row([
                    variant.variant.title, millis(merged.latencyMicroseconds.p50),
                    millis(merged.latencyMicroseconds.p99), millis(merged.latencyFromSendMicroseconds?.p99),
                    merged.serverCPUMicrosecondsPerRequest.map { fixed($0, 0) } ?? "",
                    fixed(merged.requestsPerSecond, 1), grouped(merged.requests),
                ]))
        }
        return lines
    }

    private var effectTable: [String] {
        var lines = [
            MarkdownTable.row([
                "times lower", "P50, alone", "P99, alone", "CPU, alone", "P50, as the last", "P99, as the last",
                "CPU, as the last",
            ]),
            MarkdownTable.rule(count: 7),
        ]
        let cells = { (gain: CaseGain?) in
            gain.map { [$0.p50, $0.p99, $0.serverCPU].map { fixed($0, 2) } } ?? ["", "", ""]
        }
        for effect in effects {
            lines.append(MarkdownTable.row([effect.change.rawValue] + cells(effect.alone) + cells(effect.last)))
        }
        return lines + [MarkdownTable.row(["all three"] + cells(full) + ["", "", ""])]
    }

    private var warnings: [String] {
        var lines: [String] = []
        let merged = variants.compactMap(\.merged)
        if merged.contains(where: { $0.throttled > 0 }) {
            lines.append("DOES NOT COUNT: the container's CPU quota stopped us (nr_throttled)")
        }
        let samples = merged.map(\.latencyMicroseconds.samples).min() ?? 0
        let samplesMin = LatencyHistogram.samplesMin(forPercentile: 99)
        if samples < samplesMin {
            lines.append(
                """
                note: \(grouped(Int(samples))) samples are too few for a P99 to publish; --full has \
                \(grouped(Int(samplesMin)))
                """)
        }
        let lateness = merged.compactMap { $0.generatorLatenessMicroseconds?.p99 }.max() ?? 0
        if lateness > 1_000 {
            lines.append("note: the generator was late itself, by \(short(lateness / 1e3)) ms at P99")
        }
        return lines
    }
}
