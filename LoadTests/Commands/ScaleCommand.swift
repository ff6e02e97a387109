//! `needletail-load scale`: what a request costs as keys, connections, event loops and keys per call grow.

internal import ArgumentParser
internal import Foundation

struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Measure what a request costs as keys, connections, event loops and keys per call grow.",
        discussion: """
            Starts a server for each point of a curve and has them take turns. Prints a table for each curve, what its \
            slope comes from as far as the figures tell, and what they come to for a service of a given rate, on paper. \
            10,000,000 keys take some 1.6 GB; what does not fit the machine's memory, its cores or the limit of open \
            files is left out, by name.
            """)

    @Option(parsing: .upToNextOption, help: "The curves; all of them by default.")
    var axis = ScaleAxis.allCases

    @Flag(
        help: "One short round, up to 1,000,000 keys, 1,000 connections and 1,000 keys per call: to see that it works.")
    var quick = false

    @Option(help: "Rounds; publish five or more. By default 3, with --quick 1.")
    var rounds: Int?

    @Option(help: "How long a point is measured in a round. By default 1.5, with --quick 0.3.")
    var seconds: Double?

    @Option(help: "Connections, where they are not what is varied.")
    var connections = 50

    @Option(help: "On paper: requests a second at the peak.")
    var targetRate = CapacityAssumptions().requestsPerSecond

    @Option(help: "On paper: the share of a core and of a network card that the peak may take.")
    var utilisation = CapacityAssumptions().utilisation

    @Option(help: "On paper: cores of a machine.")
    var machineCores = CapacityAssumptions().coresPerMachine

    @Option(help: "On paper: a machine's network, in Gbit/s.")
    var networkGigabits = CapacityAssumptions().networkGigabits

    @OptionGroup var output: JSONOptions

    @Option(help: ArgumentHelp("Draw each curve as SVG into this folder.", valueName: "folder"))
    var plots: String?

    /// Keys where they are not what is varied.
    @OptionGroup var entries: EntryOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let seconds = 0.1...600
        static let connections = 1...10_000
        static let targetRate = 1.0...1e12
        static let utilisation = 0.01...1.0
        static let machineCores = 1...4_096
        static let networkGigabits = 0.001...100_000
    }

    private enum Defaults {
        static let timing = ScaleTiming(seconds: 1.5, warmUpSeconds: 0.3, rounds: 3)
        static let quick = ScaleTiming(seconds: 0.3, warmUpSeconds: 0.1, rounds: 1)
    }

    func validate() throws {
        if let rounds { try check(rounds, Bounds.rounds, "--rounds") }
        if let seconds { try check(seconds, Bounds.seconds, "--seconds") }
        try check(connections, Bounds.connections, "--connections")
        try check(targetRate, Bounds.targetRate, "--target-rate")
        try check(utilisation, Bounds.utilisation, "--utilisation")
        try check(machineCores, Bounds.machineCores, "--machine-cores")
        if let plots, !FileSystem.isFolder(plots) {
            throw ValidationError("--plots is '\(plots)', which is no folder")
        }
        try check(networkGigabits, Bounds.networkGigabits, "--network-gigabits")
    }

    private var timing: ScaleTiming {
        var timing = quick ? Defaults.quick : Defaults.timing
        timing.rounds = rounds ?? timing.rounds
        timing.seconds = seconds ?? timing.seconds
        return timing
    }

    func run() throws {
        let cores = CorePlan()
        cores.pinGenerator()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        let openFilesMax = ResourceLimits.raiseOpenFiles()
        Console.line("on \(machine.line)\(cores.serverDescription)")
        if let memory = ResourceLimits.availableMemory() {
            Console.line("\(grouped(memory >> 20)) MiB of memory and \(grouped(openFilesMax)) open files can be had")
        }
        let contest = ScaleContest(
            cores: cores, entries: entries.keySpace, connections: connections,
            serverExecutable: entries.serverExecutable, seed: entries.seed, timing: timing,
            openFilesMax: openFilesMax)
        var curves: [ScaleCurve] = []
        let interruption = try Interruption.caught {
            for axis in axis { try contest.run(axis, values: axis.values(isQuick: quick), into: &curves) }
        }
        let report = ScaleReport(
            ReportHead(
                command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
                versions: [
                    ServerKind.needletail.title: ServerKind.version(
                        of: ServerKind.needletail.find(named: entries.serverExecutable) ?? "needletail")
                ],
                keys: entries.keys, keySize: entries.keySize, valueSize: entries.valueSize, connections: connections),
            curves, CacheSizes.current(), entries.keySpace,
            CapacityAssumptions(
                requestsPerSecond: targetRate, utilisation: utilisation, coresPerMachine: machineCores,
                networkGigabits: networkGigabits))
        Console.line()
        for line in report.markdown { Console.line(line) }
        if let interruption { throw interruption }
        try output.write(report)
        if let plots {
            for (name, text) in ScalePlots.files(curves) {
                try text.write(to: URL(filePath: plots).appending(path: name), atomically: true, encoding: .utf8)
            }
        }
        guard curves.allSatisfy({ $0.points.allSatisfy(\.isClean) }) else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}
