//! What came of a row: every round of every contender, and the ratios of those that stood side by side.

internal import Histogram

/// All rounds of one contender in one row.
struct ContenderRounds {
    let title: String
    var rounds: [Measurement] = []

    var merged: Measurement? {
        guard var sum = rounds.first else { return nil }
        for round in rounds.dropFirst() { sum.add(round) }
        return sum
    }

    var serverMicroseconds: Double? { median(rounds.compactMap(\.serverMicrosecondsPerCall)) }
    var rate: Double? { median(rounds.map(\.figures.rate)) }
}

/// Our figure over another's, round by round.
struct Ratio: Codable, Hashable, Sendable {
    /// What is compared.
    let figure: String
    /// Whose figure ours is divided by.
    let to: String
    let rounds: [Double]
    let median: Double

    var isToRedis: Bool { to == ServerKind.redis.title }

    /// The ratios of rounds that both contenders did one after the other; nil where there are none to count.
    init?(
        _ figure: String, _ ours: ContenderRounds, to other: ContenderRounds, _ value: (Measurement) -> Double?
    ) {
        let ratios = zip(ours.rounds, other.rounds).compactMap { mine, theirs -> Double? in
            guard mine.throttled == 0, theirs.throttled == 0, let dividend = value(mine), let divisor = value(theirs),
                divisor > 0
            else { return nil }
            return dividend / divisor
        }
        self.init(figure, to: other.title, rounds: ratios)
    }

    /// The median of `rounds`; nil where there are none.
    init?(_ figure: String, to other: String, rounds: [Double]) {
        guard let middle = needletail_load.median(rounds) else { return nil }
        self.figure = figure
        to = other
        self.rounds = rounds
        median = middle
    }
}

struct RowResult {
    let row: PeerRow
    /// Whether the others are peers, which is what the row's limit is about.
    var isAmongPeers = true
    var contenders: [ContenderRounds]
    /// `unixSocket` only: its rounds in the closed loop; `contenders` has those in the open one.
    var closedLoop: [ContenderRounds] = []
    var ratios: [Ratio] = []
    /// `memory` only: bytes, by contender.
    var overheadBytes: [(title: String, bytes: Double)] = []
    /// Remarks on the row, one line each.
    var notes: [String] = []
    /// Why the row was given up.
    var failure: RunFailure?

    init(_ row: PeerRow, _ contenders: [ContenderRounds] = []) {
        self.row = row
        self.contenders = contenders
    }

    /// What the row's limit is about: the ratio to Redis, or to ours in other circumstances, or our bytes; among builds
    /// of ours the ratio to the other one.
    var decisive: Double? {
        switch row.figure {
        case .overheadBytes: overheadBytes.first?.bytes
        default: decisiveRatio?.median
        }
    }

    var decisiveRatio: Ratio? {
        ratios.first { $0.figure == row.figure.rawValue && (!needsRedis || $0.isToRedis) }
    }

    private var needsRedis: Bool { isAmongPeers && row.isLimitedByRedis }

    /// Whether there are ratios that no limit is about, because Redis did not take part.
    var lacksRedis: Bool { needsRedis && !ratios.isEmpty && !ratios.contains(where: \.isToRedis) }

    /// Compares the P99.9 of rounds in which both have the samples for one, and says how many have not.
    mutating func compareTails(_ ours: ContenderRounds, to other: ContenderRounds) {
        if let ratio = Ratio(PeerFigure.p999.rawValue, ours, to: other, { $0.countablePercentile(99.9) }) {
            ratios.append(ratio)
        }
        let pairs = zip(ours.rounds, other.rounds)
        let few = pairs.count { [$0, $1].contains { $0.countablePercentile(99.9) == nil } }
        guard few > 0 else { return }
        notes.append(
            """
            too few samples: \(few) of \(min(ours.rounds.count, other.rounds.count)) rounds of \(ours.title) and \
            \(other.title) do not count for the P99.9, which takes \
            \(grouped(Int(LatencyHistogram.samplesMin(forPercentile: 99.9)))) in each
            """)
    }

