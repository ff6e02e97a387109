//! What overload did to calls with deadlines: a table, and JSON.

internal import Histogram

/// A closed loop, and the overload after it.
struct OverloadRound: Sendable {
    let highest: Measurement
    let overload: Measurement
    let pings: LatencyHistogram
    let shed: ShedCounts

    /// Calls answered in time, per second.
    static func goodput(_ measurement: Measurement) -> Double {
        let figures = measurement.figures
        guard let deadline = figures.deadline, figures.seconds > 0 else { return 0 }
        return Double(deadline.inTime) / figures.seconds
    }

    /// Whether the container's quota stopped us; such a round does not count.
    var isThrottled: Bool { highest.throttled + overload.throttled > 0 }

    /// Goodput in overload, of the goodput before it.
    var ratio: Double? {
        let peak = Self.goodput(highest)
        return peak > 0 ? Self.goodput(overload) / peak : nil
    }
}

struct OverloadResult: Sendable {
    static let goodputLimit = Limit.atLeast(0.9)
    static let pingMillisLimit = Limit.atMost(10)

    let shape: CallShape
    let multiple: Double
    private(set) var rounds: [OverloadRound] = []

    init(shape: CallShape, multiple: Double) {
        self.shape = shape
        self.multiple = multiple
    }

    mutating func add(_ round: OverloadRound) { rounds.append(round) }

    /// Whether all answers were values or errors.
    var isClean: Bool {
        rounds.allSatisfy {
            $0.highest.figures.wrong + $0.highest.figures.missing + $0.overload.figures.wrong
                + $0.overload.figures.missing == 0
        }
    }

    private var counted: [OverloadRound] { rounds.filter { !$0.isThrottled } }

    var goodputRatio: Double? { median(counted.compactMap(\.ratio)) }

    private func merged(_ histogram: (OverloadRound) -> LatencyHistogram?) -> LatencyHistogram {
        var sum = LatencyHistogram.empty()
        for round in counted { if let more = histogram(round) { sum.add(more) } }
        return sum
    }

    var admitted: LatencyHistogram { merged { $0.overload.figures.deadline?.admitted } }
    var pings: LatencyHistogram { merged { $0.pings } }

    private static func millis(_ histogram: LatencyHistogram, _ percentile: Double) -> Double? {
        histogram.totalCount > 0 ? Double(histogram.valueAtPercentile(percentile)) / 1e6 : nil
    }

    var verdicts: [Verdict] {
        [
            Verdict("Goodput in overload, of the highest,", goodputRatio, Self.goodputLimit, goal: "0.98"),
            Verdict(
                "P99 of admitted calls, in milliseconds,", Self.millis(admitted, 99),
                .atMost(Double(shape.timeoutMillis ?? 0))),
            Verdict("P99 of pings in overload, in milliseconds,", Self.millis(pings, 99), Self.pingMillisLimit),
        ].compactMap { $0 }
    }

    var markdown: [String] {
        var lines = [
            MarkdownTable.row([
                "\(shape.title), budget \(shape.timeoutMillis ?? 0) ms", "offered/s", "in time/s", "late", "partial",
                "refused", "shed: sojourn", "shed: concurrency", "expired",
            ]),
            MarkdownTable.rule(count: 9),
        ]
        for round in rounds {
            lines.append(row("closed loop", round.highest, nil))
            lines.append(row("open loop, \(short(multiple)) times that", round.overload, round.shed))
        }
        lines += [
            "", "admitted in overload (open loop), latency from the scheduled time: \(admitted.line)",
            "pings in overload (closed loop, a connection of their own): \(pings.line)", "",
        ]
        return lines + verdicts.map(\.line) + warnings
    }

    private func row(_ title: String, _ measurement: Measurement, _ shed: ShedCounts?) -> String {
        let figures = measurement.figures
        let share = { (count: Int?) in "\(fixed(Double(count ?? 0) * 100 / Double(max(figures.calls, 1)), 2))%" }
        let deadline = figures.deadline
        return MarkdownTable.row(
            [
                title, fixed(figures.rate, 0), fixed(OverloadRound.goodput(measurement), 0), share(deadline?.late),
                share(deadline?.partial), share(deadline?.refused),
            ] + [shed?.sojourn, shed?.concurrency, shed?.expired].map { $0.map { fixed($0, 0) } ?? "" })
    }

    private var warnings: [String] {
        var lines: [String] = []
        for (index, round) in rounds.enumerated() {
            if round.isThrottled {
                lines.append(
                    "DOES NOT COUNT: round \(index + 1): the container's CPU quota stopped us (nr_throttled)")
            }
            if let lateness = round.overload.figures.lateness, lateness.valueAtPercentile(99) > 1_000_000 {
                lines.append(
                    """
                    note: the generator was late itself (P99 \(duration(nanoseconds: lateness.valueAtPercentile(99)))); \
                    it cannot offer so much
                    """)
            }
        }
        return lines
    }
}

/// The figures in JSON.
struct OverloadReport: Codable, Sendable {
    struct Window: Codable, Sendable {
        var highest: MeasurementRecord
        var overload: MeasurementRecord
        /// Calls in overload.
        var inTime: Int
        var late: Int
        var partial: Int
        var refused: Int
        var highestGoodput: Double
        var overloadGoodput: Double
        var shed: ShedCounts
        var admittedMicroseconds: PercentilesRecord?
        var pingMicroseconds: PercentilesRecord
    }

    var head: ReportHead
    var multiple: Double
    var timeoutMillis: Int32
    var windows: [Window]
    var verdicts: [Verdict]

    init(_ head: ReportHead, _ result: OverloadResult) {
        self.head = head
        multiple = result.multiple
        timeoutMillis = result.shape.timeoutMillis ?? 0
        windows = result.rounds.map { round in
            let deadline = round.overload.figures.deadline
            return Window(
                highest: round.highest.record, overload: round.overload.record, inTime: deadline?.inTime ?? 0,
                late: deadline?.late ?? 0, partial: deadline?.partial ?? 0, refused: deadline?.refused ?? 0,
                highestGoodput: OverloadRound.goodput(round.highest),
                overloadGoodput: OverloadRound.goodput(round.overload), shed: round.shed,
                admittedMicroseconds: deadline.map { PercentilesRecord($0.admitted) },
                pingMicroseconds: PercentilesRecord(round.pings))
        }
        verdicts = result.verdicts
    }
}
