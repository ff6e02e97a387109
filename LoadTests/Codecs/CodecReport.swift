//! What came of the codecs' contest: a table for the README, and JSON.

/// Ours against one other, in one case.
struct CodecComparison: Codable, Sendable {
    var structure: CodecStructure
    var format: CodecFormat
    var messageBytes: Int
    var other: String
    /// The fastest of the ways that were tried, by the median of encode + decode.
    var way: String?
    var ours: CodecTimes
    var others: CodecTimes
    /// Encode + decode, encode, decode.
    var ratios: [Ratio]
    var limit: Double
    var isWithinLimit: Bool
    var goal: Double

    /// nil where nothing was measured.
    init?(_ codecCase: CodecCase, _ ours: CodecContender, _ other: CodecContender) {
        let pairs = Array(zip(ours.rounds, other.rounds))
        let sums = Ratio("encode + decode", to: other.title, rounds: pairs.map { $0.sum / $1.sum })
        let encodes = Ratio("encode", to: other.title, rounds: pairs.map { $0.encode / $1.encode })
        let decodes = Ratio("decode", to: other.title, rounds: pairs.map { $0.decode / $1.decode })
        guard let sums, let encodes, let decodes, let times = ours.times, let others = other.times else { return nil }
        structure = codecCase.structure
        format = codecCase.format
        messageBytes = codecCase.messageBytes
        self.other = other.title
        way = other.way
        self.ours = times
        self.others = others
        ratios = [sums, encodes, decodes]
        // Kitex brought the codec's share of a service's CPU from 3.58% to 0.98% by generated code.
        limit = other.title == CodecContest.naive ? 1 / 3.6 : 1
        isWithinLimit = sums.median <= limit
        goal = other.title == CodecContest.naive ? 1 / 3.6 : 0.5
    }
}

/// The contest in JSON.
struct CodecReport: Codable, Sendable {
    var command: [String]
    var machine: MachineDescription
    var versions: [String: String]
    var rounds: Int
    var throttledRounds: Int
    /// How long one contender works in one round.
    var milliseconds: Double
    var comparisons: [CodecComparison]
    /// Every way of every contender, for the fastest is chosen after the fact.
    var contenders: [Contender]
    var skipped: [String]

    struct Contender: Codable, Sendable {
        var structure: CodecStructure
        var format: CodecFormat
        var title: String
        var way: String?
        var rounds: [CodecTimes]
    }

    init(
        _ contest: CodecContest, command: [String], machine: MachineDescription, versions: [String: String],
        milliseconds: Double, skipped: [String]
    ) {
        self.command = command
        self.machine = machine
        self.versions = versions
        self.milliseconds = milliseconds
        self.skipped = skipped
        rounds = contest.cases.first?.contenders.first?.rounds.count ?? 0
        throttledRounds = contest.throttledRounds
        comparisons = contest.cases.flatMap(Self.comparisons)
        contenders = contest.cases.flatMap { codecCase in
            codecCase.contenders.map {
                Contender(
                    structure: codecCase.structure, format: codecCase.format, title: $0.title, way: $0.way,
                    rounds: $0.rounds)
            }
        }
    }

    /// Ours against the fastest way of every other.
    static func comparisons(_ codecCase: CodecCase) -> [CodecComparison] {
        guard let ours = codecCase.contenders.first else { return [] }
        var fastest: [CodecContender] = []
        for other in codecCase.contenders.dropFirst() {
            guard let sum = other.times?.sum else { continue }
            if let index = fastest.firstIndex(where: { $0.title == other.title }) {
                if let best = fastest[index].times?.sum, sum < best { fastest[index] = other }
            } else {
                fastest.append(other)
            }
        }
        return fastest.compactMap { CodecComparison(codecCase, ours, $0) }
    }

    /// Markdown.
    var markdown: [String] {
        var lines = [
            MarkdownTable.row([
                "encode + decode, ns of CPU", "bytes", "Needletail", "other", "", "of the other", "rounds", "encode",
                "decode", "must", "", "goal",
            ]), MarkdownTable.rule(count: 12),
        ]
        for comparison in comparisons {
            lines.append(
                MarkdownTable.row(
                    [
                        "\(comparison.structure.title), \(comparison.format.title)",
                        grouped(comparison.messageBytes), text(comparison.ours),
                        comparison.other + (comparison.way.map { " (\($0))" } ?? ""), text(comparison.others),
                    ] + figures(comparison)))
        }
        lines += [
            "",
            """
            Nanoseconds of the thread's CPU time for one operation, medians of \(rounds) rounds; "of the other" is the \
            median of the rounds' ratios, the contenders taking turns on one core, and "rounds" the smallest and the \
            largest. Decoding makes structs of their own: ours share the message's storage for binaries, C++ copies \
            them (but for "borrow"). Of the ways to use a library the fastest is shown.
            """,
            "",
            "Measured on \(machine.line), with "
                + versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + ":",
            "`\(command.joined(separator: " "))`",
        ]
        if throttledRounds > 0 { lines.append("\(throttledRounds) rounds were throttled and do not count.") }
        return lines + skipped.map { "Skipped: \($0)" }
    }

    private func text(_ times: CodecTimes) -> String {
        "\(fixed(times.sum, 0)) (\(fixed(times.encode, 0)) + \(fixed(times.decode, 0)))"
    }

    private func figures(_ comparison: CodecComparison) -> [String] {
        let rounds = comparison.ratios[0].rounds
        return comparison.ratios.prefix(1).map { fixed($0.median, 2) }
            + ["\(fixed(rounds.min() ?? 0, 2)) to \(fixed(rounds.max() ?? 0, 2))"]
            + comparison.ratios.dropFirst().map { fixed($0.median, 2) }
            + [
                fixed(comparison.limit, 2), comparison.isWithinLimit ? "kept" : "**missed**",
                fixed(comparison.goal, 2),
            ]
    }
}
