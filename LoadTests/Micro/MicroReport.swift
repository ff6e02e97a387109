//! What pieces of work take: a table, and JSON.

internal import InstructionCounts

struct MicroReport: Codable, Sendable {
    var command: [String]
    var machine: MachineDescription
    var version: String
    /// How long a piece of work is timed in one round.
    var milliseconds: Double
    var throttledRounds: Int
    var results: [MicroResult]
    /// Why something is not there.
    var notes: [String]

    /// Markdown. What was not measured has no column.
    var markdown: [String] {
        let rounds = results.first?.rounds.count ?? 0
        let isCounted = results.contains { $0.instructions != nil }
        let titles =
            ["piece of work"] + (rounds > 0 ? ["CPU per operation, ns, best", "median"] : [])
            + (isCounted ? ["instructions", "baseline", "change"] : [])
        var lines = [MarkdownTable.row(titles), MarkdownTable.rule(count: titles.count)]
        for result in results {
            lines.append(
                MarkdownTable.row(
                    [result.name] + (rounds > 0 ? [result.best, result.median].map { $0.map(short) ?? "" } : [])
                        + (isCounted ? Self.counts(result) : [])))
        }
        lines.append("")
        if rounds > 0 { lines.append("CPU time of the thread for one operation, over \(rounds) rounds in turn.") }
        if isCounted {
            lines.append(
                "Instructions of one operation by Valgrind, with glibc's plainest copies, the same on every run.")
        }
        lines += [
            "", "Measured on \(machine.line), with Needletail \(version):", "`\(command.joined(separator: " "))`",
        ]
        if throttledRounds > 0 { lines.append("\(throttledRounds) rounds were throttled and do not count.") }
        return lines + notes
    }

    private static func counts(_ result: MicroResult) -> [String] {
        let change = result.instructions.flatMap { count in
            result.baseline.flatMap { $0 > 0 ? "\(fixed((count / $0 - 1) * 100, 1))%" : nil }
        }
        return [
            result.instructions.map { fixed($0, 1) } ?? "", result.baseline.map { fixed($0, 1) } ?? "", change ?? "",
        ]
    }
}

/// The counts beside the repository's baseline.
struct InstructionCheck {
    /// What is to be said of each piece of work that is not as it was.
    private(set) var lines: [String] = []
    private(set) var isFailed = false

    init(_ results: [MicroResult], _ baseline: InstructionBaseline) {
        for result in results {
            guard let count = result.instructions else { continue }
            let verdict = baseline.verdict(result.name, count, .release)
            isFailed = isFailed || verdict.isFailure
            let counts = "\(result.name): \(fixed(count, 1)) instructions, baseline \(fixed(result.baseline ?? 0, 1))"
            switch verdict {
            case .kept: break
            case .more(let change):
                lines.append("\(counts): \(fixed(change * 100, 1))% more; at most \(Self.percent) are let pass")
            case .fewer(let change):
                lines.append("\(counts): \(fixed(-change * 100, 1))% fewer; lower the baseline (--update)")
            case .unknown: lines.append("\(result.name): no baseline; write one (--update)")
            }
        }
        if lines.isEmpty { lines = ["All counts are within \(Self.percent) of the baseline."] }
    }

    private static let percent = "\(fixed(InstructionBaseline.toleranceAbove * 100, 0))%"
}
