//! `needletail-load peers`: Needletail beside Redis and memcached, or beside whatever speaks their protocols.

internal import ArgumentParser

struct PeersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Compare Needletail with Redis and memcached, taking turns, and print tables.",
        discussion: """
            Starts the servers itself, each on the first core; the load comes from the second. They are in memory only, \
            but for the rows put-logged and put-synced, whose servers persist. A peer that is not installed is left out, \
            by name. Any server that speaks Redis' or memcached's protocol can \
            stand in: start it pinned (taskset -c 0) and give its address, protocol and process.
            """)

    @Option(name: .customLong("row"), parsing: .upToNextOption, help: "Only these rows.")
    var rows: [PeerRow] = PeerRow.allCases

    @Option(help: "Rounds; publish five or more.")
    var rounds = 5

    @Option(help: "How long one contender is measured in one round.")
    var seconds: Double?

    @Flag(help: "Long runs, for publishing; takes more than an hour.")
    var full = false

    @Option(help: "Connections.")
    var connections = 50

    @Option(
        help: ArgumentHelp(
            "Only this peer: redis, memcached, or a running server.", valueName: "redis|memcached|host:port")
    )
    var peer: String?

    @Option(help: "What the running peer speaks: redis or memcached.")
    var peerProtocol: LoadProtocol?

    @Option(name: .customLong("peer-pid"), help: "The running peer's process, to measure its CPU time and memory.")
    var peerProcess: Int32?

    @Flag(help: "Allow a peer on another machine.")
    var allowRemote = false

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
        if let seconds { try check(seconds, Bounds.seconds, "--seconds") }
        try check(connections, Bounds.connections, "--connections")
        try check(entries.keySize, 1...LoadProtocol.memcached.keySizeMax, "--key-size")
        guard let peer, !["redis", "memcached"].contains(peer) else {
            if peerProtocol != nil || peerProcess != nil {
                throw ValidationError("--peer-protocol and --peer-pid describe a running peer (--peer host:port)")
            }
            return
        }
        guard let address = Address(argument: peer) else {
            throw ValidationError("--peer is '\(peer)'; it can be redis, memcached, or host:port")
        }
        try address.checkAllowed(remote: allowRemote)
        guard peerProtocol == .redis || peerProtocol == .memcached else {
            throw ValidationError("a running peer needs --peer-protocol redis or memcached")
        }
    }

    private var timing: PeerTiming {
        PeerTiming(
            rounds: rounds, seconds: seconds ?? (full ? 10 : 2),
            openLoopSeconds: seconds.map { $0 * 2.5 } ?? (full ? 20 : 5), warmUpSeconds: full ? 1 : 0.25)
    }

    private var peers: [ContenderSource] {
        switch peer {
        case nil: [.redis, .memcached].map { .started(ServerPlan($0)) }
        case "redis": [.started(ServerPlan(.redis))]
        case "memcached": [.started(ServerPlan(.memcached))]
        case .some(let address):
            [.running(Address(argument: address) ?? .loopback(0), peerProtocol ?? .redis, process: peerProcess)]
        }
    }

    func run() throws {
        let cores = CorePlan()
        cores.pinGenerator()
        let machine = MachineDescription.current(cores: cores.all.cores.count)
        Console.line("on \(machine.line)")
        Console.line(
            "\(rounds) rounds, in turn; \(grouped(entries.keys)) keys of \(entries.keySize) bytes, values of "
                + "\(entries.valueSize) bytes\(cores.serverDescription)")
        var skipped: [String] = []
        var versions: [String: String] = [:]
        var results: [RowResult] = []
        var runner = RowRunner(
            timing: timing, connections: connections, keys: entries.keySpace, seed: entries.seed,
            serverExecutable: entries.serverExecutable, cores: cores)
        func run(_ row: PeerRow, _ contenders: [Contender]) throws {
            try Interruption.check()
            var result = RowResult(row)
            do {
                result = try runner.run(row, contenders)
            } catch let failure as RunFailure {
                Console.endProgress()
                result.failure = failure
            }
            for line in result.lines { Console.line(line) }
            results.append(result)
            // The rows after it can still be had.
            if result.failure != nil { for contender in contenders { try contender.reconnect() } }
        }
        var failure: (any Error)?
        do {
            for persistence in Persistence.allCases {
                let group = rows.filter { $0.persistence == persistence && !$0.hasOwnServers }
                if group.isEmpty { continue }
                let contenders = try startContenders(persistence, cores, &skipped)
                defer { for contender in contenders { contender.stop() } }
                for contender in contenders { versions[contender.title] = contender.version }
                for row in group { try run(row, contenders) }
            }
            // The rows that start servers of their own come last, when the others have ended.
            runner.peers = sources(.memory, &skipped)
            for row in rows where row.hasOwnServers { try run(row, []) }
        } catch is Interrupted {
            Console.endProgress()
        } catch let error where !results.isEmpty {
            // What there is by then is shown first.
            Console.endProgress()
            failure = error
        }
        if versions.isEmpty { versions["Needletail"] = ServerKind.version(of: ourExecutable ?? "needletail") }
        let report = PeersReport(
            head: ReportHead(
                command: ["needletail-load"] + CommandLine.arguments.dropFirst(), machine: machine, versions: versions,
                keys: entries.keys, keySize: entries.keySize, valueSize: entries.valueSize, connections: connections),
            timing: timing, results: results, skipped: skipped,
            isInterrupted: Interruption.isRequested || failure != nil)
        Console.line()
        for line in report.markdown { Console.line(line) }
        try output.write(report.record)
        try Interruption.check()
        guard results.allSatisfy(\.isClean) else { throw ExitCode(ExitStatus.wrong.rawValue) }
        if let failure { throw failure }
        if let failure = results.lazy.compactMap(\.failure).first { throw failure }
    }

    private var ourExecutable: String? { ServerKind.needletail.find(named: entries.serverExecutable) }

    /// Ours first, then the peers that are there.
    private func startContenders(
        _ persistence: Persistence, _ cores: CorePlan, _ skipped: inout [String]
    ) throws -> [Contender] {
        var plan = ServerPlan(.needletail, executable: entries.serverExecutable)
        plan.persistence = persistence
        plan.parent = disk.disk
        var contenders: [Contender] = []
        do {
            for source in [.started(plan)] + sources(persistence, &skipped) {
                contenders.append(
                    try Contender(
                        source, on: cores.server, connections: connections, entries.keySpace, seed: entries.seed))
            }
        } catch {
            for contender in contenders { contender.stop() }
            throw error
        }
        return contenders
    }

    /// The peers that are there, and persist so.
    private func sources(_ persistence: Persistence, _ skipped: inout [String]) -> [ContenderSource] {
        var sources: [ContenderSource] = []
        for source in peers {
            guard case .started(var plan) = source else {
                sources.append(source)
                continue
            }
            plan.persistence = persistence
            plan.parent = disk.disk
            if let reason = reasonToSkip(plan) {
                if !skipped.contains(reason) {
                    skipped.append(reason)
                    Console.line("skipped: \(reason)")
                }
            } else {
                sources.append(.started(plan))
            }
        }
        return sources
    }

    /// Why a peer is left out; nil where it is not.
    private func reasonToSkip(_ plan: ServerPlan) -> String? {
        if plan.kind.find() == nil { return "\(plan.kind.title), because \(plan.kind.executable) is not installed" }
        return plan.isPossible ? nil : "\(plan.kind.title) where writes are to persist, because it does not"
    }
}
