//! `needletail-load run`: a scenario from a file.

internal import ArgumentParser
internal import StorageServer

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a scenario: a server, its entries, and phases of load one after the other.",
        discussion: """
            A scenario is a YAML file; some are in LoadTests/Scenarios. The server is started for it, on the first core, \
            and ended after it.
            """)

    @Argument(help: "The scenario's file.")
    var file: String?

    @Flag(help: "Print the keys that a scenario may have, as Markdown.")
    var keys = false

    @Option(help: ArgumentHelp("The needletail executable; by default the one beside this one.", valueName: "path"))
    var serverExecutable: String?

    @OptionGroup var output: JSONOptions

    @OptionGroup var disk: DiskOptions

    func validate() throws {
        if !keys, file == nil { throw ValidationError("name the scenario's file") }
    }

    func run() throws {
        guard let file, !keys else {
            for line in ScenarioTable.markdown { Console.line(line) }
            return
        }
        var scenario: Scenario
        do {
            scenario = try ScenarioReader.read(file)
        } catch {
            for line in error.lines { Console.note(line) }
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        if scenario.server.kind == .needletail { scenario.server.executable = serverExecutable }
        scenario.server.parent = disk.disk
        let cores = CorePlan()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("\(scenario.name), on \(machine.line)\(cores.serverDescription)")
        if let about = scenario.about { Console.line(about) }
        let result = try ScenarioContest(scenario: scenario, cores: cores).run { phase in
            for line in [""] + phase.lines { Console.line(line) }
        }
        let head = ReportHead(
            machine: machine, versions: [scenario.server.kind.title: result.version], scenario.keys,
            connections: scenario.phases.map(\.connections).max() ?? 0)
        for line in [""] + result.markdown + head.origin { Console.line(line) }
        try output.write(ScenarioReport(head, result))
        if result.isInterrupted { throw Interrupted() }
        guard result.isClean else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}
