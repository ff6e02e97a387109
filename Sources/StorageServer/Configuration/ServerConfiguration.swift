//! The configuration as the server reads it: typed, checked, complete. Made only from a resolved table, so that a
//! value that is here was accepted. Zeroes that mean "look at the container" stay zeroes; the functions at the end
//! resolve them.

public import Logging

/// What a write gets that asks for nothing.
public enum LogDurability: String, Sendable, Hashable, CaseIterable {
    /// Applied; there is no log at all.
    case memory
    /// Handed to the kernel.
    case logged
    /// On disk.
    case synced
}

/// How log messages look.
public enum LogFormat: String, Sendable, Hashable, CaseIterable {
    case json
    case text
    /// Text on a terminal, JSON otherwise.
    case auto

    /// JSON or text, never `auto`.
    public func resolved(isTerminal: Bool) -> LogFormat {
        self == .auto ? (isTerminal ? .text : .json) : self
    }
}

/// What happens when memory is full.
public enum EvictionPolicy: String, Sendable, Hashable, CaseIterable {
    /// Writes get an error.
    case none
    /// Entries that are little used go, by S3-FIFO.
    case s3fifo
}

/// What certificates of nodes must prove.
public enum NodeVerification: String, Sendable, Hashable, CaseIterable {
    case full
    case anyHost
    case none
}

/// Where entries live.
public enum EngineKind: String, Sendable, Hashable, CaseIterable {
    /// In this process.
    case memory
    /// In a Redis or Valkey, one or a cluster.
    case redis
}

/// Which nodes of a distributed engine reads go to.
public enum ReadSource: String, Sendable, Hashable, CaseIterable {
    case primary
    case replica
    case any
}

/// How blobs of the history are expanded.
public enum HistoryBuffers: String, Sendable, Hashable, CaseIterable {
    /// Through a small window that is used again and again.
    case pooled
    /// Whole, into memory of their own.
    case fresh
}

/// How the events of one period are encoded.
public enum HistoryCodec: String, Sendable, Hashable, CaseIterable {
    case msgpack
    case thrift
}

/// Whether the RPC port speaks TLS.
public enum TLSMode: String, Sendable, Hashable, CaseIterable {
    case off
    /// A connection's first bytes decide.
    case optional
    /// Plaintext is refused.
    case required
}

/// Whether clients have to show a certificate, where theirs can be verified.
public enum ClientCertificateRule: String, Sendable, Hashable, CaseIterable {
    case optional
    case required
}

/// Everything that `serve` can be told.
public struct ServerConfiguration: Sendable, Hashable {
    /// The port for requests.
    public struct RPC: Sendable, Hashable {
        public var host: String
        /// 0: a free one.
        public var port: Int
        public var unixSocketPath: String?
        /// 0: as many as the container allows.
        public var eventLoops: Int
        /// Of the quota, thousandths of a core that are for others.
        public var reservedMilliCores: Int
        public var maxConnections: Int
        public var backlog: Int
        public var writeBufferHighWatermarkBytes: Int
        public var writeBufferLowWatermarkBytes: Int
        /// 0: a stop does not wait.
        public var shutdownTimeoutMillis: Int64
        /// 0: clients may stall for ever.
        public var stallTimeoutMillis: Int64

        /// Event loops to start: the configured number, or what the container allows.
        public func eventLoopCount(in container: ContainerLimits) -> Int {
            eventLoops == 0 ? container.eventLoops(reservingMilliCPUs: reservedMilliCores) : eventLoops
        }
    }

    /// The HTTP port for people and metrics.
    public struct Admin: Sendable, Hashable {
        public var host: String
        /// 0: a free one.
        public var port: Int
        /// The port speaks HTTPS.
        public var tls: Bool
        /// The port answers below `/debug`.
        public var debug: Bool
    }

