//! `needletail-load self-check`: whether the harness measures what it says.

internal import ArgumentParser

struct SelfCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "self-check",
        abstract:
            "Check the harness itself: a server that stands still, a client in Python, a server that does nothing.",
        discussion: """
            Starts Needletail and stops it for a moment, which has to show in the P99 of an open loop and hardly in that \
            of a closed one; has an independent client in Python measure the same P50; and measures a server that does \
            nothing, for the generator's own share of every figure. Shows how often the machine takes a core away. Exit 1 \
            where a limit is missed.
            """)

    @Option(help: "Rounds of each check; publish five or more.")
    var rounds = 5

    @Option(help: "How long each measurement is.")
    var seconds = 3.0

    @Option(help: "Calls per second of open loops and of the client in Python.")
    var rate = 500.0

    @Option(help: "Connections of closed loops.")
    var connections = 50

    @Option(help: "How long the server stands still, in milliseconds.")
    var freezeMillis = 200

    @Option(help: ArgumentHelp("Python 3, for the independent client.", valueName: "command"))
    var python = "python3"

    @Option(
        help: ArgumentHelp("The folder that holds the independent client.", valueName: "folder"))
    var sources = "LoadTests/SelfCheck"

    @Option(help: "What keys and arrivals are drawn from; the same seed draws the same.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "The needletail executable; by default the one beside this one.", valueName: "path"))
    var serverExecutable: String?

    @OptionGroup var output: JSONOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let seconds = 0.5...15
        static let rate = 10.0...2_000
        static let connections = 1...1_000
        static let freezeMillis = 50...1_000
        /// How long the server stands still at least, by the second of a measurement: what an open loop's P99 shows is how
        /// long those wait that are due 10 ms a second after it has stopped, and that must be half of the time.
        static let freezeMillisPerSecond = 30.0
    }

    func validate() throws {
        try check(rounds, Bounds.rounds, "--rounds")
        try check(seconds, Bounds.seconds, "--seconds")
        try check(rate, Bounds.rate, "--rate")
        try check(connections, Bounds.connections, "--connections")
        try check(freezeMillis, Bounds.freezeMillis, "--freeze-millis")
        let freezeMillisMin = Bounds.freezeMillisPerSecond * seconds
        guard Double(freezeMillis) >= freezeMillisMin else {
            throw ValidationError(
                """
                --freeze-millis is \(freezeMillis), too short for a P99 of \(short(seconds)) s to show it; with these \
                --seconds it can be \(Int(freezeMillisMin.rounded(.up))) or more
                """)
        }
        guard contents(ofFile: "\(sources)/\(PythonClient.script)") != nil else {
            throw ValidationError(
                """
                there is no \(sources)/\(PythonClient.script); run this in the repository, or name the folder with \
                --sources
                """)
        }
    }

    func run() throws {
        let cores = CorePlan()
        cores.pinGenerator()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        let plan = SelfCheckPlan(
            rounds: rounds, seconds: seconds, rate: rate, connections: connections, freezeMillis: freezeMillis,
            seed: seed)
        var client: PythonClient?
        do {
            // It inherits the generator's core, on which nothing else is done meanwhile.
            client = try PythonClient(python, sources: sources, plan.keys, on: nil)
        } catch let missing as ServerError {
            Console.line("left out: \(missing)")
        }
        let server = try ServerProcess(ServerPlan(.needletail, executable: serverExecutable), on: cores.server)
        defer { server.stop() }
        var result = SelfCheckResult(plan: plan)
        let contest = SelfCheckContest(plan: plan, server: server, python: client, cores: cores)
        let interruption = try Interruption.caught { try contest.run(into: &result) }
        if let interruption, result.freezes.isEmpty { throw interruption }
        var versions = [server.kind.title: server.version]
        if let client { versions["Python"] = client.version }
        let head = ReportHead(
            command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine, versions: versions,
            keys: plan.keys.count, keySize: plan.keys.keySize, valueSize: plan.keys.valueSize,
            connections: connections)
        Console.line()
        for line in result.markdown + [""] + head.origin { Console.line(line) }
        if let interruption { throw interruption }
        try output.write(SelfCheckReport(head, result))
        guard result.isKept, result.isClean else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}
