//! `needletail-load compare`: two builds of Needletail, taking turns.

internal import ArgumentParser

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare what calls cost in two builds of Needletail.",
        discussion: """
            Starts both servers, in memory only, on the first core; the load comes from the second. They take turns, and \
            ratios are of rounds that stood side by side.
            """)

    @Option(help: ArgumentHelp("The needletail executable to compare with.", valueName: "path"))
    var base: String

    @Option(name: .customLong("row"), parsing: .upToNextOption, help: "What to call, as rows of `peers` in memory.")
    var rows: [PeerRow] = [.get, .multiGet100]

    @Option(help: "Rounds; publish nine or more.")
    var rounds = 9

    @Option(help: "How long one of the two is measured in one round.")
    var seconds = 2.0

    @Option(help: "Connections.")
    var connections = 50

    @Option(help: "The most CPU per request that is allowed, of the base's; more is an error.")
    var atMost: Double?

    @OptionGroup var entries: EntryOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let seconds = 0.1...600
        static let connections = 1...10_000
    }

    func validate() throws {
        try check(rounds, Bounds.rounds, "--rounds")
        try check(seconds, Bounds.seconds, "--seconds")
        try check(connections, Bounds.connections, "--connections")
        if let row = rows.first(where: { !$0.isCost }) {
            throw ValidationError("--row is \(row.rawValue), which is not about calls to a server in memory")
        }
    }

    func run() throws {
        let cores = CorePlan()
        cores.pinGenerator()
        Console.line("on \(MachineDescription.current(cores: cores.all.cores.count).line)\(cores.serverDescription)")
        let runner = RowRunner(
            timing: PeerTiming(rounds: rounds, seconds: seconds, openLoopSeconds: seconds), connections: connections,
            keys: entries.keySpace, seed: entries.seed, serverExecutable: entries.serverExecutable, cores: cores)
        var contenders: [Contender] = []
        defer { for contender in contenders { contender.stop() } }
        for (title, executable) in [("this build", entries.serverExecutable), ("the base", base)] {
            contenders.append(
                try Contender(
                    .started(ServerPlan(.needletail, executable: executable)), title: title, on: cores.server,
                    connections: connections, entries.keySpace, seed: entries.seed))
        }
        var isKept = true
        for row in rows {
            let result = try runner.compare(row, contenders)
            if Interruption.isRequested { Console.line(Interruption.notice) }
            for line in result.lines { Console.line(line) }
            try Interruption.check()
            guard result.isClean else { throw ExitCode(ExitStatus.wrong.rawValue) }
            if let atMost, let objection = Self.objection(to: result.decisive, atMost: atMost) {
                Console.line("  \(objection)")
                isKept = false
            }
        }
        if !isKept { throw ExitCode.failure }
    }

    /// What is wrong with a ratio; nil if it is kept. That no round counts is no good news.
    static func objection(to ratio: Double?, atMost: Double) -> String? {
        guard let ratio else { return "no round counts, so that nothing says that \(fixed(atMost, 3)) is kept" }
        return ratio > atMost ? "\(fixed(ratio, 3)) is more than \(fixed(atMost, 3))" : nil
    }
}