    /// How connections are secured.
    public struct TLS: Sendable, Hashable {
        public var mode: TLSMode
        /// PEM files; both are there if the RPC port or the admin port speaks TLS.
        public var certificatePath: String?
        public var keyPath: String?
        /// A PEM file; nil: clients are not asked for certificates.
        public var authorityPath: String?
        public var clientCertificates: ClientCertificateRule
    }

    /// What is kept on disk.
    public struct Log: Sendable, Hashable {
        public var directory: String
        public var durability: LogDurability
        /// What is damaged is given up.
        public var salvage: Bool
        public var segmentSizeBytes: Int
        /// Never 0: twice the frame limit, if nothing else was said.
        public var bufferSizeBytes: Int
        public var syncIntervalMillis: Int64
        /// 0: no snapshots by time.
        public var snapshotIntervalMillis: Int64
        public var snapshotSizeBytes: Int
        /// 0: no scrub.
        public var scrubIntervalMillis: Int64
    }

    /// What the service says about itself.
    public struct Logging: Sendable, Hashable {
        public var format: LogFormat
        public var level: Logger.Level
    }

    /// Bounds on one request.
    public struct Limits: Sendable, Hashable {
        public var maxKeySizeBytes: Int
        public var maxValueSizeBytes: Int
        public var maxKeysPerRequest: Int
        public var maxFrameSizeBytes: Int
        /// For each event loop.
        public var maxHeldBytes: Int
        /// Never 0: the frame limit, if nothing else was said.
        public var maxResponseSizeBytes: Int
        public var maxDepth: Int
        public var defaultTimeoutMillis: Int64
        public var maxTimeoutMillis: Int64
    }

    /// What is shed in overload.
    public struct Admission: Sendable, Hashable {
        public var enabled: Bool
        public var targetMillis: Int64
        public var intervalMillis: Int64
        /// For each event loop and method.
        public var maxInFlight: Int
        public var minInFlight: Int
    }

    /// The embedded engine.
    public struct Memory: Sendable, Hashable {
        /// What of the container's memory entries may take, if nothing else was said. The rest is for connections'
        /// buffers, the table's slots and the allocator's waste.
        public static let sharePercent = 75

        /// 0: a share of the container's memory.
        public var maxMemoryBytes: Int
        public var eviction: EvictionPolicy
        /// A power of two.
        public var shards: Int

        /// The bytes that entries may take: the configured number, or a share of the container's memory.
        public func maxMemoryBytes(in container: ContainerLimits) -> Int {
            maxMemoryBytes == 0 ? container.memoryBytes / 100 * Self.sharePercent : maxMemoryBytes
        }
    }

    /// What happens when memory comes near its limit.
    public struct Governor: Sendable, Hashable {
        public var enabled: Bool
        /// 0: the container's limit, or the machine's memory.
        public var memoryLimitBytes: Int
    }

    /// TLS to the nodes of a distributed engine.
    public struct NodeTLS: Sendable, Hashable {
        /// PEM files. Nil: the authorities that the system trusts; no certificate of our own.
        public var authorityPath: String?
        public var certificatePath: String?
        public var keyPath: String?
        public var verification: NodeVerification
    }

    /// Where entries live.
    public struct Engine: Sendable, Hashable {
        public var kind: EngineKind
        /// `host:port` of each node; empty for the embedded engine.
        public var endpoints: [String]
        public var user: String?
        public var password: String?
        /// Nil: in plaintext.
        public var tls: NodeTLS?
        /// Of each event loop.
        public var connectionsPerNode: Int
        public var connectTimeoutMillis: Int64
        public var writeTimeoutMillis: Int64
        public var readTimeoutMillis: Int64
        /// Replicas that must have a write; 0: the level is not offered.
        public var replicas: Int
        public var replicationTimeoutMillis: Int64
        public var readFrom: ReadSource
        /// Of a hundred reads from replicas, how many may be asked for twice.
        public var hedgePercent: Int
    }

    /// How reads of many keys are spread over the nodes of a distributed engine.
    public struct Reads: Sendable, Hashable {
        /// Parts of one read that run at the same time.
        public var concurrency: Int
        public var keysPerPart: Int
    }

