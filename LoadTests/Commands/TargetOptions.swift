//! Options on what is put under load, and what with; and the server and the session that come of them.

internal import ArgumentParser

/// The server under load, and the connections to it.
struct TargetOptions: ParsableArguments {
    @Option(help: "Connections.")
    var connections = 50

    @Option(name: .customLong("protocol"), help: "The protocol to speak.")
    var loadProtocol = LoadProtocol.messagePack

    @Option(help: "Event loops of the Needletail that is started; 1 by default.")
    var eventLoops: Int?

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

    func validate() throws {
        try check(connections, RunBounds.connections, "--connections")
        if let eventLoops { try check(eventLoops, RunBounds.eventLoops, "--event-loops") }
        try address?.checkAllowed(remote: allowRemote)
        if address != nil, unixSocket != nil { throw ValidationError("give --address or --unix-socket, not both") }
        if skipLoad, runningAddress == nil { throw ValidationError("--skip-load is for a running server (--address)") }
        if serverProcess != nil, runningAddress == nil {
            throw ValidationError("--server-pid is for a running server (--address); the one that is started is known")
        }
        if eventLoops != nil, runningAddress != nil || loadProtocol.server != .needletail {
            throw ValidationError(
                "--event-loops is for a Needletail that is started, not for a running server or a peer")
        }
    }

    var runningAddress: Address? { address ?? unixSocket.map { .unix(path: $0) } }
}

/// What a run may ask for. It is bounded in time and in what it may take of the machine.
enum RunBounds {
    static let keysPerCall = 1...10_000
    static let connections = 1...10_000
    static let eventLoops = 1...64
    static let inFlight = 1...1_024
    static let rate = 1.0...10_000_000
    static let seconds = 0.1...3_600
    /// Gets of large values for each other call.
    static let largePerCall = 0.0...1
}

/// What the calls are.
struct WorkloadOptions: ParsableArguments {
    @Option(help: "What requests do.")
    var workload = Workload.multiGet

    @Option(help: "Keys in a multi-get.")
    var keysPerCall = 100

    @Option(help: "Which keys are asked for; by default what the workload has.")
    var keyOrder: KeyChooser.Order?

    @Option(
        help: "Gets of a large value for each other request, on connections of their own; 0.001 is one in a thousand.")
    var largePerCall = 0.0

    @Option(help: "Bytes of a large value.")
    var largeValueSize = LargeValues().size

    func validate() throws {
        try check(keysPerCall, RunBounds.keysPerCall, "--keys-per-call")
        try check(largePerCall, RunBounds.largePerCall, "--large-per-call")
        try check(largeValueSize, LargeValues.sizes, "--large-value-size")
    }

    /// Values that disturb the other calls, if there are to be some.
    var large: LargeValues? { largePerCall > 0 ? LargeValues(size: largeValueSize) : nil }

    var mix: CallMix {
        let mix = workload.mix(keysPerCall: keysPerCall, order: keyOrder)
        return large.map { mix.with($0, perCall: largePerCall) } ?? mix
    }

    /// The entries that are asked for, with the sizes that the workload has.
    func keySpace(_ entries: EntryOptions) -> KeySpace {
        workload.sizes.map { KeySpace(count: entries.keys, $0) } ?? entries.keySpace
    }
}

extension KeyChooser.Order: ExpressibleByArgument {}

/// A server with its entries, and a session over it.
struct LoadTarget {
    /// nil where it was running already.
    let server: ServerProcess?
    private let makeSession: () throws -> LoadSession
    private(set) var session: LoadSession

    /// Starts the server where none is running, and connects.
    init(
        _ options: TargetOptions, _ calls: WorkloadOptions, _ entries: EntryOptions, _ cores: CorePlan
    ) throws {
        let keys = calls.keySpace(entries)
        let kind = options.loadProtocol.server
        guard keys.keySizeMax <= options.loadProtocol.keySizeMax else {
            throw ValidationError("\(kind.title) takes keys of up to \(options.loadProtocol.keySizeMax) bytes")
        }
        let address: Address
        if let running = options.runningAddress {
            server = nil
            address = running
        } else {
            Console.progress("starting \(kind.title)")
            var plan = ServerPlan(
                kind, executable: kind == .needletail ? entries.serverExecutable : nil,
                eventLoops: options.eventLoops ?? 1)
            plan.holdsLargeValues = calls.large != nil
            let started = try ServerProcess(plan, on: cores.server)
            server = started
            address = started.address
        }
        cores.pinGenerator()
        let process = server?.process ?? options.serverProcess
        makeSession = {
            try LoadSession(
                title: kind.title, address, options.loadProtocol, connections: options.connections, keys,
                large: calls.large, process: process, seed: entries.seed)
        }
        session = try makeSession()
        Console.endProgress()
        explain(options, calls, keys, cores)
        guard !options.skipLoad else { return }
        Console.progress("loading \(grouped(keys.count)) entries")
        let figures = try session.load()
        Console.endProgress()
        Console.line("loaded \(grouped(keys.count)) entries in \(fixed(figures.seconds, 1)) s")
    }

    /// After a run that was given up, its connections are good for nothing.
    mutating func reconnect() throws { session = try makeSession() }

    /// By server, for a report.
    var versions: [String: String] { server.map { [$0.kind.rawValue: $0.version] } ?? [:] }

    private func explain(_ options: TargetOptions, _ calls: WorkloadOptions, _ keys: KeySpace, _ cores: CorePlan) {
        if let server {
            Console.line(
                """
                started \(server.kind.title) \(server.version) for this run, on \(server.address), in memory only\
                \(cores.serverDescription); it ends with the run
                """)
        } else {
            Console.line(
                """
                using the server at \(options.runningAddress.map { "\($0)" } ?? "?")\
                \(options.skipLoad ? "" : "; it is filled with entries named key:0...")
                """)
        }
        let mix = calls.mix
        Console.line(
            """
            measuring \(mix.title) over \(options.connections) connections with \(options.loadProtocol.rawValue), \
            \(grouped(keys.count)) keys of \(keys.sizeTitle(\.keySize)) bytes, values of \
            \(keys.sizeTitle(\.valueSize)) bytes, \(mix.orderTitle)
            """)
    }
}

extension KeySpace {
    /// A size as a line says it.
    fileprivate func sizeTitle(_ size: KeyPath<KeySpace, Int>) -> String {
        sizes == nil ? "\(self[keyPath: size])" : "about \(self[keyPath: size])"
    }
}
