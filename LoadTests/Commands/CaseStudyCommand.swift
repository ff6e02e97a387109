//! `needletail-load case-study`: what the case study's three changes are worth, each alone and all together.

internal import ArgumentParser

struct CaseStudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case-study",
        abstract: "Read histories in all eight combinations of the case study's three changes, and print tables.",
        discussion: """
            Starts a Redis for each codec, fills it through the service, puts a delay in front of it, and starts eight \
            servers over them: Thrift or MessagePack blobs, fresh or pooled buffers, keys read one after the other or at \
            the same time. They take turns under an open loop. Everything is ended at the end.
            """)

    @Option(help: "Rounds; by default 3, with --full 10.")
    var rounds: Int?

    @Option(help: "How long a variant is measured in a round; by default 4, with --full so long that a P99 counts.")
    var seconds: Double?

    @Flag(help: "As many samples as a P99 needs; takes a quarter of an hour.")
    var full = false

    @Option(
        help: """
            Calls per second; by default \(Int(Defaults.rate)), without the delay \
            \(Int(CaseStudyContest.rateShare * 100))% of what the variant without changes can serve.
            """)
    var rate: Double?

    @Flag(help: "Leave the delay out: what the server itself takes.")
    var noDelay = false

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

    @Option(help: ArgumentHelp("Write the result as JSON.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp("The needletail executable; by default the one beside this one.", valueName: "path"))
    var serverExecutable: String?

    private enum Defaults {
        static let rate = 100.0
        static let rounds = 3
        static let roundsInFull = 10
        static let seconds = 4.0
        /// An open loop's arrivals are random: so many more than are needed.
        static let samplesMargin = 1.05
    }

    private enum Bounds {
        static let rounds = 1...1_000
        static let seconds = 0.1...600
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
        if let seconds { try check(seconds, Bounds.seconds, "--seconds") }
        if let rate { try check(rate, Bounds.rate, "--rate") }
        try check(delayMedianMillis, Bounds.delayMedianMillis, "--delay-median-millis")
        try check(delaySigma, Bounds.delaySigma, "--delay-sigma")
        try check(owners, Bounds.owners, "--owners")
        try check(periods, Bounds.periods, "--periods")
        // An owner's history is written by one call.
        try check(events, 1...max(HistoryFiller.eventsMax / periods, 1), "--events")
        try check(eventSize, EventHistory.eventSizes, "--event-size")
        try check(connections, Bounds.connections, "--connections")
        try check(storeConnections, Bounds.storeConnections, "--store-connections")
    }

    func run() throws {
        guard ServerKind.redis.find() != nil else {
            throw ServerError("\(ServerKind.redis.executable) is not installed; the case study's blobs lie in it")
        }
        let cores = CorePlan()
        cores.pinGenerator()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        let owners = KeySpace(count: owners)
        let history = EventHistory(periods: periods, eventsPerPeriod: events, eventSize: eventSize)
        let delay = noDelay ? nil : LogNormal(medianMillis: delayMedianMillis, sigma: delaySigma)
        var stores: [CaseStore] = []
        defer { for store in stores { _ = try? store.stop() } }
        for codec in BlobCodec.allCases {
            let store = try CaseStore(
                codec, owners, history, executable: serverExecutable, delay: delay, seed: seed, on: cores)
            stores.append(store)
            Console.line(
                "Redis with \(grouped(owners.count * periods)) \(codec.rawValue) blobs of \(grouped(store.blobSize)) bytes"
            )
        }
        let contest = contest(owners, history, cores)
        Console.line(
            """
            8 servers in turns\(cores.serverDescription), \(contest.rounds) rounds of \(short(contest.seconds)) s each; \
            Redis and the delay run on any core
            """)
        let result = try contest.run(stores)
        let delayFigures = try stores.compactMap { try $0.stop() }.reduce(into: DelayFigures()) { $0.add($1) }
        let report = CaseStudyReport(
            head(machine, stores, owners), history, delay, delay == nil ? nil : delayFigures,
            storeConnections: storeConnections, result)
        Console.line()
        for line in report.markdown { Console.line(line) }
        if let json { try writeJSON(report, to: json) }
        guard result.isClean else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }

    private func contest(_ owners: KeySpace, _ history: EventHistory, _ cores: CorePlan) -> CaseStudyContest {
        let rounds = rounds ?? (full ? Defaults.roundsInFull : Defaults.rounds)
        let samples = Double(LatencyHistogram.samplesMin(forPercentile: 99)) * Defaults.samplesMargin
        let rate = rate ?? (noDelay ? nil : Defaults.rate)
        let secondsInFull = rate.map { max(samples / $0 / Double(rounds), Defaults.seconds) } ?? Defaults.seconds
        return CaseStudyContest(
            shape: .getDataByRange(history), owners: owners, rate: rate, rounds: rounds,
            seconds: seconds ?? (full ? secondsInFull : Defaults.seconds), connections: connections,
            storeConnections: storeConnections, executable: serverExecutable, seed: seed, cores: cores)
    }

    private func head(_ machine: MachineDescription, _ stores: [CaseStore], _ owners: KeySpace) -> ReportHead {
        let executable = (try? ServerPlan(.needletail, executable: serverExecutable).findExecutable()) ?? ""
        return ReportHead(
            command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
            versions: [
                ServerKind.needletail.title: ServerKind.version(of: executable),
                ServerKind.redis.title: stores.first?.version ?? "",
            ],
            keys: owners.count * periods, keySize: owners.keySize,
            valueSize: stores.map(\.blobSize).max() ?? 0, connections: connections)
    }
}
