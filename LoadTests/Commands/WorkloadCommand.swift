//! `needletail-load`: one workload against one server.

internal import ArgumentParser

struct WorkloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload", abstract: "Run one workload against one server (the default).")

    @OptionGroup var calls: WorkloadOptions

    @Option(help: "Requests under way on each connection (closed loop).")
    var inFlight = 1

    @Option(help: "Requests per second over all connections; makes it an open loop with Poisson arrivals.")
    var rate: Double?

    @Option(help: "How long to measure.")
    var seconds = 5.0

    @Option(help: "How long to warm up; meanwhile every answer is decoded and its values are compared.")
    var warmUpSeconds = 1.0

    @OptionGroup var target: TargetOptions

    @OptionGroup var output: JSONOptions

    @OptionGroup var entries: EntryOptions

    func validate() throws {
        try check(inFlight, RunBounds.inFlight, "--in-flight")
        if let rate { try check(rate, RunBounds.rate, "--rate") }
        try check(seconds, RunBounds.seconds, "--seconds")
        try check(warmUpSeconds, RunBounds.seconds, "--warm-up-seconds")
        try check(entries.keySize, 1...target.loadProtocol.keySizeMax, "--key-size")
    }

    private var pace: Pace { rate.map { .open(rate: $0) } ?? .closed(inFlight: inFlight) }

    func run() throws {
        let cores = CorePlan()
        let target = try LoadTarget(self.target, calls, entries, cores)
        defer { target.server?.stop() }
        explainPace()
        Console.progress("warming up")
        try target.session.warmUp(calls.mix, inFlight: inFlight, seconds: warmUpSeconds)
        let measurement: Measurement
        do {
            measurement = try target.session.measure(calls.mix, pace, seconds: seconds) {
                Console.second($0, calls.mix.title, pace)
            }
        } catch let interrupted as Interrupted {
            if let partial = interrupted.partial { try show(partial, target, cores) }
            throw interrupted
        }
        try show(measurement, target, cores)
        guard measurement.figures.isClean, measurement.throttled == 0 else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }

    private func show(_ measurement: Measurement, _ target: LoadTarget, _ cores: CorePlan) throws {
        Console.endProgress()
        Console.line()
        for line in measurement.lines { Console.line(line) }
        try output.write(
            WorkloadReport(
                head: ReportHead(
                    machine: .current(cores: cores.all.cores.count), versions: target.versions,
                    calls.keySpace(entries), connections: self.target.connections),
                wireProtocol: self.target.loadProtocol, inFlight: inFlight, rate: rate, result: measurement.record))
    }

    private func explainPace() {
        switch pace {
        case .closed:
            Console.line(
                """
                closed loop: each connection keeps \(inFlight) request\(inFlight == 1 ? "" : "s") under way and sends \
                the next when an answer comes, so a slow server is asked less; for honest tails use --rate
                """)
        case .open(let rate), .ramp(let rate, _):
            Console.line(
                """
                open loop: \(fixed(rate, 0)) requests a second leave on a random schedule, whether answers come or not; \
                latency counts from the scheduled time
                """)
        }
        Console.line(
            """
            P99 is the time that 99 of 100 requests stayed below; server CPU is the server's own cost of a request, the \
            figure to compare, because the generator shares the machine
            """)
    }
}

/// The JSON of a workload.
struct WorkloadReport: Codable {
    var head: ReportHead
    var wireProtocol: LoadProtocol
    var inFlight: Int
    var rate: Double?
    var result: MeasurementRecord
}
