//! The server's keys. A key is here only if the server reads it. Defaults, bounds and the relations between them stand
//! side by side; the file that users see (`config/needletail.yaml`) is rendered from these lines.

internal import Logging

extension ConfigurationTable {
    /// All keys of `serve`.
    package static let server = ConfigurationTable(
        sections: [
            rpc, admin, tls, log, logging, limits, admission, memory, governor, engine, reads, history, slowCalls,
            tracing, alerting,
        ],
        mappings: [alerts], relations: serverRelations)

    private static let rpc = ConfigurationSection(
        "rpc", "The port that clients speak Thrift and MessagePack-RPC to.",
        [
            .init(
                "rpc.host", .text(.host), default: .text("127.0.0.1"),
                """
                The address that the port binds. 0.0.0.0 or :: is every interface: whoever reaches it may call, unless tls \
                asks for certificates.
                """),
            .init(
                "rpc.port", .integer(1...65_535), default: .integer(7_400), zeroMeans: "picks a free one",
                shortFlag: "--port", "The TCP port."),
            .init(
                "rpc.unixSocket", .text(.socketPath), default: .absent, shortFlag: "--unix-socket",
                "A Unix socket that is served beside the port."),
            .init(
                "rpc.eventLoops", .integer(1...1_024), default: .integer(0),
                zeroMeans: "as many as the container's CPU quota and the CPU affinity allow",
                shortFlag: "--event-loops",
                "Threads that serve connections. More of them than the quota has CPUs makes requests stand still."),
            .init(
                "rpc.reservedCores", .milliCores(0...1_024_000), default: .milliCores(0),
                """
                Cores of the quota that are for others, a sidecar in the same container for instance: event loops are as \
                many as what is left allows. Without meaning where rpc.eventLoops says how many.
                """),
            .init(
                "rpc.maxConnections", .integer(1...1_000_000), default: .integer(10_000),
                "Connections that are open at once; further ones are closed when they are accepted."),
            .init(
                "rpc.backlog", .integer(1...65_535), default: .integer(1_024),
                "Connections that wait to be accepted. The kernel bounds it by net.core.somaxconn."),
            .init(
                "rpc.writeBufferHighWatermark", .sizeBytes(4 << 10...1 << 30), default: .sizeBytes(256 << 10),
                "A connection whose unsent answers reach this size is not read from any more."),
            .init(
                "rpc.writeBufferLowWatermark", .sizeBytes(1 << 10...1 << 30), default: .sizeBytes(64 << 10),
                "Such a connection is read from again when its unsent answers have shrunk to this size."),
            .init(
                "rpc.stallTimeout", .durationMillis(100...3_600_000), default: .durationMillis(60_000),
                zeroMeans: "for ever",
                "How long a client may take to send the rest of a request, or go without reading its answers."),
            .init(
                "rpc.shutdownTimeout", .durationMillis(1...3_600_000), default: .durationMillis(10_000),
                zeroMeans: "do not wait", "How long a stop waits for requests that were accepted."),
        ])

    private static let admin = ConfigurationSection(
        "admin", "The HTTP port with /metrics, /healthz, /readyz and /stats.",
        [
            .init(
                "admin.host", .text(.host), default: .text("127.0.0.1"),
                "The address that the port binds. 0.0.0.0 or :: is every interface."),
            .init(
                "admin.port", .integer(1...65_535), default: .integer(7_401), zeroMeans: "picks a free one",
                "The TCP port."),
            .init(
                "admin.tls", .boolean, default: .boolean(false),
                "Whether the port speaks HTTPS, with tls.certificate. Clients are not asked for certificates here."),
            .init(
                "admin.debug", .boolean, default: .boolean(true),
                "Whether the port answers below /debug: options, connections, calls, memory, stacks and profiles."),
        ])

