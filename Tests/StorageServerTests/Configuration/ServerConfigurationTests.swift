import StorageServer
import Testing

@Suite("The server's configuration")
struct ServerConfigurationTests {
    @Test("the contract's defaults")
    func defaults() {
        let defaults = ServerConfiguration.defaults
        #expect(defaults.rpc.host == "127.0.0.1")
        #expect(defaults.rpc.port == 7_400)
        #expect(defaults.rpc.unixSocketPath == nil)
        #expect(defaults.rpc.eventLoops == 0)
        #expect(defaults.rpc.maxConnections == 10_000)
        #expect(defaults.rpc.shutdownTimeoutMillis == 10_000)
        #expect(defaults.admin == ServerConfiguration.defaults.admin)
        #expect(defaults.admin.host == "127.0.0.1")
        #expect(defaults.admin.port == 7_401)
        #expect(defaults.log.directory == "./needletail-data")
        #expect(defaults.log.durability == .synced)
        #expect(!defaults.log.salvage)
        #expect(defaults.log.segmentSizeBytes == 64 << 20)
        #expect(defaults.log.bufferSizeBytes == 128 << 20)
        #expect(defaults.log.syncIntervalMillis == 1_000)
        #expect(defaults.log.snapshotIntervalMillis == 3_600_000)
        #expect(defaults.log.snapshotSizeBytes == 256 << 20)
        #expect(defaults.log.scrubIntervalMillis == 86_400_000)
        #expect(defaults.logging.format == .auto)
        #expect(defaults.limits.maxKeySizeBytes == 4_096)
        #expect(defaults.limits.maxValueSizeBytes == 16 << 20)
        #expect(defaults.limits.maxKeysPerRequest == 10_000)
        #expect(defaults.limits.maxFrameSizeBytes == 64 << 20)
        #expect(defaults.limits.maxHeldBytes == 256 << 20)
        #expect(defaults.limits.maxResponseSizeBytes == 64 << 20)
        #expect(defaults.limits.maxDepth == 64)
        #expect(defaults.limits.defaultTimeoutMillis == 10_000)
        #expect(defaults.limits.maxTimeoutMillis == 60_000)
        #expect(defaults.admission.enabled)
        #expect(defaults.admission.targetMillis == 5_000)
        #expect(defaults.admission.intervalMillis == 20)
        #expect(defaults.admission.maxInFlight == 16_384)
        #expect(defaults.admission.minInFlight == 1_024)
        #expect(defaults.memory.maxMemoryBytes == 0)
        #expect(defaults.memory.eviction == .none)
        #expect(defaults.memory.shards == 64)
        #expect(defaults.engine == ServerConfiguration.defaults.engine)
        #expect(defaults.engine.kind == .memory)
        #expect(defaults.engine.endpoints == [])
        #expect(defaults.history.periodMillis == 3_600_000)
        #expect(defaults.history.codec == .msgpack)
        #expect(defaults.history.buffers == .pooled)
        #expect(defaults.reads.concurrency == 64)
        #expect(defaults.reads.keysPerPart == 256)
        #expect(defaults.alerting.intervalMillis == 5_000)
        #expect(defaults.alerting.rules == AlertRule.defaults)
    }

