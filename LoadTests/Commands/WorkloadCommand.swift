//! `needletail-load`: one workload against one server.

internal import ArgumentParser

struct WorkloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload", abstract: "Run one workload against one server (the default).")

    enum Workload: String, ExpressibleByArgument, CaseIterable {
        case get
        case multiGet = "multi-get"
        case put
    }

    @Option(help: "What a request does.")
    var workload = Workload.multiGet

    @Option(help: "Keys in a multi-get.")
    var keysPerCall = 100

    @Option(help: "Connections.")
    var connections = 50

    @Option(help: "Requests under way on each connection (closed loop).")
    var inFlight = 1

    @Option(help: "Requests per second over all connections; makes it an open loop with Poisson arrivals.")
    var rate: Double?

    @Option(help: "How long to measure.")
    var seconds = 5.0

    @Option(help: "How long to warm up; meanwhile every answer is decoded and its values are compared.")
    var warmUpSeconds = 1.0

    @Option(name: .customLong("protocol"), help: "The protocol to speak.")
    var loadProtocol = LoadProtocol.messagePack

    @Option(help: "Event loops of the server that is started.")
    var eventLoops = 1

    @Option(help: "A running server, as host:port; it is filled with the entries. Default: start one.")
    var address: Address?

    @Option(help: "A running server, by its Unix socket.")
    var unixSocket: String?

    @Option(name: .customLong("server-pid"), help: "The running server's process, to measure its CPU time.")
    var serverProcess: Int32?

    @Flag(help: "The running server has the entries already.")
    var skipLoad = false

    @Flag(help: "Allow a server on another machine.")
    var allowRemote = false

    @Option(help: ArgumentHelp("Write the result as JSON.", valueName: "file"))
    var json: String?

    @OptionGroup var entries: EntryOptions

    /// A run is bounded in time and in what it may take of the machine.
    private enum Bounds {
        static let keysPerCall = 1...10_000
        static let connections = 1...10_000
        static let inFlight = 1...1_024
        static let rate = 1.0...10_000_000
        static let seconds = 0.1...3_600
    }

    func validate() throws {
        try check(keysPerCall, Bounds.keysPerCall, "--keys-per-call")
        try check(connections, Bounds.connections, "--connections")
        try check(inFlight, Bounds.inFlight, "--in-flight")
        if let rate { try check(rate, Bounds.rate, "--rate") }
        try check(seconds, Bounds.seconds, "--seconds")
        try check(warmUpSeconds, Bounds.seconds, "--warm-up-seconds")
        try check(eventLoops, 1...64, "--event-loops")
        try address?.checkAllowed(remote: allowRemote)
        if address != nil, unixSocket != nil { throw ValidationError("give --address or --unix-socket, not both") }
        try check(entries.keySize, 1...loadProtocol.keySizeMax, "--key-size")
        if skipLoad, runningAddress == nil { throw ValidationError("--skip-load is for a running server (--address)") }
    }

    private var runningAddress: Address? { address ?? unixSocket.map { .unix(path: $0) } }

    private var shape: CallShape {
        switch workload {
        case .get: .get
        case .multiGet: .multiGet(keysPerCall)
        case .put: .put
        }
    }

    private var pace: Pace { rate.map { .open(rate: $0) } ?? .closed(inFlight: inFlight) }

    func run() throws {
        let cores = CorePlan()
        let server = try startServer(cores)
        defer { server?.stop() }
        cores.pinGenerator()
        let session = try LoadSession(
            title: loadProtocol.server.title, server?.address ?? runningAddress ?? .loopback(0), loadProtocol,
            connections: connections, entries.keySpace, process: server?.process ?? serverProcess, seed: entries.seed)
        explain(server, session, cores)
        if !skipLoad {
            Console.progress("loading \(grouped(entries.keys)) entries")
            let figures = try session.load()
            Console.endProgress()
            Console.line("loaded \(grouped(entries.keys)) entries in \(fixed(figures.seconds, 1)) s")
        }
        Console.progress("warming up")
        try session.warmUp(shape, inFlight: inFlight, seconds: warmUpSeconds)
        let measurement = try session.measure(shape, pace, seconds: seconds) {
            Console.second($0, shape.title, pace)
        }
        Console.endProgress()
        Console.line()
        for line in measurement.lines { Console.line(line) }
        if let json {
            let version = server.map { [$0.kind.rawValue: $0.version] } ?? [:]
            try writeJSON(
                WorkloadReport(
                    head: ReportHead(
                        command: CommandLine.arguments, machine: .current(cores: cores.all.cores.count),
                        versions: version, keys: entries.keys,
                        keySize: entries.keySize, valueSize: entries.valueSize, connections: connections),
                    wireProtocol: loadProtocol, inFlight: inFlight, rate: rate, result: measurement.record),
                to: json)
        }
        guard measurement.figures.isClean, measurement.throttled == 0 else { throw ExitCode(ExitStatus.wrong.rawValue) }
    }

    private func startServer(_ cores: CorePlan) throws -> ServerProcess? {
        guard runningAddress == nil else { return nil }
        Console.progress("starting \(loadProtocol.server.title)")
        let plan = ServerPlan(
            loadProtocol.server, executable: loadProtocol.server == .needletail ? entries.serverExecutable : nil,
            eventLoops: eventLoops)
        return try ServerProcess(plan, on: cores.server)
    }

    private func explain(_ server: ServerProcess?, _ session: LoadSession, _ cores: CorePlan) {
        Console.endProgress()
        if let server {
            Console.line(
                """
                started \(server.kind.title) \(server.version) for this run, on \(server.address), in memory only\
                \(cores.serverDescription); it ends with the run
                """)
        } else {
            Console.line(
                """
                using the server at \(runningAddress.map { "\($0)" } ?? "?")\
                \(skipLoad ? "" : "; it is filled with entries named key:0...")
                """)
        }
        Console.line(
            """
            measuring \(shape.title) over \(connections) connections with \(loadProtocol.rawValue), \
            \(grouped(entries.keys)) keys of \(entries.keySize) bytes, values of \(entries.valueSize) bytes, uniform random
            """)
        switch pace {
        case .closed:
            Console.line(
                """
                closed loop: each connection keeps \(inFlight) request\(inFlight == 1 ? "" : "s") under way and sends \
                the next when an answer comes, so a slow server is asked less; for honest tails use --rate
                """)
        case .open(let rate):
            Console.line(
                """
                open loop: \(fixed(rate, 0)) requests a second leave on a random schedule, whether answers come or not; \
                latency counts from the scheduled time
                """)
        }
        Console.line(
            """
            P99 is the time that 99 of 100 requests stayed below; server CPU is the server's own cost of a request, the \
            figure to compare, because the generator shares the machine
            """)
    }
}

/// The JSON of a workload.
struct WorkloadReport: Codable {
    var head: ReportHead
    var wireProtocol: LoadProtocol
    var inFlight: Int
    var rate: Double?
    var result: MeasurementRecord
}
