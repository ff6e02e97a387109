//! The comparison as a table for the README, and as JSON.

internal import Histogram

struct PeersReport {
    let head: ReportHead
    let timing: PeerTiming
    let results: [RowResult]
    let skipped: [String]
    /// Whether it ended before its time.
    var isInterrupted = false

    /// Markdown.
    var markdown: [String] {
        let costs = results.filter { $0.row.isCost && !$0.contenders.isEmpty }
        var lines = isInterrupted ? ["INTERRUPTED: these are the figures up to then.", ""] : []
        if let titles = costs.first?.contenders.map(\.title) {
            lines += costTable(costs, titles) + [""] + latencyTable(costs) + [""]
        }
        for result in results where !result.row.isCost && result.failure == nil { lines += section(result) + [""] }
        let failures = results.compactMap { result in
            result.failure.map { "GIVEN UP: \(result.row.title): \($0)" }
        }
        if !failures.isEmpty { lines += failures + [""] }
        if results.contains(where: \.lacksRedis) {
            lines += ["Limits that are shares of Redis' figures say nothing of another peer: no verdict.", ""]
        }
        if results.contains(where: { $0.row.persistence != .memory }) {
            lines += [
                """
                Puts that persist: servers started for these rows alone, in new directories on a disk. Requests ask for no \
                durability: Needletail's is `--durability` logged or synced, Redis' `appendfsync` everysec or always, with \
                an append-only file that is never rewritten. Server CPU is that of all threads of the process.
                """,
                "",
            ]
        }
        lines += [
            """
            Server CPU is user and system time of the server's process, in microseconds per request: medians of \
            \(timing.rounds) rounds; ratios are medians of the rounds' ratios, the contenders taking turns. \
            \(grouped(head.keys)) keys of \(head.keySize) bytes, values of \(head.valueSize) bytes, uniform random, \
            \(head.connections) connections over loopback, servers that the harness \
            started pinned to one core and the generator to another; a peer that was running already is where it was \
            started.
            """,
            "",
        ]
        return lines + head.origin + skipped.map { "Skipped: \($0)" }
    }

    private func costTable(_ costs: [RowResult], _ titles: [String]) -> [String] {
        let peers = titles.dropFirst()
        var lines = [
            row(
                ["server CPU per request, closed loop"] + titles.map { "\($0), us" } + peers.map { "of \($0)" }
                    + ["must", "", "goal"])
        ]
        lines.append(rule(count: titles.count + peers.count + 4))
        for result in costs {
            let ratios = peers.map { peer in
                result.ratios.first { $0.to == peer && $0.figure == PeerFigure.serverCPU.rawValue }
                    .map { fixed($0.median, 2) } ?? "-"
            }
            lines.append(
                row(
                    [result.row.title] + result.contenders.map { $0.serverMicroseconds.map { fixed($0, 2) } ?? "-" }
                        + ratios + verdict(result)))
        }
        return lines
    }

    private func latencyTable(_ costs: [RowResult]) -> [String] {
        var lines = [row(["closed loop", "server", "requests/s", "P50", "P99", "generator CPU, us"]), rule(count: 6)]
        for result in costs {
            for contender in result.contenders {
                guard let merged = contender.merged else { continue }
                lines.append(
                    row([
                        result.row.title, contender.title, fixed(contender.rate ?? 0, 0),
                        duration(nanoseconds: merged.figures.latency.valueAtPercentile(50)),
                        duration(nanoseconds: merged.figures.latency.valueAtPercentile(99)),
                        fixed(merged.generatorMicrosecondsPerCall, 2),
                    ]))
            }
        }
        return lines
    }

    /// The contender's name, and with what it persists where we had it started so.
    private func title(_ contender: ContenderRounds, _ row: PeerRow) -> String {
        guard contender.title == ServerKind.redis.title, let appendfsync = row.persistence.appendfsync else {
            return contender.title
        }
        return "\(contender.title), appendfsync \(appendfsync)"
    }

    private func section(_ result: RowResult) -> [String] {
        var lines: [String] = []
        switch result.row {
        case .memory:
            lines = [row([result.row.title] + ["bytes", "must", "", "goal"]), rule(count: 5)]
            for (index, entry) in result.overheadBytes.enumerated() {
                lines.append(
                    row(
                        [entry.title, fixed(entry.bytes, 1)]
                            + (index == 0 ? verdict(result) : ["", "", ""])))
            }
        case .openLoop where !result.contenders.isEmpty, .rateAtP99, .largeValues, .unixSocket:
            if result.row != .openLoop { lines = [result.row.title + ":", ""] }
            lines += OpenLoopTable.lines(result.contenders)
            lines += [""] + ratiosAndVerdict(result, of: result.decisiveRatio?.to ?? "the peer")
        case .putLogged, .putSynced, .eventLoops:
            lines = [row([result.row.title + ", closed loop", "requests/s", "server CPU, us", "P99"]), rule(count: 4)]
            for contender in result.contenders {
                let p99 = contender.merged.map { duration(nanoseconds: $0.figures.latency.valueAtPercentile(99)) }
                lines.append(
                    row([
                        title(contender, result.row), fixed(contender.rate ?? 0, 0),
                        contender.serverMicroseconds.map { fixed($0, 2) } ?? "-", p99 ?? "-",
                    ]))
            }
            lines += [""] + ratiosAndVerdict(result, of: "the peer's")
        default: break
        }
        return lines + [""] + result.notes.map { "\($0)." }
    }

    private func ratiosAndVerdict(_ result: RowResult, of other: String) -> [String] {
        let ratios = result.ratios.map { "\($0.figure): \(fixed($0.median, 2)) of \($0.to)." }
        guard result.isWithinLimit != nil else { return ratios }
        let cells = verdict(result)
        return ratios + [
            "\(result.row.figure.rawValue) must be \(cells[0]) of \(other): \(cells[1]); goal \(cells[2])."
        ]
    }

    /// The limit, whether it is kept, the goal.
    private func verdict(_ result: RowResult) -> [String] {
        [
            result.row.limit.map(\.cell) ?? "-", result.isWithinLimit.map { $0 ? "kept" : "**missed**" } ?? "-",
            result.row.goal,
        ]
    }

    private func row(_ cells: [String]) -> String { MarkdownTable.row(cells) }
    private func rule(count: Int) -> String { MarkdownTable.rule(count: count) }

    var record: PeersRecord {
        PeersRecord(
            head: head, rounds: timing.rounds, rows: results.map(\.record), skipped: skipped,
            interrupted: isInterrupted)
    }
}

/// The comparison in JSON.
struct PeersRecord: Codable, Sendable {
    var head: ReportHead
    var rounds: Int
    var rows: [RowRecord]
    var skipped: [String]
    var interrupted: Bool
}