    private static let tls = ConfigurationSection(
        "tls", "Encryption, and who clients are. SIGHUP has the files read again, without closing connections.",
        [
            .init(
                "tls.mode", .choice(allowed: TLSMode.allCases.map(\.rawValue)), default: .text(TLSMode.off.rawValue),
                """
                TLS on the RPC port: off, optional (each client as it likes) or required (plaintext is refused). The Unix \
                socket takes plaintext in any case.
                """),
            .init(
                "tls.certificate", .text(.path), default: .absent,
                "A PEM file with the server's certificate, and after it those of its issuers."),
            .init(
                "tls.key", .text(.path), default: .absent,
                "A PEM file with the certificate's private key, not encrypted."),
            .init(
                "tls.ca", .text(.path), default: .absent,
                """
                A PEM file with the authorities of clients. With it clients that speak TLS are asked for their certificates, \
                and who shows one may name as fromService only what it names. Clients in plaintext (tls.mode off or \
                optional) may name what they like.
                """),
            .init(
                "tls.clientCertificates", .choice(allowed: ClientCertificateRule.allCases.map(\.rawValue)),
                default: .text(ClientCertificateRule.required.rawValue),
                "With tls.ca: required, or optional (a client without one is served, and may call itself what it likes)."
            ),
        ])

    private static let log = ConfigurationSection(
        "log", "What is kept on disk.",
        [
            .init(
                "log.directory", .text(.path), default: .text("./needletail-data"), shortFlag: "--data-dir",
                "The data directory; made if it is not there. Not used with the durability memory."),
            .init(
                "log.durability", .choice(allowed: LogDurability.allCases.map(\.rawValue)),
                default: .text(LogDurability.synced.rawValue), shortFlag: "--durability",
                """
                What a write gets that asks for nothing: memory (applied, and no log at all), logged (handed to the \
                kernel) or synced (on disk).
                """),
            .init(
                "log.salvage", .boolean, default: .boolean(false), shortFlag: "--salvage",
                """
                Starts although the log is damaged in the middle, and gives up what is damaged. For one start, after a \
                copy of the directory was made.
                """),
            .init(
                "log.segmentSize", .sizeBytes(1 << 20...16 << 30), default: .sizeBytes(64 << 20),
                "The size of a file of the log, which is taken from the disk at once."),
            .init(
                "log.bufferSize", .sizeBytes(1 << 20...64 << 30), default: .sizeBytes(0),
                zeroMeans: "twice limits.maxFrameSize",
                "Changes that wait to be written to the disk, at most; above it writes are OVERLOADED."),
            .init(
                "log.syncInterval", .durationMillis(10...3_600_000), default: .durationMillis(1_000),
                "After this time a change is on disk also if nobody waits for that."),
            .init(
                "log.snapshotInterval", .durationMillis(1_000...604_800_000), default: .durationMillis(3_600_000),
                zeroMeans: "not by time",
                "How often a snapshot is written if anything has changed. After it the log before it is removed."),
            .init(
                "log.snapshotSize", .sizeBytes(1 << 20...1 << 46), default: .sizeBytes(256 << 20),
                """
                A snapshot is written as well when the log has grown by this, or by the size of the last snapshot if that \
                is more.
                """),
            .init(
                "log.scrubInterval", .durationMillis(60_000...31_536_000_000), default: .durationMillis(86_400_000),
                zeroMeans: "never",
                "How often what is on disk is read again, to find damage before it is needed."),
        ])

    private static let logging = ConfigurationSection(
        "logging", "What the service says about itself, on standard error.",
        [
            .init(
                "logging.format", .choice(allowed: LogFormat.allCases.map(\.rawValue)),
                default: .text(LogFormat.auto.rawValue), shortFlag: "--log-format",
                "One JSON object or one line of text for each message; auto: text on a terminal, otherwise json."),
            .init(
                "logging.level", .choice(allowed: Logger.Level.allCases.map(\.rawValue)),
                default: .text(Logger.Level.info.rawValue), "The least severe messages that are written."),
        ])

