import StorageServer
import Testing

@Suite("Layers, the environment, relations")
struct ConfigurationLoaderTests {
    private func load(
        _ words: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws(ConfigurationError) -> (resolved: ResolvedConfiguration, warnings: [String]) {
        let loader = ConfigurationLoader()
        let file = file.map { ConfigurationFile(text: $0, path: "f.yaml", table: .server) }
        return try loader.resolve(loader.parse(arguments: words), environment: environment, file: file)
    }

    private func lines(
        _ words: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) -> [String] {
        problems { () throws(ConfigurationError) in _ = try load(words, environment: environment, file: file) }
    }

    @Test("a flag beats the environment, which beats the file, which beats the default")
    func precedence() throws {
        let (file, variable, words) = (
            "rpc:\n  port: 1\n  backlog: 1\n  maxConnections: 1\n",
            ["NEEDLETAIL_RPC_PORT": "2", "NEEDLETAIL_RPC_BACKLOG": "2"], ["--port", "3"]
        )
        let resolved = try load(words, environment: variable, file: file).resolved
        #expect(resolved["rpc.port"] == .init(value: .integer(3), origin: .flag("--port")))
        #expect(
            resolved["rpc.backlog"]
                == .init(value: .integer(2), origin: .environment(variable: "NEEDLETAIL_RPC_BACKLOG")))
        #expect(resolved["rpc.maxConnections"] == .init(value: .integer(1), origin: .file(path: "f.yaml", line: 4)))
        #expect(resolved["rpc.host"] == .init(value: .text("127.0.0.1"), origin: .default))
    }

    @Test("a stronger empty value beats a weaker one")
    func emptyWins() throws {
        let resolved = try load(
            ["--unix-socket="], environment: ["NEEDLETAIL_ENGINE_ENDPOINTS": ""],
            file: "rpc.unixSocket: /tmp/x\nengine.endpoints: [a:1]\n"
        ).resolved
        #expect(resolved["rpc.unixSocket"].value == .absent)
        #expect(resolved["engine.endpoints"].value == .list([]))
    }

    @Test("lists in variables are separated by commas")
    func listVariable() throws {
        let resolved = try load(environment: ["NEEDLETAIL_ENGINE_ENDPOINTS": "a:1,b:2, [::1]:3"]).resolved
        #expect(resolved["engine.endpoints"].value == .list(["a:1", "b:2", "[::1]:3"]))
    }