    /// A value for each key that is not its default.
    private static let others = [
        "rpc.host": "0.0.0.0", "rpc.port": "1", "rpc.unixSocket": "/tmp/s", "rpc.eventLoops": "3",
        "rpc.reservedCores": "0.5",
        "rpc.maxConnections": "3", "rpc.backlog": "3", "rpc.writeBufferHighWatermark": "1MiB",
        "rpc.writeBufferLowWatermark": "1KiB", "rpc.stallTimeout": "3s", "rpc.shutdownTimeout": "3s",
        "admin.host": "::1", "admin.port": "3", "admin.tls": "true", "admin.debug": "false",
        "tls.mode": "required", "tls.certificate": "/c", "tls.key": "/k", "tls.ca": "/a",
        "tls.clientCertificates": "optional",
        "log.directory": "/d",
        "log.durability": "memory", "log.salvage": "true",
        "log.segmentSize": "1MiB", "log.bufferSize": "1GiB", "log.syncInterval": "3s", "log.snapshotInterval": "3s",
        "log.snapshotSize": "1MiB", "log.scrubInterval": "1h", "logging.format": "json", "logging.level": "debug",
        "limits.maxKeySize": "3", "limits.maxValueSize": "3", "limits.maxKeysPerRequest": "3",
        "limits.maxFrameSize": "128MiB", "limits.maxHeldBytes": "128MiB", "limits.maxResponseSize": "8KiB",
        "limits.maxDepth": "9",
        "admission.enabled": "false", "admission.target": "5ms", "admission.interval": "100ms",
        "admission.maxInFlight": "2000", "admission.minInFlight": "10",
        "limits.defaultTimeout": "3s", "limits.maxTimeout": "30s", "memory.maxMemory": "1GiB",
        "memory.eviction": "s3fifo", "memory.shards": "8",
        "governor.enabled": "false", "governor.memoryLimit": "1GiB", "engine.kind": "redis",
        "engine.endpoints": "a:1", "engine.user": "u", "engine.password": "p",
        "engine.tls": "true", "engine.tlsCa": "/a", "engine.tlsVerification": "anyHost", "engine.tlsCertificate": "/c",
        "engine.tlsKey": "/k", "engine.connectionsPerNode": "3",
        "engine.connectTimeout": "3s", "engine.writeTimeout": "3s", "engine.readTimeout": "3s", "engine.replicas": "3",
        "engine.replicationTimeout": "3s", "engine.readFrom": "any", "engine.hedgePercent": "3",
        "reads.concurrency": "3", "reads.keysPerPart": "3",
        "history.period": "1m", "history.codec": "thrift", "history.buffers": "fresh",
        "slowCalls.threshold": "3s", "slowCalls.logPerSecond": "3", "slowCalls.sampleKeys": "3",
        "tracing.endpoint": "http://c:1/v1/traces", "tracing.sampleRatio": "0.5",
        "alerting.interval": "1s",
    ]

    /// Keys that another is refused without.
    private static let companions = [
        "admin.tls": ["tls.certificate", "tls.key"], "tls.mode": ["tls.certificate", "tls.key"],
        "tls.certificate": ["tls.key"], "tls.key": ["tls.certificate"],
        "tls.clientCertificates": ["tls.ca"], "engine.kind": ["engine.endpoints"],
        "engine.tlsCa": ["engine.tls"], "engine.tlsVerification": ["engine.tls"],
        "engine.tlsCertificate": ["engine.tls", "engine.tlsKey"],
        "engine.tlsKey": ["engine.tls", "engine.tlsCertificate"],
    ]

    @Test("every key reaches the server, by flag and by variable")
    func everyKey() throws {
        let loader = ConfigurationLoader()
        for key in ConfigurationTable.server.keys {
            let text = try #require(Self.others[key.name], "a value for \(key.name)")
            let companions = Self.companions[key.name] ?? []
            let pairs = try companions.map {
                (try #require(ConfigurationTable.server.key(named: $0)), try #require(Self.others[$0]))
            }
            let together = pairs + [(key, text)]
            let flag = try loader.load(
                loader.parse(arguments: together.map { "\($0.longFlag)=\($1)" }), environment: [:])
            let variable = try loader.load(
                environment: Dictionary(
                    uniqueKeysWithValues: together.map { ($0.variable(prefix: "NEEDLETAIL_"), $1) }))
            let bare = try? loader.load(
                loader.parse(arguments: pairs.map { "\($0.longFlag)=\($1)" }), environment: [:])
            #expect(flag.server != bare?.server ?? .defaults, "\(key.name)")
            #expect(flag.server == variable.server, "\(key.name)")
        }
    }

    @Test("the keys of the table are the ones that are tested")
    func keys() {
        let names = Set(ConfigurationTable.server.keys.map(\.name))
        #expect(names == Set(Self.others.keys))
    }

    @Test(
        "cores as YAML's users write them", arguments: [("0.5", 500), ("2", 2_000), ("1.250", 1_250), ("\"3\"", 3_000)])
    func reservedCores(text: String, milliCores: Int) throws {
        let file = ConfigurationFile(text: "rpc:\n  reservedCores: \(text)\n", path: "a.yaml", table: .server)
        let rpc = ServerConfiguration(try ConfigurationLoader().resolve(file: file).resolved).rpc
        #expect(rpc.reservedMilliCores == milliCores)
    }

    @Test("the section tls, with off as YAML's users write it")
    func tls() throws {
        let text = "tls:\n  mode: off\n  certificate: c.pem\n  key: k.pem\n  ca: a.pem\nadmin:\n  tls: true\n"
        let file = ConfigurationFile(text: text, path: "a.yaml", table: .server)
        let tls = ServerConfiguration(try ConfigurationLoader().resolve(file: file).resolved).tls
        #expect(tls.mode == .off)
        #expect(tls.certificatePath == "c.pem" && tls.keyPath == "k.pem" && tls.authorityPath == "a.pem")
        #expect(tls.clientCertificates == .required)
    }

    @Test(
        "asking for certificates without an authority is refused, whatever is asked",
        arguments: ["required", "optional"])
    func certificatesWithoutAuthority(_ rule: String) throws {
        let loader = ConfigurationLoader()
        var arguments = [
            "--tls-mode=required", "--tls-certificate=c.pem", "--tls-key=k.pem", "--tls-client-certificates=\(rule)",
        ]
        let error = #expect(throws: ConfigurationError.self) {
            try loader.load(loader.parse(arguments: arguments), environment: [:])
        }
        let line = try #require(error?.lines.first)
        #expect(error?.lines.count == 1 && line.contains("tls.clientCertificates (\(rule), flag"))
        #expect(line.contains("needs tls.ca"))
        arguments.append("--tls-ca=a.pem")
        #expect(try loader.load(loader.parse(arguments: arguments), environment: [:]).warnings == [])
    }

