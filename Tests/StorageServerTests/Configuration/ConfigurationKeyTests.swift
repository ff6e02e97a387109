import StorageServer
import Testing

@Suite("Keys: names and values")
struct ConfigurationKeyTests {
    @Test(
        "flag and variable follow from the dotted name",
        arguments: [
            ("rpc.port", "--rpc-port", "NEEDLETAIL_RPC_PORT"),
            ("limits.maxValueSize", "--limits-max-value-size", "NEEDLETAIL_LIMITS_MAX_VALUE_SIZE"),
            (
                "rpc.writeBufferHighWatermark", "--rpc-write-buffer-high-watermark",
                "NEEDLETAIL_RPC_WRITE_BUFFER_HIGH_WATERMARK"
            ),
            ("rpc.unixSocket", "--rpc-unix-socket", "NEEDLETAIL_RPC_UNIX_SOCKET"),
        ])
    func names(name: String, flag: String, variable: String) throws {
        let key = try #require(ConfigurationTable.server.key(named: name))
        #expect(key.longFlag == flag)
        #expect(key.variable(prefix: "NEEDLETAIL_") == variable)
        #expect(ConfigurationTable.server.key(flag: flag)?.name == name)
        #expect(ConfigurationTable.server.key(variable: variable)?.name == name)
    }

    @Test(
        "the short flags of the contract are there",
        arguments: [
            ("--port", "rpc.port"), ("--admin-port", "admin.port"), ("--unix-socket", "rpc.unixSocket"),
            ("--data-dir", "log.directory"), ("--durability", "log.durability"), ("--event-loops", "rpc.eventLoops"),
            ("--log-format", "logging.format"),
        ])
    func shortFlags(flag: String, name: String) {
        #expect(ConfigurationTable.server.key(flag: flag)?.name == name)
    }

    @Test(
        "a text of the right type and range is a value",
        arguments: [
            ("door.isOpen", "true", .boolean(true)), ("door.isOpen", "false", .boolean(false)),
            ("door.password", "", .absent), ("door.password", " x ", .text(" x ")),
            ("door.colours", "", .list([])), ("door.colours", "a", .list(["a"])),
            ("door.colours", "a, b ,c", .list(["a", "b", "c"])),
            ("wall.height", "0", .sizeBytes(0)), ("wall.height", "1kB", .sizeBytes(1_000)),
            ("wall.brick.age", "1m", .durationMillis(60_000)), ("wall.bricks", "64", .integer(64)),
            ("wall.masons", "2", .milliCores(2_000)), ("wall.masons", "0.125", .milliCores(125)),
            ("wall.kind", "wood", .text("wood")),
        ] as [(String, String, ConfigurationValue)])
    func accepted(name: String, text: String, value: ConfigurationValue) throws {
        let key = try ConfigurationKey.test(name)
        #expect(try key.value(of: text) == value)
        #expect(try key.value(of: value.text) == value, "written and read again")
    }

    @Test(
        "any other text is refused, and it is said how",
        arguments: [
            ("door.isOpen", "yes", .wrongType), ("door.isOpen", "", .wrongType), ("door.isOpen", "True", .wrongType),
            ("door.sign", "", .wrongType), ("door.sign", "a\0b", .wrongType),
            ("door.colours", "a,,b", .wrongType), ("door.colours", ",", .wrongType),
            ("door.pin", "", .wrongType), ("door.pin", "1_000", .wrongType), ("door.pin", "0x3E8", .wrongType),
            ("door.pin", "--5", .wrongType), ("door.pin", "1000.0", .wrongType), ("door.pin", " 1000", .wrongType),
            ("door.pin", "-", .wrongType), ("door.pin", "-5", .outOfRange), ("door.pin", "999", .outOfRange),
            ("door.pin", "10000", .outOfRange), ("door.pin", "99999999999999999999", .outOfRange),
            ("door.pin", "0", .outOfRange),
            ("wall.height", "9", .outOfRange), ("wall.height", "1KiB", .outOfRange), ("wall.height", "ten", .wrongType),
            ("wall.height", "8388608TiB", .outOfRange),
            ("wall.brick.age", "0", .outOfRange), ("wall.brick.age", "7", .missingUnit),
            ("wall.brick.age", "61s", .outOfRange), ("wall.brick.age", "soon", .wrongType),
            ("wall.bricks", "3", .wrongType), ("wall.bricks", "128", .outOfRange), ("wall.bricks", "0", .outOfRange),
            ("wall.masons", "2.001", .outOfRange), ("wall.masons", "0", .outOfRange),
            ("wall.masons", "500m", .wrongType),
            ("wall.kind", "paper", .wrongType), ("wall.kind", "Stone", .wrongType),
            ("wall.kind", "glass", .refused("it breaks")),
        ] as [(String, String, ValueFault)])
    func refused(name: String, text: String, fault: ValueFault) throws {
        let key = try ConfigurationKey.test(name)
        #expect(throws: fault) { try key.value(of: text) }
    }