    @Test("all problems of all sources come at once, also where a stronger source overrides")
    func allProblems() {
        let lines = lines(
            ["--port", "7400", "--bakclog", "3"], environment: ["NEEDLETAIL_RPC_PORT": "many"],
            file: "rpc:\n  port: 70000\n  hots: x\n")
        #expect(
            lines == [
                "flag --bakclog: unknown flag",
                "file f.yaml:3: unknown key 'rpc.hots'; did you mean 'rpc.host'?",
                "file f.yaml:2: rpc.port: '70000' is out of range; expected a whole number from 1 to "
                    + "65535, or 0 (picks a free one)",
                "environment NEEDLETAIL_RPC_PORT: rpc.port: 'many' is not valid; expected a whole number "
                    + "from 1 to 65535, or 0 (picks a free one)",
            ])
    }

    @Test("unknown variables are one warning; others' variables are none of our business")
    func unknownVariables() throws {
        let warnings = try load(environment: [
            "NEEDLETAIL_SERVICE_HOST": "10.0.0.1", "NEEDLETAIL_PORT_7400_TCP": "tcp://10.0.0.1:7400",
            "NEEDLETAIL_RPC_PROT": "1", "HOME": "/root", "NEEDLETAILX": "1",
        ]).warnings
        #expect(
            warnings == [
                "environment: unknown variables are ignored: NEEDLETAIL_PORT_7400_TCP, "
                    + "NEEDLETAIL_RPC_PROT (did you mean NEEDLETAIL_RPC_PORT?), NEEDLETAIL_SERVICE_HOST"
            ])
        #expect(try load(environment: ["HOME": "/root"]).warnings.isEmpty)
    }

    @Test("a value of the file that a variable replaces is a warning; the same value, and a flag, are none")
    func replacedByVariable() throws {
        let warnings = try load(
            ["--port", "3", "--rpc-host", "::1"],
            environment: [
                "NEEDLETAIL_RPC_PORT": "2", "NEEDLETAIL_RPC_MAX_CONNECTIONS": "8", "NEEDLETAIL_RPC_BACKLOG": "5",
                "NEEDLETAIL_ENGINE_PASSWORD": "b", "NEEDLETAIL_ADMIN_PORT": "4",
            ],
            file: "rpc: {host: a, port: 9, maxConnections: 8}\nrpc.backlog: 7\nengine.password: a\n"
        ).warnings
        #expect(
            warnings == [
                "rpc.backlog (7, file f.yaml:2) is replaced by environment NEEDLETAIL_RPC_BACKLOG",
                "engine.password (hidden, file f.yaml:3) is replaced by environment NEEDLETAIL_ENGINE_PASSWORD",
            ])
    }

    @Test("what Kubernetes injects for a service named like a section is a warning, not a port")
    func serviceLinks() throws {
        let (resolved, warnings) = try load(environment: ["NEEDLETAIL_RPC_PORT": "tcp://10.0.0.1:7400"])
        #expect(resolved["rpc.port"].origin == .default)
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("NEEDLETAIL_RPC_PORT") == true)
        #expect(lines(environment: ["NEEDLETAIL_RPC_HOST": "tcp://10.0.0.1:7400"]).count == 1)
    }

    @Test("the distributed engine needs nodes, and promises no level of the log")
    func redis() {
        #expect(
            lines(["--engine-kind", "redis"]) == [
                "engine.kind (redis, flag --engine-kind) needs engine.endpoints ([], default)"
            ])
        let asked = ["--engine-kind", "redis", "--engine-endpoints", "a:1", "--durability", "synced"]
        #expect(
            lines(asked) == [
                "log.durability (synced, flag --durability) is not kept by engine.kind (redis, flag --engine-kind)"
            ])
    }

    @Test(
        "keys that do not fit together are one line that names both, with values and origins",
        arguments: [
            (
                ["--limits-default-timeout", "2m"],
                "limits.defaultTimeout (2m, flag --limits-default-timeout) must not be longer than "
                    + "limits.maxTimeout (1m, default)"
            ),
            (
                ["--limits-max-frame-size=16MiB"],
                "limits.maxValueSize (16MiB, default) must be smaller than limits.maxFrameSize (16MiB, "
                    + "flag --limits-max-frame-size)"
            ),
            (
                ["--limits-max-response-size", "65MiB"],
                "limits.maxResponseSize (65MiB, flag --limits-max-response-size) must not be larger than "
                    + "limits.maxFrameSize (64MiB, default)"
            ),
            (
                ["--rpc-write-buffer-low-watermark", "256KiB"],
                "rpc.writeBufferLowWatermark (256KiB, flag --rpc-write-buffer-low-watermark) must be smaller than "
                    + "rpc.writeBufferHighWatermark (256KiB, default)"
            ),
            (
                ["--tls-mode=optional"],
                "tls.mode (optional, flag --tls-mode) needs tls.certificate (null, default)"
            ),
            (
                ["--admin-tls"],
                "admin.tls (true, flag --admin-tls) needs tls.certificate (null, default)"
            ),
            (
                ["--tls-certificate=c.pem"],
                "tls.certificate (c.pem, flag --tls-certificate) needs tls.key (null, default)"
            ),
            (
                ["--tls-key=k.pem"],
                "tls.key (k.pem, flag --tls-key) needs tls.certificate (null, default)"
            ),
            (
                ["--engine-tls-ca=a.pem"],
                "engine.tlsCa (a.pem, flag --engine-tls-ca) needs engine.tls (false, default)"
            ),
            (
                ["--engine-tls-verification=anyHost"],
                "engine.tlsVerification (anyHost, flag --engine-tls-verification) needs engine.tls (false, default)"
            ),
            (
                ["--engine-tls-certificate=c.pem", "--engine-tls-key=k.pem", "--engine-tls=false"],
                "engine.tlsCertificate (c.pem, flag --engine-tls-certificate) needs engine.tls (false, flag "
                    + "--engine-tls)"
            ),
            (
                ["--port", "7401"],
                "rpc.port (7401, flag --port) must differ from admin.port (7401, default)"
            ),
            (
                ["--port", "7401", "--rpc-host", "0.0.0.0"],
                "rpc.port (7401, flag --port) must differ from admin.port (7401, default)"
            ),
        ])
    func relation(words: [String], line: String) {
        #expect(lines(words) == [line])
    }

    @Test(
        "what fits is accepted",
        arguments: [
            ["--limits-default-timeout", "60s"], ["--limits-max-timeout", "10s"],
            ["--limits-max-frame-size", "8KiB", "--limits-max-value-size", "4KiB"],
            ["--limits-max-response-size", "64MiB"], ["--port", "0", "--admin-port", "0"],
            ["--port", "7401", "--rpc-host", "127.0.0.2"], ["--limits-max-response-size", "8KiB"],
            ["--engine-tls-verification", "full"], ["--engine-tls", "--engine-tls-ca=a.pem"],
        ])
    func fits(words: [String]) {
        #expect(lines(words) == [])
    }

    @Test("a relation is silent about a key that is wrong anyway")
    func brokenKey() {
        #expect(lines(["--limits-default-timeout", "2m", "--limits-max-timeout", "x"]).count == 1)
    }

    @Test("the public way: arguments with a file, the environment, warnings")
    func load() throws {
        let tree = try TemporaryTree(["n.yaml": "admin:\n  port: 9\nengine:\n  endpoints: [\"a:1\"]\n"])
        let loader = ConfigurationLoader()
        let arguments = loader.parse(arguments: ["--config", tree.path + "/n.yaml", "--port=8"])
        let loaded = try loader.load(arguments, environment: ["NEEDLETAIL_X": "1"])
        #expect(loaded.server.admin.port == 9)
        #expect(loaded.server.rpc.port == 8)
        #expect(
            loaded.warnings == [
                "environment: unknown variables are ignored: NEEDLETAIL_X",
                "engine.endpoints ([\"a:1\"], file \(tree.path)/n.yaml:4) is not used by engine.kind (memory, default)",
            ])
        let missing = loader.parse(arguments: ["--config", tree.path + "/none.yaml"])
        #expect(
            problems { () throws(ConfigurationError) in _ = try loader.load(missing, environment: [:]) }
                == ["file \(tree.path)/none.yaml: cannot be read: there is no such file"])
    }

    @Test("a user without a password is a warning, and what config print writes is read again")
    func userWithoutPassword() throws {
        let words = ["--engine-user", "u", "--engine-password", "p"]
        let loaded = try ConfigurationLoader.load(arguments: words, environment: [:])
        #expect(loaded.warnings == [])
        let alone = try ConfigurationLoader.load(arguments: ["--engine-user", "u"], environment: [:])
        #expect(alone.warnings == ["engine.user (u, flag --engine-user) is not used without engine.password"])
        let tree = try TemporaryTree(["n.yaml": loaded.rendered()])
        let again = try ConfigurationLoader.load(arguments: ["--config", tree.path + "/n.yaml"], environment: [:])
        #expect(again.server.engine.user == "u" && again.server.engine.password == nil)
        #expect(again.warnings.count == 1)
    }

    @Test("one step from a command line's tail, with the caller's switches")
    func oneStep() throws {
        let loaded = try ConfigurationLoader.load(
            arguments: ["--dry-run", "--port", "0"], switches: ["--dry-run"], environment: [:])
        #expect(loaded.switches == ["--dry-run"])
        #expect(loaded.server.rpc.port == 0)
        do {
            _ = try ConfigurationLoader.load(arguments: ["--dry-run", "more"], environment: [:])
            Issue.record("accepted")
        } catch {
            #expect(error.lines == ["flag --dry-run: unknown flag"])
        }
    }
}