    private static let limits = ConfigurationSection(
        "limits", "Bounds on what one request may ask for. What exceeds one is refused with an error that says so.",
        [
            .init(
                "limits.maxKeySize", .sizeBytes(1...4_096), default: .sizeBytes(4_096), "The longest key."),
            .init(
                "limits.maxValueSize", .sizeBytes(1...1 << 30), default: .sizeBytes(16 << 20), "The longest value."),
            .init(
                "limits.maxKeysPerRequest", .integer(1...1_000_000), default: .integer(10_000), "Keys in one call."),
            .init(
                "limits.maxFrameSize", .sizeBytes(8 << 10...1 << 30), default: .sizeBytes(64 << 20),
                "The longest request, in any protocol."),
            .init(
                "limits.maxHeldBytes", .sizeBytes(1 << 20...1 << 46), default: .sizeBytes(0),
                zeroMeans: "four times limits.maxFrameSize",
                """
                What each event loop holds for its clients: requests that have come in part, and answers that were not \
                read. Above it the connections that have stalled for the longest time are closed.
                """),
            .init(
                "limits.maxResponseSize", .sizeBytes(8 << 10...1 << 30), default: .sizeBytes(0),
                zeroMeans: "limits.maxFrameSize",
                "Where an answer stops: further keys are TOO_LARGE, and a scan ends its page."),
            .init(
                "limits.maxDepth", .integer(8...1_024), default: .integer(64),
                "How deep structures of a request may nest."),
            .init(
                "limits.defaultTimeout", .durationMillis(1...86_400_000), default: .durationMillis(10_000),
                "The budget of a request that brings none."),
            .init(
                "limits.maxTimeout", .durationMillis(1...86_400_000), default: .durationMillis(60_000),
                "The longest budget; what asks for more gets this."),
        ])

    private static let admission = ConfigurationSection(
        "admission", "What is shed, with OVERLOADED and nothing executed, when more is asked than can be served.",
        [
            .init(
                "admission.enabled", .boolean, default: .boolean(true),
                "Whether calls are shed in overload. If not, they wait, until their time is over."),
            .init(
                "admission.target", .durationMillis(1...60_000), default: .durationMillis(5_000),
                """
                How long requests may wait for their turn: this, or a third of their budget if that is less. While all \
                wait longer than that, those are shed that have waited twice as long. Clients that wait for each answer \
                before they ask again wait for each other: with many of them, for large requests, this must be longer than \
                one answer to each takes.
                """),
            .init(
                "admission.interval", .durationMillis(1...60_000), default: .durationMillis(20),
                "For how long all must have waited longer."),
            .init(
                "admission.maxInFlight", .integer(1...1_000_000), default: .integer(16_384),
                """
                Requests of one method that an event loop has begun and not answered: writes that wait for the log. Who \
                has some is not served on from half of this; who has none is refused from this on.
                """),
            .init(
                "admission.minInFlight", .integer(1...1_000_000), default: .integer(1_024),
                """
                So many of them are let in in any case. Between this and the maximum the limit follows how long they take: \
                longer than usual makes it smaller.
                """),
        ])

    private static let memory = ConfigurationSection(
        "memory", "The embedded engine.",
        [
            .init(
                "memory.maxMemory", .sizeBytes(1 << 20...1 << 46), default: .sizeBytes(0),
                zeroMeans: "\(ServerConfiguration.Memory.sharePercent)% of the container's limit, or of the machine",
                "The memory that entries may take."),
            .init(
                "memory.eviction", .choice(allowed: EvictionPolicy.allCases.map(\.rawValue)),
                default: .text(EvictionPolicy.none.rawValue),
                "When it is full: none (writes get OUT_OF_MEMORY) or s3fifo (entries that are little used go)."
            ),
            .init(
                "memory.shards", .powerOfTwo(1...4_096), default: .integer(64),
                "Parts of the table, each with a lock of its own."),
        ])

