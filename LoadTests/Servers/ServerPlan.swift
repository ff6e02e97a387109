//! How a server is started: what is the same for all of its kind, and the arguments that say so.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A server to start.
struct ServerPlan: Sendable, Hashable {
    /// Memory that memcached may take; its own default would throw entries away.
    private static let memcachedMegabytes = 8_192
    /// Its largest value, where there are large ones; more than any of ours.
    private static let memcachedLargeMegabytes = 16

    var kind: ServerKind
    /// What to start; nil: as `ServerKind.find` finds it.
    var executable: String?
    /// Needletail's; the others have one thread each.
    var eventLoops = 1
    var persistence = Persistence.memory
    /// The folder in which the server's own is made; nil: where temporary files go.
    var parent: String?
    /// The Redis in which Needletail keeps its entries; nil: it keeps them itself.
    var store: Address?
    /// How often Needletail writes a snapshot; 0: only when it is asked to, as Redis' file is never rewritten.
    var snapshotSeconds = 0
    /// Whether Needletail is one with a naive decoder (`ServeNaiveCommand`), which is our own executable.
    var decodesNaively = false
    /// Further flags of Needletail.
    var flags: [String] = []
    /// Whether values may be larger than the MiB that memcached takes unless it is told otherwise.
    var holdsLargeValues = false
    /// Whether Needletail may refuse calls in overload. The peers cannot, so that it may not beside them.
    var shedsCalls = false

    init(
        _ kind: ServerKind, executable: String? = nil, eventLoops: Int = 1, persistence: Persistence = .memory,
        parent: String? = nil
    ) {
        self.kind = kind
        self.executable = executable
        self.eventLoops = eventLoops
        self.persistence = persistence
        self.parent = parent
    }

    /// Whether servers of this kind can keep what `persistence` asks for.
    var isPossible: Bool { kind != .memcached || persistence == .memory }

    /// Where the executable is.
    func findExecutable() throws(ServerError) -> String {
        if let path = decodesNaively ? ServerKind.findHarness() : kind.find(named: executable) { return path }
        throw ServerError("\(executable ?? kind.executable) is not installed, or cannot be executed")
    }

    /// A directory for the server, with an empty `data` in it. One that persists gets it on a disk.
    func makeDirectory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory(in: parent)
        try directory.makeFolder("data")
        if persistence != .memory, FileSystem.isInMemory(directory.path) {
            throw ServerError("\(directory.path) is in memory; name a folder on a disk with --disk")
        }
        return directory
    }

    /// - Parameters:
    ///   - port: where to listen on loopback; Needletail takes 0 for any.
    ///   - directory: where what persists goes, and nothing else that is not the server's own.
    func arguments(port: Int, in directory: String) -> [String] {
        precondition(isPossible, "\(kind.title) does not persist")
        return switch kind {
        case .needletail:
            [
                decodesNaively ? ServeNaiveCommand.name : "serve", "--port", "\(port)", "--admin-port", "0",
                "--event-loops", "\(eventLoops)",
                "--log-format", "json",
            ] + (shedsCalls ? [] : ["--admission-enabled", "false"]) + needletailEngine(directory) + flags
        case .redis:
            ["--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--dir", directory, "--daemonize", "no"]
                + redisLog
        case .memcached:
            ["-l", "127.0.0.1", "-p", "\(port)", "-U", "0", "-t", "1", "-m", "\(Self.memcachedMegabytes)"]
                + (holdsLargeValues ? ["-I", "\(Self.memcachedLargeMegabytes)m"] : [])
                // It refuses to run as root unless it is told who to be instead.
                + (geteuid() == 0 ? ["-u", "root"] : [])
        }
    }

    /// Where it keeps entries.
    private func needletailEngine(_ directory: String) -> [String] {
        if let store { return ["--engine-kind", "redis", "--engine-endpoints", "\(store)"] }
        return ["--durability", persistence.rawValue, "--data-dir", directory]
            + (persistence == .memory
                ? [] : ["--log-snapshot-interval", "\(snapshotSeconds)s", "--log-snapshot-size", "64TiB"])
    }

    /// The append-only file: as commands, never rewritten, so that what it costs is what the writes cost.
    private var redisLog: [String] {
        guard let appendfsync = persistence.appendfsync else { return ["--appendonly", "no"] }
        return [
            "--appendonly", "yes", "--appendfsync", appendfsync, "--auto-aof-rewrite-percentage", "0",
            "--aof-use-rdb-preamble", "no",
        ]
    }
}
