//! What a soak came to: tables, a verdict, and JSON.

internal import Histogram

struct SoakResult: Sendable {
    static let memoryLimit = Limit.atMost(1.05)
    static let latencyLimit = Limit.atMost(1.2)

    let plan: SoakPlan
    let figures: SoakFigures
    let timeline: SoakTimeline
    let intervals: [SoakInterval]
    /// Entries of which nobody knew at the end whether their last write had happened.
    let doubtful: Int
    let throttled: Int
    let isInterrupted: Bool
    /// What ended it early.
    let failure: String?

    /// Growth is not judged where the process is another one every minute.
    private var memoryRatio: Double? { plan.kills ? nil : timeline.memoryRatio }

    /// Whether all windows of the plan have been: what is missing then is missed.
    private var isWhole: Bool { !isInterrupted && failure == nil }

    var verdicts: [Verdict] {
        let answers = [
            Verdict("The number of errors that nobody provoked", Double(figures.errorCount), .atMost(0)),
            Verdict("The number of wrong answers", Double(figures.wrong), .atMost(0)),
        ]
        return (memoryVerdicts + latencyVerdicts + answers).compactMap { $0 }
    }

    private var memoryVerdicts: [Verdict?] {
        guard memoryRatio == nil, plan.judgesMemory, isWhole else {
            return [
                Verdict("Resident memory of the last fifth, of that after the warm-up,", memoryRatio, Self.memoryLimit)
            ]
        }
        let unseen = [plan.earlyWindow, plan.lastFifth].count { timeline.residentBytes(in: $0) == nil }
        return [Verdict("The number of windows in which resident memory was not seen", Double(unseen), .atMost(0))]
    }

    private var latencyVerdicts: [Verdict?] {
        let ratio = Verdict(
            "P99 of the last \(window), of that of the second,", timeline.latencyRatio, Self.latencyLimit)
        guard plan.judgesLatency, isWhole else { return [ratio] }
        let windows = [timeline.early, timeline.late]
        let few = windows.count { !$0.hasP99 }
        let samples = Verdict(
            "The number of windows with too few samples for a P99, as far as the host left the cores alone,",
            Double(few),
            .atMost(0))
        // With kills the server is away for as long as it takes to be back.
        let leftOut = plan.kills ? nil : windows.map(\.leftOutShare).max()
        return [
            ratio ?? samples,
            Verdict(
                "The share of a window that was left out as disturbed, the larger of both,", leftOut,
                .atMost(SoakPlan.leftOutShareMax)),
        ]
    }

    private var window: String { "\(fixed(plan.windowSeconds, plan.windowSeconds < 10 ? 1 : 0)) s" }

    /// Whether nothing was missed; of a run that was interrupted, as far as it went. A run that was throttled says nothing.
    var isKept: Bool { failure == nil && throttled == 0 && verdicts.allSatisfy(\.isKept) }

    // MARK: For people

    var markdown: [String] {
        var lines = [MarkdownTable.row(SoakInterval.titles), MarkdownTable.rule(count: SoakInterval.titles.count)]
        lines += intervals.map { MarkdownTable.row($0.cells) }
        lines += [""] + operationTable + [""] + notes + [""] + verdicts.map(\.line)
        if let failure { lines.append("The run ended early: \(failure)") }
        let verdict = isKept ? "kept" : "**missed**"
        lines.append(isInterrupted ? "Verdict so far, interrupted: \(verdict)." : "Verdict: \(verdict).")
        return lines
    }

    private var operationTable: [String] {
        let titles = ["call", "calls", "found or applied", "not", "refused", "never answered", "wrong"]
        return [MarkdownTable.row(titles), MarkdownTable.rule(count: titles.count)]
            + SoakOperation.allCases.compactMap { operation in
                figures.tallies[operation].map { tally in
                    MarkdownTable.row(
                        [operation.rawValue]
                            + [tally.calls, tally.hits, tally.misses, tally.refused, tally.unanswered, tally.wrong]
                            .map(grouped))
                }
            }
    }