    /// What happened to owners, by time.
    public struct History: Sendable, Hashable {
        public var periodMillis: Int64
        /// How events are encoded in blobs that are written.
        public var codec: HistoryCodec
        public var buffers: HistoryBuffers
    }

    /// Which calls are shown as slow, and whether keys are looked at.
    public struct SlowCalls: Sendable, Hashable {
        /// 0: none.
        public var thresholdMillis: Int64
        /// 0: they are not logged.
        public var logPerSecond: Int
        /// One key in so many; 0: none.
        public var sampleKeys: Int
    }

    /// Where spans of calls go.
    public struct Tracing: Sendable, Hashable {
        /// Nil: nothing is traced.
        public var endpoint: String?
        /// 0 to 1.
        public var sampleRatio: Double
    }

    /// How alert rules are looked at, and which there are.
    public struct Alerting: Sendable, Hashable {
        /// 0: there are no alerts.
        public var intervalMillis: Int64
        package var rules: [AlertRule]
    }

    public var rpc: RPC
    public var admin: Admin
    public var tls: TLS
    public var log: Log
    public var logging: Logging
    public var limits: Limits
    public var admission: Admission
    public var memory: Memory
    public var governor: Governor
    public var engine: Engine
    public var reads: Reads
    public var history: History
    public var slowCalls: SlowCalls
    public var tracing: Tracing
    public var alerting: Alerting

    /// All defaults.
    public static let defaults = ServerConfiguration(ResolvedConfiguration(.server))

