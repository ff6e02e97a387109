//! What came of the recoveries: a table for each number of cores, and JSON.

/// All starts of one server on so many cores.
struct RecoveryRounds: Codable, Sendable {
    var title: String
    var starts: [RecoveryStart] = []

    func median(_ value: (RecoveryStart) -> Double?) -> Double? {
        needletail_load.median(starts.compactMap(value))
    }
}

/// `1 core`, `2 cores`.
func coreCount(_ count: Int) -> String { "\(count) core\(count == 1 ? "" : "s")" }

/// The servers beside each other on so many cores.
struct RecoveryResult: Codable, Sendable {
    /// How many times Redis' records per second ours must be.
    static let limit = Limit.atLeast(3)
    static let goal = "6 of Redis"
    private static let figure = "records/s, start to first right read"

    var cores: Int
    var records: Int
    /// Ours first.
    var contenders: [RecoveryRounds]
    /// Of records per second: from the start to the first right read, and of loading alone.
    var ratios: [Ratio]
    var verdict: Verdict?

    init(cores: Int, records: Int, _ contenders: [RecoveryRounds]) {
        self.cores = cores
        self.records = records
        self.contenders = contenders
        ratios = contenders.dropFirst().flatMap { other -> [Ratio] in
            // Records per second are as the seconds of the other to ours.
            let ratio = { (figure: String, seconds: (RecoveryStart) -> Double?) in
                Ratio(
                    figure, to: other.title,
                    rounds: zip(contenders[0].starts, other.starts).compactMap { ours, theirs in
                        guard ours.throttled == 0, theirs.throttled == 0, let mine = seconds(ours), mine > 0 else {
                            return nil
                        }
                        return seconds(theirs).map { $0 / mine }
                    })
            }
            return [ratio(Self.figure, \.firstReadSeconds), ratio("records/s, loading alone", \.loadingSeconds)]
                .compactMap { $0 }
        }
        verdict = Verdict(
            Self.figure, ratios.first { $0.figure == Self.figure }?.median, Self.limit, goal: Self.goal)
    }

    var markdown: [String] {
        var lines = [
            MarkdownTable.row([
                "loading \(grouped(records)) records, \(coreCount(cores))",
                "start to first right read, s", "records/s", "loading alone, s", "start without records, s", "CPU, s",
            ]),
            MarkdownTable.rule(count: 6),
        ]
        for contender in contenders {
            let seconds = { (value: (RecoveryStart) -> Double?) in
                contender.median(value).map { fixed($0, 3) } ?? "-"
            }
            let rate = contender.median { Double(records) / $0.firstReadSeconds }
            let isReported = contender.starts.allSatisfy { $0.reportedSeconds != nil }
            lines.append(
                MarkdownTable.row([
                    contender.title, seconds(\.firstReadSeconds), rate.map { fixed($0, 0) } ?? "-",
                    seconds(\.loadingSeconds) + (isReported ? "" : " (difference)"), seconds(\.emptySeconds),
                    seconds(\.cpuSeconds),
                ]))
        }
        lines.append("")
        for ratio in ratios {
            let rounds = ratio.rounds.map { fixed($0, 2) }.joined(separator: " ")
            lines.append("\(ratio.figure): \(fixed(ratio.median, 2)) of \(ratio.to) (median of \(rounds)).")
        }
        if let verdict { lines.append(verdict.line) }
        return lines
    }
}

/// The recoveries in JSON.
struct RecoveryReport: Codable, Sendable {
    var head: ReportHead
    var rounds: Int
    /// Whether as much memory as a start needs was touched and given back before it.
    var isMemoryReady: Bool
    /// Bytes of the files that were loaded, by server.
    var logBytes: [String: Int]
    var results: [RecoveryResult]
    var skipped: [String]

    /// As many as there were, which are fewer where somebody ended it.
    private var startCounts: String {
        let counts = Set(results.flatMap { $0.contenders.map(\.starts.count) })
        guard let least = counts.min(), let most = counts.max() else { return "no" }
        return least == most ? "\(least)" : "\(least) to \(most)"
    }

    /// Markdown.
    var markdown: [String] {
        let logs = logBytes.sorted { $0.key < $1.key }.map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ")
        let memory =
            isMemoryReady
            ? "as much memory as it takes has been touched and given back" : "free memory was left as it was"
        var lines = results.flatMap { $0.markdown + [""] }
        lines += [
            """
            Medians of \(startCounts) starts, the servers taking turns; ratios are medians of the rounds' ratios. A log is \
            one put for each record of \(head.keySize) bytes of key and \(head.valueSize) of value, written with \
            Needletail's durability logged and Redis' appendfsync everysec as commands, and never compacted; its files \
            have been read before each start, and \(memory). Loading alone is what the server's own log says, or, marked \
            as a difference, what a start takes longer than one without records. Bytes of the files, with what is \
            reserved in them: \(logs).
            """,
            "",
        ]
        return lines + head.origin + skipped.map { "Skipped: \($0)" }
    }
}
