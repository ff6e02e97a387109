//! `needletail-load soak`: hours of everything at once, with every answer checked.

internal import ArgumentParser

struct SoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Use Needletail for a while as a service is used, disturb it, and check every answer.",
        discussion: """
            Starts Needletail with a log, frequent snapshots and less memory than its entries take, and makes calls of all \
            kinds on a schedule, over connections that come and go, some in the middle of a request or an answer. The \
            server is stopped for a moment now and then, and with --kill killed and started again. Exit 1 where an answer \
            was wrong, an error came that nobody provoked, memory grew or latency drifted.
            """)

    @Option(help: "How long it takes, in minutes; a fraction is possible.")
    var minutes = 30.0

    @Option(help: "Calls per second.")
    var rate = 2_000.0

    @Option(help: "Connections that come and go.")
    var connections = 16

    @Option(help: "Connections that stay, and read slowly.")
    var slowReaders = 2

    @Flag(help: "Kill the server now and then. It evicts nothing then: what was acknowledged has to be there.")
    var kill = false

    @Option(help: "What writes have reached when they are answered: logged or synced.")
    var durability = Persistence.logged

    @Option(help: "How many entries there are; by default 400,000, with --kill 50,000.")
    var entries: Int?

    @Option(help: "What calls and disturbances are drawn from; the same seed draws the same.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "The needletail executable; by default the one beside this one.", valueName: "path"))
    var serverExecutable: String?

    @OptionGroup var output: JSONOptions

    @OptionGroup var disk: DiskOptions

    private enum Bounds {
        static let minutes = 0.02...1_440
        static let rate = 1.0...100_000
        static let connections = 1...1_000
        static let slowReaders = 0...100
        static let entries = 100...10_000_000
    }

    func validate() throws {
        try check(minutes, Bounds.minutes, "--minutes")
        try check(rate, Bounds.rate, "--rate")
        try check(connections, Bounds.connections, "--connections")
        try check(slowReaders, Bounds.slowReaders, "--slow-readers")
        if let entries { try check(entries, Bounds.entries, "--entries") }
        if durability == .memory {
            throw ValidationError("--durability is memory, which keeps no log; it can be logged or synced")
        }
    }

    private var plan: SoakPlan {
        SoakPlan(
            seconds: minutes * 60, rate: rate,
            entries: entries ?? (kill ? SoakPlan.keptEntries : SoakPlan.evictingEntries), connections: connections,
            slowReaders: slowReaders, kills: kill, durability: durability, seed: seed)
    }

    func run() throws {
        let cores = CorePlan()
        cores.pinGenerator()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        let contest = try SoakContest(plan, executable: serverExecutable, disk: disk.disk, on: cores) { interval in
            let figures = zip(SoakInterval.titles, interval.cells).map { "\($0) \($1)" }
            Console.line(figures.joined(separator: ", "))
        }
        let result = contest.run()
        let head = ReportHead(
            command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
            versions: [ServerKind.needletail.title: contest.version], keys: plan.entries,
            keySize: SoakContent.keySize, valueSize: SoakContent.meanSize, connections: connections)
        Console.line()
        for line in result.markdown + [""] + head.origin { Console.line(line) }
        try output.write(SoakReport(head, result))
        if result.isInterrupted { throw Interrupted() }
        guard result.isKept else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}