    /// The values of a resolved server table.
    package init(_ resolved: ResolvedConfiguration) {
        rpc = RPC(
            host: resolved.text("rpc.host"),
            port: resolved.integer("rpc.port"),
            unixSocketPath: resolved.optionalText("rpc.unixSocket"),
            eventLoops: resolved.integer("rpc.eventLoops"),
            reservedMilliCores: resolved.milliCores("rpc.reservedCores"),
            maxConnections: resolved.integer("rpc.maxConnections"),
            backlog: resolved.integer("rpc.backlog"),
            writeBufferHighWatermarkBytes: resolved.sizeBytes("rpc.writeBufferHighWatermark"),
            writeBufferLowWatermarkBytes: resolved.sizeBytes("rpc.writeBufferLowWatermark"),
            shutdownTimeoutMillis: resolved.durationMillis("rpc.shutdownTimeout"),
            stallTimeoutMillis: resolved.durationMillis("rpc.stallTimeout"))
        admin = Admin(
            host: resolved.text("admin.host"), port: resolved.integer("admin.port"), tls: resolved.boolean("admin.tls"),
            debug: resolved.boolean("admin.debug"))
        tls = TLS(
            mode: resolved.choice("tls.mode"), certificatePath: resolved.optionalText("tls.certificate"),
            keyPath: resolved.optionalText("tls.key"), authorityPath: resolved.optionalText("tls.ca"),
            clientCertificates: resolved.choice("tls.clientCertificates"))
        let maxFrameSizeBytes = resolved.sizeBytes("limits.maxFrameSize")
        let bufferSizeBytes = resolved.sizeBytes("log.bufferSize")
        log = Log(
            directory: resolved.text("log.directory"), durability: resolved.choice("log.durability"),
            salvage: resolved.boolean("log.salvage"), segmentSizeBytes: resolved.sizeBytes("log.segmentSize"),
            bufferSizeBytes: bufferSizeBytes == 0 ? 2 * maxFrameSizeBytes : bufferSizeBytes,
            syncIntervalMillis: resolved.durationMillis("log.syncInterval"),
            snapshotIntervalMillis: resolved.durationMillis("log.snapshotInterval"),
            snapshotSizeBytes: resolved.sizeBytes("log.snapshotSize"),
            scrubIntervalMillis: resolved.durationMillis("log.scrubInterval"))
        logging = Logging(format: resolved.choice("logging.format"), level: resolved.choice("logging.level"))
        let maxHeldBytes = resolved.sizeBytes("limits.maxHeldBytes")
        let maxResponseSizeBytes = resolved.sizeBytes("limits.maxResponseSize")
        limits = Limits(
            maxKeySizeBytes: resolved.sizeBytes("limits.maxKeySize"),
            maxValueSizeBytes: resolved.sizeBytes("limits.maxValueSize"),
            maxKeysPerRequest: resolved.integer("limits.maxKeysPerRequest"),
            maxFrameSizeBytes: maxFrameSizeBytes,
            maxHeldBytes: maxHeldBytes == 0 ? 4 * maxFrameSizeBytes : maxHeldBytes,
            maxResponseSizeBytes: maxResponseSizeBytes == 0 ? maxFrameSizeBytes : maxResponseSizeBytes,
            maxDepth: resolved.integer("limits.maxDepth"),
            defaultTimeoutMillis: resolved.durationMillis("limits.defaultTimeout"),
            maxTimeoutMillis: resolved.durationMillis("limits.maxTimeout"))
        admission = Admission(
            enabled: resolved.boolean("admission.enabled"), targetMillis: resolved.durationMillis("admission.target"),
            intervalMillis: resolved.durationMillis("admission.interval"),
            maxInFlight: resolved.integer("admission.maxInFlight"),
            minInFlight: resolved.integer("admission.minInFlight"))
        memory = Memory(
            maxMemoryBytes: resolved.sizeBytes("memory.maxMemory"),
            eviction: resolved.choice("memory.eviction"),
            shards: resolved.integer("memory.shards"))
        governor = Governor(
            enabled: resolved.boolean("governor.enabled"), memoryLimitBytes: resolved.sizeBytes("governor.memoryLimit"))
        engine = Engine(
            kind: resolved.choice("engine.kind"), endpoints: resolved.list("engine.endpoints"),
            user: resolved.optionalText("engine.user"), password: resolved.optionalText("engine.password"),
            tls: !resolved.boolean("engine.tls")
                ? nil
                : NodeTLS(
                    authorityPath: resolved.optionalText("engine.tlsCa"),
                    certificatePath: resolved.optionalText("engine.tlsCertificate"),
                    keyPath: resolved.optionalText("engine.tlsKey"),
                    verification: resolved.choice("engine.tlsVerification")),
            connectionsPerNode: resolved.integer("engine.connectionsPerNode"),
            connectTimeoutMillis: resolved.durationMillis("engine.connectTimeout"),
            writeTimeoutMillis: resolved.durationMillis("engine.writeTimeout"),
            readTimeoutMillis: resolved.durationMillis("engine.readTimeout"),
            replicas: resolved.integer("engine.replicas"),
            replicationTimeoutMillis: resolved.durationMillis("engine.replicationTimeout"),
            readFrom: resolved.choice("engine.readFrom"), hedgePercent: resolved.integer("engine.hedgePercent"))
        reads = Reads(
            concurrency: resolved.integer("reads.concurrency"), keysPerPart: resolved.integer("reads.keysPerPart"))
        history = History(
            periodMillis: resolved.durationMillis("history.period"), codec: resolved.choice("history.codec"),
            buffers: resolved.choice("history.buffers"))
        slowCalls = SlowCalls(
            thresholdMillis: resolved.durationMillis("slowCalls.threshold"),
            logPerSecond: resolved.integer("slowCalls.logPerSecond"),
            sampleKeys: resolved.integer("slowCalls.sampleKeys"))
        tracing = Tracing(
            endpoint: resolved.optionalText("tracing.endpoint"),
            sampleRatio: Double(resolved.text("tracing.sampleRatio")) ?? 0)
        alerting = Alerting(
            intervalMillis: resolved.durationMillis("alerting.interval"),
            rules: resolved.entries(of: ConfigurationTable.alerts).compactMap { try? AlertRule.enabled($0) })
    }
}