    @Test("hosts", arguments: ["127.0.0.1", "::1", "::", "localhost", "a-b.c_d.example", "fe80::1%eth0"])
    func host(text: String) { #expect(TextRule.host.accepts(text)) }

    @Test(
        "no hosts", arguments: ["", "a b", "http://x", "[::1]", "a/b", "x\n", "ü", String(repeating: "a", count: 254)])
    func noHost(text: String) { #expect(!TextRule.host.accepts(text)) }

    @Test("endpoints", arguments: ["localhost:6379", "10.0.0.1:1", "[::1]:65535"])
    func endpoint(text: String) { #expect(TextRule.endpoint.accepts(text)) }

    @Test(
        "no endpoints",
        arguments: ["", "localhost", ":1", "a:", "a:0", "a:65536", "a:x", "a:+1", "::1:6379", "[]:1", "a b:1", "a:1 "])
    func noEndpoint(text: String) { #expect(!TextRule.endpoint.accepts(text)) }

    @Test(
        "URLs",
        arguments: [
            "http://collector", "https://collector/v1/traces", "http://127.0.0.1:4318/v1/traces", "http://[::1]:65535/",
            "http://[::1]", "http://a:1?b=c:99999", "http://a/b:99999", "https://user:70000@a.example:443/x",
        ])
    func url(text: String) { #expect(TextRule.url.accepts(text)) }

    @Test(
        "no URLs",
        arguments: [
            "", "collector:4318", "ftp://a", "http://", "http:///v1", "http://:4318/", "http://?a", "http://#a",
            "http://a:/", "http://a:0", "http://a:65536/v1", "http://127.0.0.1:99999", "http://a:x", "http://a:+1",
            "http://user@", "http://user@:1", "http://::1:4318", "http://[]:1", "http://[::1", "http://a b", "http://ü",
        ])
    func noURL(text: String) { #expect(!TextRule.url.accepts(text)) }

    @Test("a Unix socket's path has to fit its address")
    func socketPath() {
        #expect(TextRule.socketPath.accepts("/" + String(repeating: "a", count: 106)))
        #expect(!TextRule.socketPath.accepts("/" + String(repeating: "a", count: 107)))
    }

    @Test(
        "the nearest name is suggested, and only a near one",
        arguments: [
            ("rpc.prot", "rpc.port"), ("rpc.Port", "rpc.port"), ("limits.max-value-size", "limits.maxValueSize"),
            ("limits.maxvaluesize", "limits.maxValueSize"), ("limit.maxDepth", "limits.maxDepth"),
            ("rpc.directory", "log.directory"), ("rpc.maxValueSize", "limits.maxValueSize"),
            ("directory", "log.directory"), ("rpc.colour", nil), ("", nil), ("x.host", nil),
        ] as [(String, String?)])
    func suggestion(name: String, expected: String?) {
        #expect(ConfigurationTable.server.suggestion(for: name) == expected)
    }

    @Test("a name too long to be a slip is compared with nothing")
    func longName() {
        #expect(NearestName.of(String(repeating: "a", count: 100_000), in: ["a"]) == nil)
    }
}