    private var notes: [String] {
        var lines = [
            "latency from the scheduled time (open loop), undisturbed: \(timeline.all.line)",
            """
            left out of it: \(grouped(timeline.disturbedSlices)) of \(grouped(timeline.slices)) windows of \
            \(fixed(SoakTimeline.sliceSeconds * 1_000, 0)) ms, in which the server was stopped or killed, or asked for its \
            counters, or we stood still ourselves (\(figures.stalls) times): \(timeline.disturbed.line)
            """,
            """
            stopped: \(grouped(figures.freezes)) times, \(fixed(figures.frozenSeconds, 1)) s in all; \
            answers read slowly: \(grouped(figures.slowAnswers))
            """,
            "connections ended: "
                + SoakEnding.allCases.map { "\(grouped(figures.endings[$0] ?? 0)) \($0.rawValue)" }
                .joined(separator: ", "),
        ]
        let windows = [timeline.early, timeline.late]
        if windows.contains(where: { $0.calmSpans < $0.spans }) {
            let counted = windows.map { "\($0.calmSpans) of \($0.spans)" }.joined(separator: " and ")
            let ratio = timeline.restlessLatencyRatio.map { ", which is \(fixed($0, 2)) with the others" } ?? ""
            lines.append(
                """
                the host took more than \(fixed(StolenTime.shareMax * 100, 1))% of a core now and then (steal): \(counted) \
                spans of \(short(plan.spanSeconds)) s in the two windows count for the drift of the P99\(ratio)
                """)
        }
        if plan.kills {
            lines.append(
                """
                killed: \(figures.kills) times; \(grouped(figures.readAfterKills)) reads of entries right after that. \
                Memory is not judged: the process is another one after each
                """)
        } else if timeline.memoryRatio == nil, !(plan.judgesMemory && isWhole) {
            lines.append("not judged: memory; too little was seen of it")
        }
        if !plan.kills, let growth = timeline.growth(in: plan.lastFifth) {
            // What came in one step has ended; what leaks goes on.
            lines.append(
                """
                resident memory within the last fifth changed by \(fixed(growth * 60 / 1_048_576, 2)) MiB a minute (the \
                straight line through what was seen)
                """)
        }
        if timeline.latencyRatio == nil, !(plan.judgesLatency && isWhole) {
            lines.append("not judged: latency; too few samples for a P99")
        }
        if doubtful > 0 {
            lines.append("\(grouped(doubtful)) entries were in doubt at the end: calls that wrote them were cut")
        }
        lines += table(of: figures.errors, "error") + table(of: figures.provokedErrors, "error in a disturbance")
        for (kind, count) in figures.faults.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("WRONG: \(grouped(count)) times \(kind.rawValue)")
        }
        lines += figures.firstFaults.map { "  \($0)" }
        if throttled > 0 {
            lines.append("DOES NOT COUNT: the container's CPU quota stopped us \(throttled) times (nr_throttled)")
        }
        return lines
    }

    private func table(of counts: [String: Int], _ title: String) -> [String] {
        counts.sorted { $0.key < $1.key }.map { "\(title): \(grouped($0.value)) times \($0.key)" }
    }
}

/// The figures in JSON.
struct SoakReport: Codable, Sendable {
    struct Configuration: Codable, Hashable, Sendable {
        var seconds: Double
        var callsPerSecond: Double
        var slowReaders: Int
        var kills: Bool
        var durability: Persistence
        var seed: UInt64
        /// What the server was started with beyond ports and folders.
        var serverFlags: [String]
    }

    var head: ReportHead
    var configuration: Configuration
    var intervals: [SoakInterval]
    /// By kind of call, and so on.
    var calls: [String: SoakTally]
    var errors: [String: Int]
    var provokedErrors: [String: Int]
    var wrong: [String: Int]
    var firstWrong: [String]
    var endings: [String: Int]
    var freezes: Int
    var frozenSeconds: Double
    var kills: Int
    /// Of windows that nothing disturbed, in all; of the second and the last window; and of those that were disturbed.
    var latencyMicroseconds: PercentilesRecord
    var earlyMicroseconds: PercentilesRecord
    var lateMicroseconds: PercentilesRecord
    /// Of both as far as the host left the cores alone; and the shares of their spans in which it did.
    var earlyCalmMicroseconds: PercentilesRecord
    var lateCalmMicroseconds: PercentilesRecord
    var earlyCalmShare: Double
    var lateCalmShare: Double
    var disturbedMicroseconds: PercentilesRecord
    var disturbedShare: Double
    var throttled: Int
    var isInterrupted: Bool
    var failure: String?
    var verdicts: [Verdict]
    var isKept: Bool

    init(_ head: ReportHead, _ result: SoakResult) {
        let figures = result.figures
        let timeline = result.timeline
        let plan = result.plan
        self.head = head
        configuration = Configuration(
            seconds: plan.seconds, callsPerSecond: plan.rate, slowReaders: plan.slowReaders, kills: plan.kills,
            durability: plan.durability, seed: plan.seed,
            serverFlags: plan.serverPlan(executable: nil, disk: nil).flags
                + ["--log-snapshot-interval", "\(SoakPlan.snapshotSeconds)s"])
        intervals = result.intervals
        calls = Dictionary(uniqueKeysWithValues: figures.tallies.map { ($0.key.rawValue, $0.value) })
        errors = figures.errors
        provokedErrors = figures.provokedErrors
        wrong = Dictionary(uniqueKeysWithValues: figures.faults.map { ($0.key.rawValue, $0.value) })
        firstWrong = figures.firstFaults
        endings = Dictionary(uniqueKeysWithValues: figures.endings.map { ($0.key.rawValue, $0.value) })
        freezes = figures.freezes
        frozenSeconds = figures.frozenSeconds
        kills = figures.kills
        latencyMicroseconds = PercentilesRecord(timeline.all)
        earlyMicroseconds = PercentilesRecord(timeline.early.latency)
        lateMicroseconds = PercentilesRecord(timeline.late.latency)
        earlyCalmMicroseconds = PercentilesRecord(timeline.early.calmLatency)
        lateCalmMicroseconds = PercentilesRecord(timeline.late.calmLatency)
        earlyCalmShare = timeline.early.calmShare
        lateCalmShare = timeline.late.calmShare
        disturbedMicroseconds = PercentilesRecord(timeline.disturbed)
        disturbedShare = Double(timeline.disturbedSlices) / Double(max(timeline.slices, 1))
        throttled = result.throttled
        isInterrupted = result.isInterrupted
        failure = result.failure
        verdicts = result.verdicts
        isKept = result.isKept
    }
}
