//! `needletail-load recovery`: how fast a server that starts has its entries back, beside Redis.

internal import ArgumentParser

struct RecoveryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Compare how fast Needletail and Redis load their logs when they start, and print tables.",
        discussion: """
            Fills both servers with the same entries, ends them in order, and then starts them over and over, taking \
            turns, pinned to one core and to two. What counts is the time from the start of the process to the first \
            right answer. Without redis-server, ours alone is measured.
            """)

    @Option(help: ArgumentHelp("On how many cores, as a list.", valueName: "counts"), transform: Self.parseCores)
    var cores = [1, 2]

    @Option(help: "Starts of each server on each number of cores; publish five or more.")
    var rounds = 5

    @Flag(
        help:
            "Leave free memory as it is, which may be with the machine's host, instead of touching as much before a start."
    )
    var untouchedMemory = false

    @OptionGroup var output: JSONOptions

    @OptionGroup var entries: EntryOptions
    @OptionGroup var disk: DiskOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let cores = 1...1_024
    }

    private static func parseCores(_ list: String) throws -> [Int] {
        try list.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let count = Int(text), Bounds.cores.contains(count) else {
                throw ValidationError("--cores is '\(list)'; it can be numbers of cores, like 1,2")
            }
            return count
        }
    }

    func validate() throws { try check(rounds, Bounds.rounds, "--rounds") }

    func run() throws {
        let plan = CorePlan()
        plan.pinGenerator()
        let machine = MachineDescription.current(cores: plan.all.cores.count)
        Console.line("on \(machine.line)")
        var skipped: [String] = []
        let contenders = try fillContenders(plan, &skipped)
        var results: [RecoveryResult] = []
        let interruption = try Interruption.caught {
            for count in cores {
                guard count <= plan.all.cores.count else {
                    skipped.append("\(count) cores, because we may use only \(plan.all.cores.count)")
                    continue
                }
                try run(contenders, on: CoreSet(Array(plan.all.cores.prefix(count))), into: &results)
            }
        }
        let report = RecoveryReport(
            head: ReportHead(
                command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
                versions: Dictionary(contenders.map { ($0.title, $0.version) }) { first, _ in first },
                keys: entries.keys, keySize: entries.keySize, valueSize: entries.valueSize,
                connections: RecoveryBounds.connections),
            rounds: rounds, isMemoryReady: !untouchedMemory,
            logBytes: Dictionary(contenders.map { ($0.title, $0.logBytes) }) { first, _ in first }, results: results,
            skipped: skipped)
        Console.line()
        if !results.isEmpty { for line in report.markdown { Console.line(line) } }
        if let interruption { throw interruption }
        try output.write(report)
    }

    /// Ours first.
    private func fillContenders(_ plan: CorePlan, _ skipped: inout [String]) throws -> [RecoveryContender] {
        var contenders: [RecoveryContender] = []
        for kind in [ServerKind.needletail, .redis] {
            if kind != .needletail, kind.find() == nil {
                skipped.append("\(kind.title), because \(kind.executable) is not installed")
                continue
            }
            let server = ServerPlan(
                kind, executable: kind == .needletail ? entries.serverExecutable : nil, persistence: .logged,
                parent: disk.disk)
            contenders.append(
                try RecoveryContender(
                    server, entries.keySpace, on: plan.server, isMemoryReady: !untouchedMemory))
        }
        return contenders
    }

    /// - Parameter results: gets one more, of every start that came to its end, also if this throws; none if a server
    ///   had not one.
    private func run(
        _ contenders: [RecoveryContender], on cores: CoreSet, into results: inout [RecoveryResult]
    ) throws {
        var rounds = contenders.map { RecoveryRounds(title: $0.title) }
        defer {
            if rounds.allSatisfy({ !$0.starts.isEmpty }) {
                results.append(RecoveryResult(cores: cores.cores.count, records: entries.keys, rounds))
            }
        }
        for round in 0..<self.rounds {
            for (index, contender) in contenders.enumerated() {
                let what = "\(contender.title) on \(coreCount(cores.cores.count)), round \(round + 1)"
                Console.progress(what)
                let start = try contender.start(on: cores, verifies: round == 0)
                Console.endProgress()
                Console.line("\(what): \(start.line)")
                rounds[index].starts.append(start)
            }
        }
    }
}
