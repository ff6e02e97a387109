//! What the harness' checks of itself came to: tables, limits, and JSON. All figures are medians of rounds.

internal import Histogram

/// Gets in both loops, with the server stopped once and without.
struct FreezeRound: Sendable {
    let open: Measurement
    let openFrozen: Measurement
    let closed: Measurement
    let closedFrozen: Measurement

    var measurements: [Measurement] { [open, openFrozen, closed, closedFrozen] }
    var counts: Bool { measurements.allSatisfy { $0.throttled == 0 } }
}

/// Calls to the server and to one that does nothing: over all connections in a closed loop, and over one at a low rate.
struct FloorRound: Sendable {
    let highest: Measurement
    let nullHighest: Measurement
    let alone: Measurement
    let nullAlone: Measurement

    var measurements: [Measurement] { [highest, nullHighest, alone, nullAlone] }
    var counts: Bool { measurements.allSatisfy { $0.throttled == 0 } }
}

struct FloorResult: Sendable {
    let shape: CallShape
    var rounds: [FloorRound] = []
    var counted: [FloorRound] { rounds.filter(\.counts) }

    init(shape: CallShape) { self.shape = shape }
}

/// The generator and the client in Python, each against both servers.
struct PythonRound: Sendable {
    let generator: Measurement
    let generatorNull: Measurement
    let python: PythonClient.Figures
    let pythonNull: PythonClient.Figures
    /// How often the container's quota stopped us in all of the round, the client's parts of it among them.
    let throttled: Int

    var counts: Bool { throttled == 0 }

    /// From the actual send, as the client in Python measures.
    static func p50(_ measurement: Measurement) -> Double {
        Double(measurement.figures.latencyFromSend?.valueAtPercentile(50) ?? 0)
    }

    /// By how much the client's P50 differs, as a share of the generator's.
    var difference: Double { abs(Double(python.p50) / Self.p50(generator) - 1) }

    /// What a server adds to one that does nothing, for each of them, in nanoseconds.
    var generatorAdded: Double { Self.p50(generator) - Self.p50(generatorNull) }
    var pythonAdded: Double { Double(python.p50 - pythonNull.p50) }

    /// By how much these differ, as a share of the generator's P50.
    var addedDifference: Double { abs(pythonAdded - generatorAdded) / Self.p50(generator) }
}

struct SelfCheckResult: Sendable {
    /// Of the time that the server stood still.
    static let openLimit = Limit.atLeast(0.5)
    static let closedLimit = Limit.atMost(0.1)
    static let pythonLimit = Limit.atMost(0.2)
    /// Of what the server itself does.
    static let nullRateLimit = Limit.atLeast(1)
    static let nullLatencyLimit = Limit.atMost(1)

    let plan: SelfCheckPlan
    var freezes: [FreezeRound] = []
    var pauses: [CorePauses] = []
    var floors: [FloorResult] = []
    var pythons: [PythonRound] = []

    init(plan: SelfCheckPlan) { self.plan = plan }

    static func percentile(_ measurement: Measurement, _ percentile: Double) -> Double {
        Double(measurement.figures.latency.valueAtPercentile(percentile))
    }

    // A round in which the container's quota stopped us does not count.
    private var countedFreezes: [FreezeRound] { freezes.filter(\.counts) }
    private var countedPythons: [PythonRound] { pythons.filter(\.counts) }

    /// A P99, of the time that the server stands still.
    private func freezeShare(_ path: KeyPath<FreezeRound, Measurement>) -> Double? {
        median(countedFreezes.map { Self.percentile($0[keyPath: path], 99) / (Double(plan.freezeMillis) * 1e6) })
    }

    var verdicts: [Verdict] {
        var verdicts = [
            Verdict(
                "P99 of the open loop while the server stands still, of that time,", freezeShare(\.openFrozen),
                Self.openLimit),
            Verdict("P99 of the closed loop, of that time,", freezeShare(\.closedFrozen), Self.closedLimit),
            Verdict(
                "The difference between the P50 of the client in Python and the generator's, as a share of the latter,",
                median(countedPythons.map(\.difference)), Self.pythonLimit),
            Verdict(
                "The difference between what either says that the server adds to one that does nothing, as that share,",
                median(countedPythons.map(\.addedDifference)), Self.pythonLimit),
        ]
        for floor in floors {
            let title = floor.shape.title
            verdicts += [
                Verdict(
                    "\(title): the highest rate against a server that does nothing, of that against Needletail,",
                    median(floor.counted.map { $0.nullHighest.figures.rate / $0.highest.figures.rate }),
                    Self.nullRateLimit),
                Verdict(
                    "\(title): the P50 of a server that does nothing, of Needletail's,",
                    median(floor.counted.map { PythonRound.p50($0.nullAlone) / PythonRound.p50($0.alone) }),
                    Self.nullLatencyLimit),
            ]
        }
        return verdicts.compactMap { $0 }
    }

