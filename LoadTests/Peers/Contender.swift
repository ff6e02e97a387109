//! One side of the comparison: a server, ours or a peer's, with its entries loaded and connections open.

/// Where a contender comes from.
enum ContenderSource: Sendable {
    /// Started by the harness.
    case started(ServerPlan)
    /// Running already; with its process, if that is known.
    case running(Address, LoadProtocol, process: Int32?)
}

final class Contender {
    let title: String
    let version: String
    let adminPort: Int?
    /// Nothing of it was started, configured or pinned by the harness.
    var wasRunning: Bool { server == nil }
    private let server: ServerProcess?
    private let makeSession: () throws -> LoadSession
    private(set) var session: LoadSession
    /// Resident memory that each entry takes beyond its key and value; nil where the process is not known.
    private(set) var overheadBytesPerEntry: Double?

    /// Connects, loads the entries, and sees what they take.
    /// - Parameter large: are loaded too.
    init(
        _ source: ContenderSource, title: String? = nil, on cores: CoreSet?, connections: Int, _ keys: KeySpace,
        large: LargeValues? = nil, seed: UInt64
    ) throws {
        let address: Address
        let loadProtocol: LoadProtocol
        let process: Int32?
        switch source {
        case .started(let plan):
            let server = try ServerProcess(plan, on: cores)
            self.server = server
            self.title = title ?? plan.kind.title
            version = server.version
            adminPort = server.adminPort
            address = server.address
            process = server.process
            loadProtocol =
                switch plan.kind {
                case .needletail: .messagePack
                case .redis: .redis
                case .memcached: .memcached
                }
        case .running(let running, let spoken, let identifier):
            server = nil
            self.title = title ?? "\(running)"
            version = "as running"
            adminPort = nil
            address = running
            process = identifier
            loadProtocol = spoken
        }
        let name = self.title
        makeSession = {
            try LoadSession(
                title: name, address, loadProtocol, connections: connections, keys, large: large, process: process,
                seed: seed)
        }
        session = try makeSession()
        let before = session.process.flatMap(ProcessSample.take)
        Console.progress("loading \(grouped(keys.count)) entries into \(name)")
        _ = try session.load()
        // What loading took for a moment is given back, by those who do.
        ThreadTime.sleep(milliseconds: 500)
        if let before, let after = session.process.flatMap(ProcessSample.take) {
            overheadBytesPerEntry =
                Double(after.residentBytes - before.residentBytes) / Double(keys.count)
                - Double(keys.keySize + keys.valueSize)
        }
        Console.endProgress()
    }

    func stop() { server?.stop() }

    /// After a run that was given up, its connections are good for nothing.
    func reconnect() throws { session = try makeSession() }

    /// Warms up with every answer checked, then measures.
    func measure(_ mix: CallMix, _ pace: Pace, seconds: Double, warmUpSeconds: Double) throws -> Measurement {
        let inFlight = if case .closed(let inFlight) = pace { inFlight } else { 1 }
        try session.warmUp(mix, inFlight: inFlight, seconds: warmUpSeconds)
        let what = "\(title), \(mix.title)"
        defer { Console.endProgress() }
        return try session.measure(mix, pace, seconds: seconds) { Console.second($0, what, pace) }
    }

    func measure(_ shape: CallShape, _ pace: Pace, seconds: Double, warmUpSeconds: Double) throws -> Measurement {
        try measure(CallMix(shape), pace, seconds: seconds, warmUpSeconds: warmUpSeconds)
    }
}
