//! `needletail-load overload`: what becomes of calls with deadlines when more are made than can be answered.

internal import ArgumentParser

struct OverloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload",
        abstract: "Offer Needletail more calls with deadlines than it can answer, and count those answered in time.",
        discussion: """
            Starts Needletail, loads the entries, finds its highest rate in a closed loop, and then offers a multiple of \
            that in an open loop, in windows that take turns with closed loops. Meanwhile another connection pings.
            """)

    @Option(help: "Windows of each kind; publish five or more.")
    var rounds = 3

    @Option(help: "How long a window is.")
    var seconds = 3.0

    @Option(help: "What is offered, in multiples of the highest rate.")
    var multiple = 2.0

    @Option(help: "Keys in a multi-get.")
    var keysPerCall = 1_000

    @Option(help: "The budget that each call names, in milliseconds; an answer after it is late.")
    var timeoutMillis: Int32 = 20

    @Option(help: "Connections.")
    var connections = 50

    @Option(name: .customLong("protocol"), help: "The protocol to speak.")
    var loadProtocol = LoadProtocol.messagePack

    @OptionGroup var output: JSONOptions

    @OptionGroup var entries: EntryOptions

    private enum Bounds {
        static let rounds = 1...1_000
        static let seconds = 0.1...600
        static let multiple = 0.1...20
        static let keysPerCall = 1...10_000
        static let timeoutMillis: ClosedRange<Int32> = 1...60_000
        static let connections = 1...10_000
    }

    func validate() throws {
        try check(rounds, Bounds.rounds, "--rounds")
        try check(seconds, Bounds.seconds, "--seconds")
        try check(multiple, Bounds.multiple, "--multiple")
        try check(keysPerCall, Bounds.keysPerCall, "--keys-per-call")
        try check(timeoutMillis, Bounds.timeoutMillis, "--timeout-millis")
        try check(connections, Bounds.connections, "--connections")
        if loadProtocol.server != .needletail {
            throw ValidationError("--protocol is \(loadProtocol.rawValue), which knows no deadlines")
        }
    }

    func run() throws {
        let cores = CorePlan()
        cores.pinGenerator()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        var plan = ServerPlan(.needletail, executable: entries.serverExecutable)
        plan.shedsCalls = true
        let server = try ServerProcess(plan, on: cores.server)
        defer { server.stop() }
        let session = try LoadSession(
            title: server.kind.title, server.address, loadProtocol, connections: connections, entries.keySpace,
            process: server.process, seed: entries.seed)
        Console.progress("loading \(grouped(entries.keys)) entries")
        _ = try session.load()
        Console.endProgress()
        var shape = CallShape.multiGet(keysPerCall)
        shape.timeoutMillis = timeoutMillis
        let contest = OverloadContest(
            server: server, session: session, shape: shape, multiple: multiple, rounds: rounds, seconds: seconds)
        var result = OverloadResult(shape: shape, multiple: multiple)
        let interruption = try Interruption.caught { try contest.run(into: &result) }
        if let interruption, result.rounds.isEmpty { throw interruption }
        let head = ReportHead(
            command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine,
            versions: [server.kind.title: server.version], keys: entries.keys, keySize: entries.keySize,
            valueSize: entries.valueSize, connections: connections)
        Console.line()
        for line in result.markdown + [""] + head.origin { Console.line(line) }
        if let interruption { throw interruption }
        try output.write(OverloadReport(head, result))
        guard result.isClean else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }
}