    private static let engine = ConfigurationSection(
        "engine", "Where entries live.",
        [
            .init(
                "engine.kind", .choice(allowed: EngineKind.allCases.map(\.rawValue)),
                default: .text(EngineKind.memory.rawValue),
                """
                memory is the embedded engine, with its log. redis is a Redis or Valkey (7.0 or later), one or a cluster; \
                this server keeps nothing then, and the other keys of this section count.
                """),
            .init(
                "engine.endpoints", .list(.endpoint), default: .list([]),
                "Nodes as host:port; of a cluster some are enough. The embedded engine has none."),
            .init("engine.user", .text(.free), default: .absent, "Who this server is to the nodes (AUTH)."),
            .init(
                "engine.password", .text(.free), default: .absent, isSecret: true,
                "What it proves that with. Better given as a variable than in a file."),
            .init("engine.tls", .boolean, default: .boolean(false), "Whether the nodes speak TLS."),
            .init(
                "engine.tlsCa", .text(.path), default: .absent,
                "A PEM file with the authorities of the nodes' certificates. Absent: those that the system trusts."),
            .init(
                "engine.tlsVerification", .choice(allowed: NodeVerification.allCases.map(\.rawValue)),
                default: .text(NodeVerification.full.rawValue),
                """
                What a node's certificate must prove: full (that it is trusted, and that it is the node's: of a cluster, for \
                the addresses that the nodes give each other), anyHost (only that it is trusted) or none.
                """),
            .init(
                "engine.tlsCertificate", .text(.path), default: .absent,
                "A PEM file with the certificate that this server shows to nodes that ask for one."),
            .init(
                "engine.tlsKey", .text(.path), default: .absent,
                "A PEM file with that certificate's private key, not encrypted."),
            .init(
                "engine.connectionsPerNode", .integer(1...64), default: .integer(1),
                "Connections of each event loop to each node; calls share them."),
            .init(
                "engine.connectTimeout", .durationMillis(1...60_000), default: .durationMillis(5_000),
                "How long a connection to a node may take to be usable."),
            .init(
                "engine.writeTimeout", .durationMillis(1...600_000), default: .durationMillis(2_000),
                "A connection to a node on which nothing leaves for so long is replaced."),
            .init(
                "engine.readTimeout", .durationMillis(1...600_000), default: .durationMillis(2_000),
                "A connection to a node on which nothing comes for so long, though answers are missing, is replaced."),
            .init(
                "engine.replicas", .integer(1...16), default: .integer(0), zeroMeans: "the level is not offered",
                """
                Replicas that must have a write of the level REPLICATED before it is answered (WAIT). With it, a write that \
                asks for nothing gets this level.
                """),
            .init(
                "engine.replicationTimeout", .durationMillis(1...60_000), default: .durationMillis(5_000),
                "How long such a write waits for them."),
            .init(
                "engine.readFrom", .choice(allowed: ReadSource.allCases.map(\.rawValue)),
                default: .text(ReadSource.primary.rawValue),
                "Which nodes reads go to: primary, replica or any. Replicas may be behind."),
            .init(
                "engine.hedgePercent", .integer(1...100), default: .integer(5), zeroMeans: "none",
                """
                Of a hundred reads from replicas, how many may be asked of a second node when the first takes longer than \
                95 of a hundred of its own.
                """),
        ])

    private static let reads = ConfigurationSection(
        "reads", "How reads of many keys are spread: multiGet on a distributed engine, and the history's ranges.",
        [
            .init(
                "reads.concurrency", .integer(1...4_096), default: .integer(64),
                "Parts of one read that run at the same time; 1 is one after the other."),
            .init(
                "reads.keysPerPart", .integer(1...10_000), default: .integer(256),
                "Keys of one part, which is one message to a node; those of different nodes are different parts."),
        ])

    private static let history = ConfigurationSection(
        "history", "Service History: what happened to owners, by time.",
        [
            .init(
                "history.period", .durationMillis(1...31_536_000_000), default: .durationMillis(3_600_000),
                """
                The stretch of time whose events are one value of the store. It stays as it is: what was written with \
                another one is not found.
                """),
            .init(
                "history.codec", .choice(allowed: HistoryCodec.allCases.map(\.rawValue)),
                default: .text(HistoryCodec.msgpack.rawValue),
                "How events are encoded inside these values. Those that were written with the other codec are read, too."
            ),
            .init(
                "history.buffers", .choice(allowed: HistoryBuffers.allCases.map(\.rawValue)),
                default: .text(HistoryBuffers.pooled.rawValue),
                """
                How these values are expanded: pooled (through a small window that is used again) or fresh (whole, into \
                memory of their own; slower, for comparisons).
                """),
        ])

