//! `needletail-load case-study`: what the case study's three changes are worth, each alone and all together.

internal import ArgumentParser
internal import Histogram

struct CaseStudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case-study",
        abstract: "Read histories in all combinations of the case study's three changes, and print tables.",
        discussion: """
            Starts a Redis for each codec, fills it through the service, and starts twelve servers over them: blobs in \
            Thrift, read by a naive decoder or by the generated one, or in MessagePack; fresh or pooled buffers; keys \
            read one after the other or at the same time. They take turns under an open loop, first with a delay in \
            front of Redis, then without it. Then seven servers read with a width from 1 to 64. Takes less than ten \
            minutes; everything is ended at the end, and on Ctrl-C, which prints what there is.
            """)

    @Option(
        parsing: .upToNextOption,
        help: "Parts to run: \(CaseStudyPart.allCases.map(\.rawValue).joined(separator: ", ")).")
    var part = CaseStudyPart.allCases

    @Option(help: "Rounds; by default 5, with --full 10.")
    var rounds: Int?

    @Option(help: "How long a variant is measured in a round, at least.")
    var seconds = 2.5

    @Flag(help: "As many samples as a P99 needs, and P99.9 beside it; takes an hour.")
    var full = false

    @Option(help: "Samples of each variant, at least; by default as many as come, with --full 10000.")
    var samples: Int?

    @Option(help: "Calls per second behind the delay.")
    var rate = 100.0

    @Option(
        help: """
            Calls per second without the delay; by default \(Int(CaseStudySetup.rateShare * 100))% of what the variant \
            without changes can serve, measured anew in each round.
            """)
    var bareRate: Double?

    @Option(help: "The median of the delay of a reply of Redis, in milliseconds.")
    var delayMedianMillis = 4.5

    @Option(help: "The standard deviation of the delay's logarithm.")
    var delaySigma = 0.4

    @Option(help: "Owners, each with a history.")
    var owners = 500

    @Option(help: "Periods of a history, each a key; a call reads them all.")
    var periods = 16

    @Option(help: "Events of a period.")
    var events = 100

    @Option(help: "Bytes of an event.")
    var eventSize = 100

    @Option(help: "Connections of the load.")
    var connections = 16

    @Option(help: "Connections of a server to its Redis. Replies on one leave in order.")
    var storeConnections = 1

    @Option(help: "What owners, arrivals and delays are drawn from; the same seed draws the same.")
    var seed: UInt64 = 1

    @OptionGroup var output: JSONOptions

    @Option(help: ArgumentHelp("Write the result as a page, which needs nothing else.", valueName: "file.html"))
    var report: String?

    @Option(help: ArgumentHelp("Write the plots as SVG into this folder.", valueName: "folder"))
    var plots: String?

    @Option(
        help: ArgumentHelp(
            "Measure nothing: show a result that --json has written, and make page and plots of it.",
            valueName: "file"))
    var from: String?

    @Option(
        help: ArgumentHelp("The needletail executable; by default the one beside this one.", valueName: "path"))
    var serverExecutable: String?

    private enum Defaults {
        static let rounds = 5
        static let roundsInFull = 10
    }

    private enum Bounds {
        static let rounds = 1...1_000
        static let seconds = 0.1...600
        static let samples = 1...10_000_000
        static let rate = 0.1...100_000
        static let delayMedianMillis = 0.01...1_000
        static let delaySigma = 0.0...3
        static let owners = 1...1_000_000
        static let periods = 1...10_000
        static let connections = 1...10_000
        static let storeConnections = 1...64
    }

    func validate() throws {
        if let rounds { try check(rounds, Bounds.rounds, "--rounds") }
        try check(seconds, Bounds.seconds, "--seconds")
        if let samples { try check(samples, Bounds.samples, "--samples") }
        try check(rate, Bounds.rate, "--rate")
        if let bareRate { try check(bareRate, Bounds.rate, "--bare-rate") }
        try check(delayMedianMillis, Bounds.delayMedianMillis, "--delay-median-millis")
        try check(delaySigma, Bounds.delaySigma, "--delay-sigma")
        try check(owners, Bounds.owners, "--owners")
        try check(periods, Bounds.periods, "--periods")
        // An owner's history is written by one call.
        try check(events, 1...max(HistoryFiller.eventsMax / periods, 1), "--events")
        try check(eventSize, EventHistory.eventSizes, "--event-size")
        try check(connections, Bounds.connections, "--connections")
        try check(storeConnections, Bounds.storeConnections, "--store-connections")
        try checkWritable(report, "--report")
    }

    func run() throws {
        if let from { return try show(CaseStudyReport(file: from)) }
        guard ServerKind.redis.find() != nil else {
            throw ServerError("\(ServerKind.redis.executable) is not installed; the case study's blobs lie in it")
        }
        let setup = setup
        setup.cores.pinGenerator()
        let machine = MachineDescription.current(cores: setup.cores.all.cores.count)
        Console.line("on \(machine.line)")
        var study = CaseStudyRun(setup)
        let interruption = try Interruption.caught(says: false) { try study.run(part) }
        let result = CaseStudyReport(
            head(machine, study, setup), setup.history, storeConnections: storeConnections,
            isComplete: interruption == nil, variants: study.variants, study.sweep)
        // Without a figure there is nothing to show.
        if !result.isEmpty { try show(result) }
        if let interruption { throw interruption }
        guard result.isClean else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }

    /// Prints the tables and writes the files.
    private func show(_ result: CaseStudyReport) throws {
        Console.line()
        for line in result.markdown { Console.line(line) }
        try output.write(result)
        if let report { try result.writePage(to: report) }
        if let plots { try result.writePlots(to: plots) }
    }

    private var setup: CaseStudySetup {
        let samplesInFull = Int(LatencyHistogram.samplesMin(forPercentile: 99))
        return CaseStudySetup(
            owners: KeySpace(count: owners),
            history: EventHistory(periods: periods, eventsPerPeriod: events, eventSize: eventSize),
            delay: LogNormal(medianMillis: delayMedianMillis, sigma: delaySigma), delayedRate: rate,
            bareRate: bareRate, rounds: rounds ?? (full ? Defaults.roundsInFull : Defaults.rounds), seconds: seconds,
            samples: samples ?? (full ? samplesInFull : nil), connections: connections,
            storeConnections: storeConnections, executable: serverExecutable, seed: seed, cores: CorePlan())
    }

    private func head(_ machine: MachineDescription, _ study: CaseStudyRun, _ setup: CaseStudySetup) -> ReportHead {
        let executable = (try? ServerPlan(.needletail, executable: serverExecutable).findExecutable()) ?? ""
        return ReportHead(
            command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
            versions: [
                ServerKind.needletail.title: ServerKind.version(of: executable),
                ServerKind.redis.title: study.storeVersion,
            ],
            keys: setup.keyCount, keySize: setup.owners.keySize, valueSize: study.blobSize,
            connections: connections)
    }
}

extension CaseStudyPart: ExpressibleByArgument {}