    /// Says how often the host had rounds made again, and of how many the P99 is its own all the same.
    /// - Parameter contenders: those of the row, if they are not named.
    mutating func noteHost(_ repeats: Repeats, _ contenders: [ContenderRounds]? = nil) {
        let rounds = (contenders ?? self.contenders).flatMap(\.rounds)
        let restless = rounds.count { !$0.isCalm }
        guard restless + repeats.count > 0 else { return }
        let shares = rounds.map(\.stolenShare)
        notes.append(
            """
            the host took \(fixed((shares.min() ?? 0) * 100, 1)) to \(fixed((shares.max() ?? 0) * 100, 1))% of a core in the \
            rounds (steal); \(repeats.count) were made again, and \(restless) of \(rounds.count) do not count for P99, \
            which takes at most \(fixed(StolenTime.shareMax * 100, 1))%
            """)
    }

    /// Whether the limit is kept; nil where there is none, or nothing to compare.
    var isWithinLimit: Bool? { row.limit.flatMap { limit in decisive.map(limit.isKept) } }

    /// Whether all answers were right.
    var isClean: Bool { (contenders + closedLoop).allSatisfy { $0.rounds.allSatisfy(\.figures.isClean) } }

    /// The row in a few lines, for whoever watches.
    var lines: [String] {
        var lines = ["\(row.title):"]
        for contender in contenders {
            guard let merged = contender.merged else { continue }
            let cost = contender.serverMicroseconds.map { "\(fixed($0, 2)) us server CPU per request, " } ?? ""
            lines.append(
                """
                  \(contender.title): \(cost)\(fixed(contender.rate ?? 0, 0)) requests/s \
                (\(merged.figures.pace.name)), \(merged.figures.latency.line) (\(merged.figures.pace.name))
                """)
            for warning in merged.warnings { lines.append("  \(contender.title): \(warning)") }
        }
        for (title, bytes) in overheadBytes { lines.append("  \(title): \(fixed(bytes, 1)) bytes") }
        for ratio in ratios {
            let rounds = ratio.rounds.map { fixed($0, 3) }.joined(separator: " ")
            lines.append("  \(ratio.figure): \(fixed(ratio.median, 3)) of \(ratio.to) (median of \(rounds))")
        }
        if isAmongPeers, let limit = row.limit, let isWithinLimit {
            lines.append("  limit \(limit.cell): \(isWithinLimit ? "kept" : "MISSED")")
        }
        if let failure { lines.append("  GIVEN UP: \(failure)") }
        return lines + notes.map { "  " + $0 }
    }

    var record: RowRecord {
        RowRecord(
            row: row.rawValue, title: row.title,
            contenders: (contenders + closedLoop).map {
                RowRecord.Contender(
                    title: $0.title, medianServerCPUMicrosecondsPerRequest: $0.serverMicroseconds,
                    medianRequestsPerSecond: $0.rate, merged: $0.merged?.record, rounds: $0.rounds.map(\.record))
            },
            overheadBytesPerEntry: Dictionary(overheadBytes.map { ($0.title, $0.bytes) }) { first, _ in first },
            ratios: ratios, persistence: row.persistence, limit: row.limit?.number, isWithinLimit: isWithinLimit,
            goal: row.goal, notes: notes, failure: failure.map { "\($0)" })
    }
}

/// A row in JSON.
struct RowRecord: Codable, Sendable {
    struct Contender: Codable, Sendable {
        var title: String
        var medianServerCPUMicrosecondsPerRequest: Double?
        var medianRequestsPerSecond: Double?
        var merged: MeasurementRecord?
        var rounds: [MeasurementRecord]
    }

    var row: String
    var title: String
    var contenders: [Contender]
    var overheadBytesPerEntry: [String: Double]
    var ratios: [Ratio]
    var persistence: Persistence
    var limit: Double?
    var isWithinLimit: Bool?
    var goal: String
    var notes: [String]
    /// Why it was given up.
    var failure: String?
}
