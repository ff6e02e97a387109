//! `needletail-load search`: the highest rate at which a server is still fast.

internal import ArgumentParser
internal import Histogram

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find the highest rate at which the P99 stays within a limit.",
        discussion: """
            Tries rates in open loops until a rate that keeps the limit and one that misses it are close to each other, and \
            tries both again. Latency counts from the scheduled time. Where calls name a budget, a rate keeps the limit only \
            if 99% of them are answered in full and in time as well.
            """)

    @Option(help: ArgumentHelp("The most that the P99 may be: 500us, 1ms, 0.5s.", valueName: "duration"))
    var p99: LatencyLimit

    @Option(help: "How long a try is at least; it is longer where a P99 needs that for its samples.")
    var seconds = 2.0

    @Option(help: "How many samples a try has at least; below 10,000 a P99 means little.")
    var samples = 11_000

    @Option(help: "How close the two rates are at the end, as a share of the lower one.")
    var precision = 0.05

    @Option(help: "How long to warm up; meanwhile every answer is decoded and its values are compared.")
    var warmUpSeconds = 1.0

    @OptionGroup var calls: WorkloadOptions
    @OptionGroup var target: TargetOptions

    @OptionGroup var output: JSONOptions

    @OptionGroup var entries: EntryOptions

    private enum Bounds {
        static let samples = 100...10_000_000
        static let precision = 0.005...1
        /// The share of a closed loop's rate with which the search begins.
        static let startShare = 0.5
    }

    func validate() throws {
        try check(seconds, RunBounds.seconds, "--seconds")
        try check(samples, Bounds.samples, "--samples")
        try check(precision, Bounds.precision, "--precision")
        try check(warmUpSeconds, RunBounds.seconds, "--warm-up-seconds")
        try check(entries.keySize, 1...target.loadProtocol.keySizeMax, "--key-size")
    }

    func run() throws {
        let cores = CorePlan()
        var target = try LoadTarget(self.target, calls, entries, cores)
        defer { target.server?.stop() }
        let mix = calls.mix
        Console.progress("warming up")
        try target.session.warmUp(mix, inFlight: 1, seconds: warmUpSeconds)
        let closed = Pace.closed(inFlight: 1)
        let highest = try target.session.measure(mix, closed, seconds: seconds) {
            Console.second($0, mix.title, closed)
        }
        guard highest.figures.isClean else { throw WrongAnswer(highest.figures.firstProblem ?? "wrong answers") }
        Console.endProgress()
        Console.line("closed loop: \(fixed(highest.figures.rate, 0)) requests/s")
        let contest = RateContest(
            goal: RateGoal(
                p99Nanoseconds: p99.nanoseconds, secondsMin: seconds, precision: precision, samplesMin: Double(samples))
        ) { rate, seconds in
            let pace = Pace.open(rate: rate)
            defer { Console.endProgress() }
            return try target.session.measure(mix, pace, seconds: seconds) {
                Console.second($0, "\(mix.title) at \(fixed(rate, 0))/s", pace)
            }
        } reconnect: {
            try target.reconnect()
        }
        let result = try contest.run(start: highest.figures.rate * Bounds.startShare) { Console.line($0.line) }
        Console.line()
        if let highest = result.highest {
            for line in highest.lines { Console.line(line) }
        }
        for note in result.notes { Console.line(note) }
        let head = ReportHead(
            machine: .current(cores: cores.all.cores.count), versions: target.versions, calls.keySpace(entries),
            connections: self.target.connections)
        try output.write(SearchReport(head, self.target.loadProtocol, mix, closedLoop: highest, result))
        if result.isInterrupted { throw Interrupted() }
        guard result.highest != nil else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}

/// A duration below which a percentile must stay.
struct LatencyLimit: ExpressibleByArgument, Hashable, Sendable {
    /// From a microsecond to ten seconds.
    private static let range: ClosedRange<UInt64> = 1_000...10_000_000_000

    let nanoseconds: UInt64

    /// A decimal number and `us`, `ms` or `s`.
    init?(argument: String) {
        let units: [(name: String, nanoseconds: Double)] = [("us", 1e3), ("ms", 1e6), ("s", 1e9)]
        guard let unit = units.first(where: { argument.hasSuffix($0.name) }),
            let number = Double(argument.dropLast(unit.name.count)), number > 0,
            let nanoseconds = UInt64(exactly: (number * unit.nanoseconds).rounded()), Self.range.contains(nanoseconds)
        else { return nil }
        self.nanoseconds = nanoseconds
    }
}

extension RateSearch.Probe {
    /// For whoever watches.
    var line: String {
        let p99 = p99Microseconds.map { "P99 \(duration(nanoseconds: UInt64($0 * 1e3)))" } ?? "could not keep up"
        let share = inTimeShare.map { ", \(fixed($0 * 100, 1))% in full and in time" } ?? ""
        return "\(fixed(rate, 0)) requests/s: \(p99) (open loop)\(share), \(isKept ? "kept" : "missed")"
    }
}

/// A search in JSON.
struct SearchReport: Codable {
    var head: ReportHead
    var wireProtocol: LoadProtocol
    var workload: String
    var p99LimitMicroseconds: Double
    var closedLoop: MeasurementRecord
    var probes: [RateSearch.Probe]
    /// Requests per second.
    var highestKept: Double?
    var lowestMissed: Double?
    var isMonotone: Bool
    var isComplete: Bool
    var interrupted: Bool
    var highest: MeasurementRecord?
    var notes: [String]

    init(
        _ head: ReportHead, _ wireProtocol: LoadProtocol, _ mix: CallMix, closedLoop: Measurement, _ result: RateResult
    ) {
        self.head = head
        self.wireProtocol = wireProtocol
        workload = mix.title
        p99LimitMicroseconds = Double(result.goal.p99Nanoseconds) / 1e3
        self.closedLoop = closedLoop.record
        probes = result.search.probes
        highestKept = result.search.highestKept
        lowestMissed = result.search.lowestMissed
        isMonotone = result.search.isMonotone
        isComplete = result.search.isComplete
        interrupted = result.isInterrupted
        highest = result.highest?.record
        notes = result.notes
    }
}
