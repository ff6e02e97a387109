//! `needletail-load micro`: what codecs, table, log, fan-out, timers and counters take, in time and in instructions.

internal import ArgumentParser
internal import Foundation
internal import InstructionCounts
internal import MicroBenchmarks

struct MicroCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "micro",
        abstract: "Time small pieces of the server's work, count their instructions, and print a table.",
        discussion: """
            No server: each piece of work runs in this process for its CPU time, and under Valgrind, where that is \
            installed, for its instructions, which are the same on every run. --check holds the counts against the \
            repository's baseline and exits with 1 where one is exceeded; times are never a verdict.
            """)

    @Option(help: ArgumentHelp("Only what has this in its name.", valueName: "text"))
    var filter: String?

    @Option(help: "Rounds of timing; publish five or more.")
    var rounds = 5

    @Option(help: "How long a piece of work is timed in one round.")
    var milliseconds = 50.0

    @Flag(help: "Count instructions, and fail where there are more than the baseline allows. Nothing is timed.")
    var check = false

    @Flag(help: "Count instructions, and write them to the baseline. Nothing is timed.")
    var update = false

    @Option(help: ArgumentHelp("The baseline.", valueName: "file"))
    var baseline = "LoadTests/Micro/instructions.json"

    @OptionGroup var output: JSONOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let milliseconds = 1.0...60_000
    }

    func validate() throws {
        try needletail_load.check(rounds, Bounds.rounds, "--rounds")
        try needletail_load.check(milliseconds, Bounds.milliseconds, "--milliseconds")
        if check, update { throw ValidationError("--check and --update are one or the other") }
        if let filter, !MicroBenchmark.all.contains(where: { $0.name.contains(filter) }) {
            throw ValidationError("--filter is '\(filter)', which no piece of work has in its name")
        }
        if check, known == nil {
            throw ValidationError("--baseline is '\(baseline)', which is no baseline; run this in the repository")
        }
    }

    /// The counts that were agreed on; nil where there are none.
    private var known: InstructionBaseline? { try? InstructionBaseline(contentsOf: URL(filePath: baseline)) }

    func run() throws {
        let cores = CorePlan()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        cores.server?.apply()
        var contest = MicroContest(filter: filter)
        let known = known.flatMap { $0.architecture == InstructionBaseline.currentArchitecture ? $0 : nil }
        var notes: [String] = []
        let interruption = try Interruption.caught {
            if !check, !update { try contest.time(rounds: rounds, milliseconds: milliseconds) }
            if let tool = InstructionCounter.missingTool {
                notes.append("Instructions were not counted: \(tool) is not installed.")
            } else {
                // On all cores: where it runs changes no count.
                cores.all.apply()
                let program = URL(filePath: ServerKind.ownDirectory + "/needletail-micro")
                try contest.count(InstructionCounter(program: program), baseline: known)
            }
        }
        if let interruption, contest.isEmpty { throw interruption }
        let report = MicroReport(
            command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
            version: ServerKind.version(of: ServerKind.needletail.find() ?? "needletail"), milliseconds: milliseconds,
            throttledRounds: contest.throttledRounds, results: contest.results, notes: notes)
        Console.line()
        for line in report.markdown { Console.line(line) }
        // Neither JSON nor a baseline is ever of a part.
        if let interruption { throw interruption }
        try output.write(report)
        if check || update { try settle(contest, known) }
    }

    /// Holds the counts against the baseline, or writes them to it.
    private func settle(_ contest: MicroContest, _ known: InstructionBaseline?) throws {
        guard !contest.counts.isEmpty else { throw ExitCode(ExitStatus.failure.rawValue) }
        if update {
            // What is filtered out stays as it was; what there is no more is dropped.
            let names = Set(MicroBenchmark.all.map(\.name))
            var baseline = known ?? InstructionBaseline()
            baseline[.release] = baseline[.release].filter { names.contains($0.key) }
                .merging(contest.counts) { _, new in new }
            try baseline.write(to: URL(filePath: self.baseline))
            return
        }
        guard let known else {
            Console.note("there is no baseline for this processor's architecture")
            throw ExitCode(ExitStatus.failure.rawValue)
        }
        let outcome = InstructionCheck(contest.results, known)
        Console.line()
        for line in outcome.lines { Console.line(line) }
        if outcome.isFailed { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}