    /// Whether every check has a round that counts, and keeps its limits.
    var isKept: Bool {
        let isMeasured =
            !countedFreezes.isEmpty && floors.allSatisfy { !$0.counted.isEmpty }
            && (pythons.isEmpty || !countedPythons.isEmpty)
        return isMeasured && verdicts.allSatisfy(\.isKept)
    }

    /// Everything that was measured by the generator.
    private var measurements: [Measurement] {
        freezes.flatMap(\.measurements) + floors.flatMap(\.rounds).flatMap(\.measurements)
    }

    var isClean: Bool { measurements.allSatisfy(\.figures.isClean) }

    // MARK: For people

    var markdown: [String] {
        freezeTable + [""] + pythonTable + [""] + floorTable + [""] + pauseTable + [""] + verdicts.map(\.line)
            + warnings
    }

    private var freezeTable: [String] {
        func row(_ title: String, _ path: KeyPath<FreezeRound, Measurement>) -> String {
            let of = { (percentile: Double) in
                cell(countedFreezes.map { Self.percentile($0[keyPath: path], percentile) })
            }
            let calls = median(countedFreezes.map { Double($0[keyPath: path].figures.calls) }) ?? 0
            return MarkdownTable.row([title, fixed(calls, 0), of(50), of(99), of(99.9), of(100)])
        }
        return [
            MarkdownTable.row([
                "gets; the server stands still for \(plan.freezeMillis) of \(fixed(plan.seconds * 1_000, 0)) ms",
                "calls",
                "P50", "P99", "P99.9", "max",
            ]),
            MarkdownTable.rule(count: 6),
            row("open loop (\(fixed(plan.rate, 0))/s), undisturbed", \.open),
            row("open loop, the server stood still", \.openFrozen),
            row("closed loop (\(plan.connections) connections), undisturbed", \.closed),
            row("closed loop, the server stood still", \.closedFrozen),
        ]
    }

    private var pythonTable: [String] {
        guard !pythons.isEmpty else { return ["left out: the client in Python"] }
        func row(_ title: String, _ real: (PythonRound) -> Double, _ null: (PythonRound) -> Double) -> String {
            let rounds = countedPythons
            return MarkdownTable.row([
                title, cell(rounds.map(real)), cell(rounds.map(null)), cell(rounds.map { real($0) - null($0) }),
            ])
        }
        return [
            MarkdownTable.row([
                "P50 of gets at \(fixed(plan.rate, 0))/s, one connection, from the actual send", "Needletail",
                "a server that does nothing", "difference",
            ]),
            MarkdownTable.rule(count: 4),
            row("the generator (open loop)", { PythonRound.p50($0.generator) }, { PythonRound.p50($0.generatorNull) }),
            row("a client in Python (one call at a time)", { Double($0.python.p50) }, { Double($0.pythonNull.p50) }),
        ]
    }

    private var floorTable: [String] {
        let titles = [
            "the generator's floor", "requests/s (closed loop)",
            "P50 at \(fixed(plan.rate, 0))/s (open loop, from send)",
            "P99", "generator CPU, us per call (closed loop)", "the share of its core",
        ]
        var lines = [MarkdownTable.row(titles), MarkdownTable.rule(count: titles.count)]
        for floor in floors {
            func row(
                _ title: String, _ closed: KeyPath<FloorRound, Measurement>, _ open: KeyPath<FloorRound, Measurement>
            ) -> String {
                let highest = floor.counted.map { $0[keyPath: closed] }
                let sent = floor.counted.compactMap { $0[keyPath: open].figures.latencyFromSend }
                return MarkdownTable.row([
                    "\(floor.shape.title), \(title)", fixed(median(highest.map(\.figures.rate)) ?? 0, 0),
                    cell(sent.map { Double($0.valueAtPercentile(50)) }),
                    cell(sent.map { Double($0.valueAtPercentile(99)) }),
                    fixed(median(highest.map(\.generatorMicrosecondsPerCall)) ?? 0, 2),
                    "\(fixed((median(highest.map(\.generatorShare)) ?? 0) * 100, 0))%",
                ])
            }
            lines.append(row("a server that does nothing", \.nullHighest, \.nullAlone))
            lines.append(row("Needletail", \.highest, \.alone))
        }
        return lines
    }