    private static let serverRelations: [ConfigurationRelation] = [
        .init("limits.defaultTimeout", "must not be longer than", "limits.maxTimeout") {
            $0.durationMillis("limits.defaultTimeout") <= $0.durationMillis("limits.maxTimeout")
        },
        .init("limits.maxValueSize", "must be smaller than", "limits.maxFrameSize") {
            $0.sizeBytes("limits.maxValueSize") < $0.sizeBytes("limits.maxFrameSize")
        },
        .init("limits.maxHeldBytes", "must be at least twice", "limits.maxFrameSize") {
            $0.sizeBytes("limits.maxHeldBytes") == 0
                || $0.sizeBytes("limits.maxHeldBytes") >= 2 * $0.sizeBytes("limits.maxFrameSize")
        },
        .init("limits.maxResponseSize", "must not be larger than", "limits.maxFrameSize") {
            $0.sizeBytes("limits.maxResponseSize") <= $0.sizeBytes("limits.maxFrameSize")
        },
        .init("engine.kind", "needs", "engine.endpoints") {
            $0.text("engine.kind") == EngineKind.memory.rawValue || !$0.list("engine.endpoints").isEmpty
        },
        // In plaintext nothing of the nodes is checked, and the password is there to be read.
        .init("engine.tlsCa", "needs", "engine.tls") {
            $0.optionalText("engine.tlsCa") == nil || $0.boolean("engine.tls")
        },
        .init("engine.tlsVerification", "needs", "engine.tls") {
            $0.text("engine.tlsVerification") == NodeVerification.full.rawValue || $0.boolean("engine.tls")
        },
        .init("engine.tlsCertificate", "needs", "engine.tls") {
            $0.optionalText("engine.tlsCertificate") == nil || $0.boolean("engine.tls")
        },
        .init("engine.tlsCertificate", "needs", "engine.tlsKey") {
            $0.optionalText("engine.tlsCertificate") == nil || $0.optionalText("engine.tlsKey") != nil
        },
        .init("engine.tlsKey", "needs", "engine.tlsCertificate") {
            $0.optionalText("engine.tlsKey") == nil || $0.optionalText("engine.tlsCertificate") != nil
        },
        // That engine's levels are its own; a level that it does not have would be promised.
        .init("log.durability", "is not kept by", "engine.kind") {
            $0.text("engine.kind") == EngineKind.memory.rawValue || $0["log.durability"].origin == .default
                || $0.text("log.durability") == LogDurability.memory.rawValue
        },
        .init("log.bufferSize", "must be at least", "limits.maxFrameSize") {
            $0.sizeBytes("log.bufferSize") == 0
                || $0.sizeBytes("log.bufferSize") >= $0.sizeBytes("limits.maxFrameSize")
        },
        .init("admission.minInFlight", "must not be larger than", "admission.maxInFlight") {
            $0.integer("admission.minInFlight") <= $0.integer("admission.maxInFlight")
        },
        .init("rpc.writeBufferLowWatermark", "must be smaller than", "rpc.writeBufferHighWatermark") {
            $0.sizeBytes("rpc.writeBufferLowWatermark") < $0.sizeBytes("rpc.writeBufferHighWatermark")
        },
        .init("tls.mode", "needs", "tls.certificate") {
            $0.text("tls.mode") == TLSMode.off.rawValue || $0.optionalText("tls.certificate") != nil
        },
        .init("admin.tls", "needs", "tls.certificate") {
            !$0.boolean("admin.tls") || $0.optionalText("tls.certificate") != nil
        },
        .init("tls.certificate", "needs", "tls.key") {
            $0.optionalText("tls.certificate") == nil || $0.optionalText("tls.key") != nil
        },
        .init("tls.key", "needs", "tls.certificate") {
            $0.optionalText("tls.key") == nil || $0.optionalText("tls.certificate") != nil
        },
        // Who asks for certificates and gets none would not notice. An authority that is said to be none, as `config print`
        // does, is a warning.
        .init("tls.clientCertificates", "needs", "tls.ca") {
            $0["tls.clientCertificates"].origin == .default || $0["tls.ca"].origin != .default
        },
        .init("rpc.port", "must differ from", "admin.port") {
            // Zero picks a free port each time, and two addresses do not meet unless one of them is every interface.
            let (rpc, admin) = ($0.text("rpc.host"), $0.text("admin.host"))
            let addressesMeet = rpc == admin || !["0.0.0.0", "::"].filter { [rpc, admin].contains($0) }.isEmpty
            return $0.integer("rpc.port") == 0 || $0.integer("rpc.port") != $0.integer("admin.port") || !addressesMeet
        },
    ]
}
