//! `needletail-load snapshot`: what reads and memory notice of a snapshot.

internal import ArgumentParser

struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Measure gets while Needletail writes snapshots of its entries, beside gets while it does not.",
        discussion: """
            Starts Needletail with a log, loads the entries, finds its highest rate in a closed loop, and then offers \
            half of that in an open loop, in windows without a snapshot and windows in which one is always being \
            written, taking turns. The server's memory is watched.
            """)

    @Option(help: "Windows of each kind; publish five or more.")
    var rounds = 5

    @Option(help: "How long a window is at least.")
    var seconds = 5.0

    @Option(help: "Connections.")
    var connections = 50

    @OptionGroup var output: JSONOptions

    @OptionGroup var entries: EntryOptions
    @OptionGroup var disk: DiskOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let seconds = 0.1...600
        static let connections = 1...10_000
    }

    func validate() throws {
        try check(rounds, Bounds.rounds, "--rounds")
        try check(seconds, Bounds.seconds, "--seconds")
        try check(connections, Bounds.connections, "--connections")
    }

    func run() throws {
        let cores = CorePlan()
        cores.pinGenerator()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        let plan = ServerPlan(
            .needletail, executable: entries.serverExecutable, persistence: .logged, parent: disk.disk)
        let server = try ServerProcess(plan, on: cores.server)
        defer { server.stop() }
        let session = try LoadSession(
            title: server.kind.title, server.address, .messagePack, connections: connections, entries.keySpace,
            process: server.process, seed: entries.seed)
        Console.progress("loading \(grouped(entries.keys)) entries")
        _ = try session.load()
        Console.endProgress()
        let contest = SnapshotContest(server: server, session: session, rounds: rounds, seconds: seconds)
        var measured: SnapshotResult?
        let interruption = try Interruption.caught { try contest.run(into: &measured) }
        guard let result = measured else { throw interruption ?? Interrupted() }
        let head = ReportHead(
            command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
            versions: [server.kind.title: server.version], keys: entries.keys, keySize: entries.keySize,
            valueSize: entries.valueSize, connections: connections)
        Console.line()
        for line in result.markdown + [""] + head.origin { Console.line(line) }
        if let interruption { throw interruption }
        try output.write(SnapshotReport(head, result))
        guard result.isClean else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}