    @Test("asking for certificates where the authority is said to be none is warned of")
    func certificatesWithNoAuthority() throws {
        let text = "tls: {mode: required, certificate: c.pem, key: k.pem, ca: null, clientCertificates: required}\n"
        let tree = try TemporaryTree(["n.yaml": text])
        let loaded = try ConfigurationLoader.load(arguments: ["--config", "\(tree.path)/n.yaml"], environment: [:])
        #expect(loaded.warnings.count == 1)
        #expect(loaded.warnings.first?.contains("asks nobody for a certificate") == true)
    }

    @Test("an authority beside plaintext is warned of")
    func authorityBesidePlaintext() throws {
        let loader = ConfigurationLoader()
        let arguments = ["--tls-mode=optional", "--tls-certificate=c.pem", "--tls-key=k.pem", "--tls-ca=a.pem"]
        let loaded = try loader.load(loader.parse(arguments: arguments), environment: [:])
        #expect(loaded.warnings.count == 1)
        #expect(loaded.warnings.first?.contains("may name any fromService") == true)
    }

    @Test("a response is as large as a frame, unless it is said")
    func responseSize() throws {
        let loader = ConfigurationLoader()
        let larger = try loader.load(loader.parse(arguments: ["--limits-max-frame-size=128MiB"]), environment: [:])
        #expect(larger.server.limits.maxResponseSizeBytes == 128 << 20)
        let said = try loader.load(loader.parse(arguments: ["--limits-max-response-size=1MiB"]), environment: [:])
        #expect(said.server.limits.maxResponseSizeBytes == 1 << 20)
    }

    @Test("zeroes ask the container")
    func container() {
        let container = ContainerLimits(
            cpuQuotaMilliCPUs: 2_500, memoryLimitBytes: 1_000_000_000, affinityCPUs: 8, physicalMemoryBytes: 1 << 40)
        var configuration = ServerConfiguration.defaults
        #expect(configuration.rpc.eventLoopCount(in: container) == 2)
        #expect(configuration.memory.maxMemoryBytes(in: container) == 750_000_000)
        configuration.rpc.eventLoops = 5
        configuration.memory.maxMemoryBytes = 1 << 30
        #expect(configuration.rpc.eventLoopCount(in: container) == 5)
        #expect(configuration.memory.maxMemoryBytes(in: container) == 1 << 30)
    }

    @Test("auto is text on a terminal and JSON elsewhere")
    func logFormat() {
        #expect(LogFormat.auto.resolved(isTerminal: true) == .text)
        #expect(LogFormat.auto.resolved(isTerminal: false) == .json)
        #expect(LogFormat.json.resolved(isTerminal: true) == .json)
        #expect(LogFormat.text.resolved(isTerminal: false) == .text)
    }
}