    private var pauseTable: [String] {
        let titles = [
            """
            pauses of \(duration(nanoseconds: UInt64(CorePauses.nanosecondsMin))) or longer of a thread that only reads \
            the clock
            """,
            "a second", "P50", "P99", "max", "of its time",
        ]
        return [MarkdownTable.row(titles), MarkdownTable.rule(count: titles.count)]
            + pauses.map { core in
                let of = { (percentile: Double) in
                    duration(nanoseconds: core.lengths.valueAtPercentile(percentile))
                }
                return MarkdownTable.row([
                    "core \(core.core)", fixed(core.perSecond, 0), of(50), of(99), of(100),
                    "\(fixed(core.share * 100, 1))%",
                ])
            }
    }

    private var warnings: [String] {
        var lines: [String] = []
        if let problem = measurements.lazy.compactMap(\.figures.firstProblem).first {
            lines.append("ERRORS: \(problem)")
        }
        if let share = freezeShare(\.closed), !Self.closedLimit.isKept(by: share) {
            lines.append("note: the closed loop misses its limit undisturbed, too: the machine is busy with other work")
        }
        let throttled =
            freezes.count { !$0.counts } + floors.flatMap(\.rounds).count { !$0.counts } + pythons.count { !$0.counts }
        if throttled > 0 {
            lines.append(
                "DOES NOT COUNT: \(throttled) of the rounds, in which the container's CPU quota stopped us (nr_throttled)"
            )
        }
        return lines
    }

    /// The middle of durations in nanoseconds; a difference may be below 0.
    private func cell(_ nanoseconds: [Double]) -> String {
        guard let middle = median(nanoseconds) else { return "-" }
        return (middle < 0 ? "-" : "") + duration(nanoseconds: UInt64(middle.magnitude))
    }
}

/// The figures in JSON.
struct SelfCheckReport: Codable, Sendable {
    struct Freeze: Codable, Sendable {
        var open: MeasurementRecord
        var openFrozen: MeasurementRecord
        var closed: MeasurementRecord
        var closedFrozen: MeasurementRecord
    }

    struct Python: Codable, Sendable {
        var generator: MeasurementRecord
        var generatorNull: MeasurementRecord
        var python: PythonClient.Figures
        var pythonNull: PythonClient.Figures
        var throttled: Int
    }

    struct Pauses: Codable, Sendable {
        var core: Int
        var perSecond: Double
        /// Of the core's time.
        var share: Double
        var microseconds: PercentilesRecord
    }

    struct Floor: Codable, Sendable {
        var shape: CallShape
        var highest: [MeasurementRecord]
        var nullHighest: [MeasurementRecord]
        var alone: [MeasurementRecord]
        var nullAlone: [MeasurementRecord]
    }

    var head: ReportHead
    var freezeMillis: Int
    var seconds: Double
    var rate: Double
    var freezes: [Freeze]
    var pauses: [Pauses]
    var pythons: [Python]
    var floors: [Floor]
    var verdicts: [Verdict]
    var isKept: Bool

    init(_ head: ReportHead, _ result: SelfCheckResult) {
        self.head = head
        freezeMillis = result.plan.freezeMillis
        seconds = result.plan.seconds
        rate = result.plan.rate
        freezes = result.freezes.map {
            Freeze(
                open: $0.open.record, openFrozen: $0.openFrozen.record, closed: $0.closed.record,
                closedFrozen: $0.closedFrozen.record)
        }
        pauses = result.pauses.map {
            Pauses(
                core: $0.core, perSecond: $0.perSecond, share: $0.share, microseconds: PercentilesRecord($0.lengths))
        }
        pythons = result.pythons.map {
            Python(
                generator: $0.generator.record, generatorNull: $0.generatorNull.record, python: $0.python,
                pythonNull: $0.pythonNull, throttled: $0.throttled)
        }
        floors = result.floors.map { floor in
            let records = { (path: KeyPath<FloorRound, Measurement>) in
                floor.rounds.map { $0[keyPath: path].record }
            }
            return Floor(
                shape: floor.shape, highest: records(\.highest), nullHighest: records(\.nullHighest),
                alone: records(\.alone), nullAlone: records(\.nullAlone))
        }
        verdicts = result.verdicts
        isKept = result.isKept
    }
}
