//! What snapshots did to reads and to memory: a table, and JSON.

struct SnapshotResult {
    /// How many times its P99 without a snapshot a get's may be with one.
    static let p99Limit = Limit.atMost(2)
    /// How much more memory the server may take than before the first snapshot, in percent.
    static let growthLimit = Limit.atMost(10)
    /// A window in which a snapshot ran for less of the time says little of snapshots, and does not count.
    private static let runningShareMin = 0.5
    private static let p99 = "P99 from the scheduled time"

    /// In a closed loop, in requests per second.
    let highestRate: Double
    /// That gets are offered at.
    let rate: Double
    var windowSeconds = 0.0
    private(set) var without = ContenderRounds(title: "gets alone")
    private(set) var with = ContenderRounds(title: "gets beside a snapshot")
    /// What was seen in each window with a snapshot.
    private(set) var watches: [SnapshotWatch] = []
    var residentBytesBefore = 0
    private(set) var residentBytesMax = 0

    init(highestRate: Double, rate: Double) {
        self.highestRate = highestRate
        self.rate = rate
    }

    mutating func add(without measurement: Measurement) { without.rounds.append(measurement) }

    mutating func add(with measurement: Measurement, _ watch: SnapshotWatch, residentAfter: Int) {
        with.rounds.append(measurement)
        watches.append(watch)
        residentBytesMax = max(residentBytesMax, watch.residentBytesMax, residentAfter)
    }

    var isClean: Bool { (without.rounds + with.rounds).allSatisfy(\.figures.isClean) }

    /// The windows that count, each with the one without a snapshot before it.
    private var counted: (without: ContenderRounds, with: ContenderRounds) {
        let indices = watches.indices.filter { watches[$0].runningShare >= Self.runningShareMin }
        return (
            ContenderRounds(title: without.title, rounds: indices.map { without.rounds[$0] }),
            ContenderRounds(title: with.title, rounds: indices.map { with.rounds[$0] })
        )
    }

    /// Window by window; a window with too few samples for a percentile does not count for it.
    var ratios: [Ratio] {
        let counted = counted
        return [
            (99.0, Self.p99), (50, "P50 from the scheduled time"), (99.9, PeerFigure.p999.rawValue),
        ].compactMap { percentile, figure in
            Ratio(figure, counted.with, to: counted.without) { $0.countablePercentile(percentile) }
        }
    }

    /// By how much the server's memory grew, in percent; nil where no snapshot was written.
    var growthPercent: Double? {
        residentBytesBefore > 0 && finishedSnapshots > 0
            ? (Double(residentBytesMax) / Double(residentBytesBefore) - 1) * 100 : nil
    }

    var verdicts: [Verdict] {
        [
            Verdict(
                "P99 beside a snapshot, of that alone,",
                ratios.first { $0.figure == Self.p99 }?.median, Self.p99Limit),
            Verdict("growth of resident memory, in percent,", growthPercent, Self.growthLimit),
        ].compactMap { $0 }
    }

    var finishedSnapshots: Int { watches.map(\.finished).reduce(0, +) }
    var leastRunningShare: Double { watches.map(\.runningShare).min() ?? 0 }
    var meanRunningShare: Double {
        watches.isEmpty ? 0 : watches.map(\.runningShare).reduce(0, +) / Double(watches.count)
    }

    var markdown: [String] {
        let megabytes = { (bytes: Int) in "\(fixed(Double(bytes) / 1e6, 1)) MB" }
        var lines = OpenLoopTable.lines([without, with]) + [""]
        for ratio in ratios {
            let rounds = ratio.rounds.map { fixed($0, 2) }.joined(separator: " ")
            lines.append("\(ratio.figure): \(fixed(ratio.median, 2)) of \(ratio.to) (median of \(rounds)).")
        }
        lines += [
            "",
            MarkdownTable.row(["resident memory", "before the first snapshot", "most with one running", "growth"]),
            MarkdownTable.rule(count: 4),
            MarkdownTable.row([
                "Needletail", megabytes(residentBytesBefore), megabytes(residentBytesMax),
                growthPercent.map { "\(fixed($0, 1))%" } ?? "-",
            ]),
            "",
        ]
        lines += verdicts.map(\.line) + [""]
        lines += [
            """
            Gets at \(fixed(rate, 0)) requests/s, half of the \(fixed(highestRate, 0)) that the server did in a closed \
            loop. \(with.rounds.count) window\(with.rounds.count == 1 ? "" : "s") of \(fixed(windowSeconds, 1)) s each with and without, taking turns. Of \
            the windows with a snapshot, one was being written for at least \(fixed(meanRunningShare * 100, 0))% of the \
            time (the least of a window: \(fixed(leastRunningShare * 100, 0))%); \(finishedSnapshots) ended in them, and \
            the next was asked for when one had ended.
            """
        ]
        return lines + warnings
    }

    /// What keeps the figures from meaning what they seem to.
    var warnings: [String] {
        var lines: [String] = []
        let few = watches.count { $0.runningShare < Self.runningShareMin }
        if few > 0 {
            lines.append(
                """
                DOES NOT COUNT: in \(few) of \(watches.count) windows a snapshot ran for less than \
                \(fixed(Self.runningShareMin * 100, 0))% of the time; more entries take longer
                """)
        }
        for contender in [without, with] {
            lines += (contender.merged?.warnings ?? []).map { "\(contender.title): \($0)" }
        }
        return lines
    }
}

/// The figures in JSON.
struct SnapshotReport: Codable, Sendable {
    struct Window: Codable, Sendable {
        var without: MeasurementRecord
        var with: MeasurementRecord
        /// The share of the time of `with` in which a snapshot was being written, at least.
        var runningShare: Double
        var finishedSnapshots: Int
        var residentBytesMax: Int
    }

    var head: ReportHead
    var highestRate: Double
    var windows: [Window]
    var ratios: [Ratio]
    var residentBytesBefore: Int
    var residentBytesMax: Int
    var verdicts: [Verdict]

    init(_ head: ReportHead, _ result: SnapshotResult) {
        self.head = head
        highestRate = result.highestRate
        windows = zip(zip(result.without.rounds, result.with.rounds), result.watches).map { measurements, watch in
            Window(
                without: measurements.0.record, with: measurements.1.record, runningShare: watch.runningShare,
                finishedSnapshots: watch.finished, residentBytesMax: watch.residentBytesMax)
        }
        ratios = result.ratios
        residentBytesBefore = result.residentBytesBefore
        residentBytesMax = result.residentBytesMax
        verdicts = result.verdicts
    }
}
