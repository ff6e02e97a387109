//! The client commands against a running server, in every protocol.

internal import Foundation
internal import Testing

private let protocols = ["msgpack", "thrift", "thrift-compact", "theader", "ttheader"]

/// Whether the loopback interface has the address ::1.
private let hasIPv6 =
    (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?
    .contains("00000000000000000000000000000001 ") == true

extension CommandTests {
    @Suite struct ClientCommands {
        @Test("put, get and remove do what they say", arguments: protocols)
        func singleKey(wire: String) throws {
            try RunningServer.with { server throws in
                func run(_ arguments: String...) throws -> CommandResult {
                    try server.run(arguments + ["--protocol", wire])
                }
                #expect(try run("put", "key", "value").status == 0)
                let text = try run("get", "key")
                #expect(text.status == 0)
                #expect(text.output == "value\n")
                let object = try run("get", "key", "--json").object()
                #expect(object["key"] == .string("key"))
                #expect(object["value"] == .string("value"))
                #expect(object["version"]?.integer != nil)
                #expect(object["ttlMillis"] == nil, "it never expires")

                let put = try run("put", "key", "other", "--json")
                #expect(put.status == 0)
                #expect(try put.object()["applied"] == .bool(true))
                #expect(try run("put", "key", "third", "--if-absent").status == 1)
                let refused = try run("put", "key", "third", "--if-absent", "--json")
                #expect(refused.status == 1)
                #expect(try refused.object()["applied"] == .bool(false))
                #expect(try run("get", "key").output == "other\n")

                #expect(try run("remove", "key").status == 0)
                #expect(try run("remove", "key").status == 1)
                let removed = try run("remove", "key", "--json")
                #expect(removed.status == 1)
                #expect(try removed.object() == ["removed": .bool(false)])
                let missing = try run("get", "key")
                #expect(missing.status == 1)
                #expect(missing.output.isEmpty)
                #expect(missing.errorLines.count == 1)
            }
        }

        @Test("increment adds, starts and goes below zero", arguments: protocols)
        func increment(wire: String) throws {
            try RunningServer.with { server throws in
                func run(_ arguments: String...) throws -> CommandResult {
                    try server.run(["increment"] + arguments + ["--protocol", wire])
                }
                #expect(try run("n").output == "1\n")
                #expect(try run("n", "--by", "5").output == "6\n")
                #expect(try run("n", "--by=-2").output == "4\n")
                #expect(try run("n", "--by=-9", "--initial", "100").output == "-5\n")
                #expect(try run("fresh", "--by=-2", "--initial", "10").output == "8\n")
                #expect(try run("fresh", "--json").object()["value"] == .integer(9))
                #expect(try server.run(["put", "text", "no number"]).status == 0)
                let refused = try run("text")
                #expect(refused.status == 3)
                #expect(refused.errors.contains("NOT_AN_INTEGER"))
            }
        }

        @Test("multi-get prints a line for each key that is there, and ends with 1 if one is not", arguments: protocols)
        func multiGet(wire: String) throws {
            try RunningServer.with { server throws in
                func run(_ arguments: String...) throws -> CommandResult {
                    try server.run(arguments + ["--protocol", wire])
                }
                #expect(try run("put", "a", "1").status == 0)
                #expect(try run("put", "b", "").status == 0)
                let all = try run("multi-get", "a", "b", "a")
                #expect(all.status == 0)
                #expect(all.output == "a\t1\nb\t\na\t1\n")
                let some = try run("multi-get", "a", "nobody")
                #expect(some.status == 1)
                #expect(some.output == "a\t1\n")
                #expect(some.errors.contains("nobody"))
                let json = try run("multi-get", "nobody", "a", "--json")
                #expect(json.status == 1)
                #expect(
                    try json.outputLines.map(JSONValue.object) == [
                        ["key": .string("nobody"), "status": .string("MISSING")],
                        ["key": .string("a"), "status": .string("FOUND"), "value": .string("1")],
                    ])
            }
        }

        @Test("touch and --ttl set how long a key lives", arguments: protocols)
        func timeToLive(wire: String) throws {
            try RunningServer.with { server throws in
                func run(_ arguments: String...) throws -> CommandResult {
                    try server.run(arguments + ["--protocol", wire])
                }
                #expect(try run("touch", "key", "--ttl", "1h").status == 1)
                #expect(try run("put", "key", "value", "--ttl", "30s").status == 0)
                let short = try #require(try run("get", "key", "--json").object()["ttlMillis"]?.integer)
                #expect((1...30_000).contains(short))
                let touched = try run("touch", "key", "--ttl", "1h", "--json")
                #expect(touched.status == 0)
                #expect(try touched.object() == ["found": .bool(true)])
                let long = try #require(try run("get", "key", "--json").object()["ttlMillis"]?.integer)
                #expect((3_000_000...3_600_000).contains(long))
            }
        }

        @Test("scan prints every key with the prefix and no other", arguments: protocols)
        func scan(wire: String) throws {
            try RunningServer.with { server throws in
                // More than one page of the command, filled over one connection.
                let count = 2_500
                let filler = try RawSocket.connect(port: server.port)
                try filler.send(
                    (0..<count).flatMap { RawProtocol.messagePack.put(id: $0, key: "many:\($0)", value: [0x31]) })
                try filler.endSending()
                _ = try filler.receiveToEnd()
                func run(_ arguments: String...) throws -> CommandResult {
                    try server.run(arguments + ["--protocol", wire])
                }
                #expect(try run("put", "user:1", "Ada").status == 0)
                #expect(try run("put", "user:2", "Bo").status == 0)
                #expect(Set(try run("scan", "--prefix", "user:").outputLines) == ["user:1\tAda", "user:2\tBo"])
                #expect(
                    Set(try run("scan", "--prefix", "user:", "--keys-only").outputLines) == ["user:1", "user:2"])
                #expect(try run("scan", "--prefix", "user:", "--limit", "1").outputLines.count == 1)
                #expect(Set(try run("scan").outputLines).isSuperset(of: ["user:1\tAda", "user:2\tBo"]))
                let none = try run("scan", "--prefix", "nobody:")
                #expect(none.status == 0)
                #expect(none.output.isEmpty)
                let objects = try run("scan", "--prefix", "user:", "--json").outputLines.map(JSONValue.object)
                #expect(Set(objects.compactMap { $0["key"]?.string }) == ["user:1", "user:2"])
                #expect(Set(objects.compactMap { $0["value"]?.string }) == ["Ada", "Bo"])
                let many = try run("scan", "--prefix", "many:").outputLines
                #expect(Set(many) == Set((0..<count).map { "many:\($0)\t1" }))
            }
        }

        @Test("a value from standard input comes back byte for byte", arguments: protocols)
        func binaryValue(wire: String) throws {
            try RunningServer.with { server throws in
                let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } + [0, 0xFF, 0x0A, 0x0D]
                #expect(try server.run(["put", "bin", "-", "--protocol", wire], input: bytes).status == 0)
                let plain = try server.run(["get", "bin", "--protocol", wire])
                #expect(plain.status == 0)
                #expect(plain.outputBytes == bytes + [0x0A])
                let object = try server.run(["get", "bin", "--protocol", wire, "--json"]).object()
                #expect(object["value"] == nil)
                #expect(object["valueBase64"]?.string == Data(bytes).base64EncodedString())
                #expect(try server.run(["put", "empty", "-", "--protocol", wire]).status == 0)
                #expect(try server.run(["get", "empty", "--protocol", wire]).output == "\n")
            }
        }

        @Test("ping answers", arguments: protocols)
        func ping(wire: String) throws {
            try RunningServer.with { server throws in
                #expect(try server.run(["ping", "--protocol", wire]).output == "pong\n")
                #expect(
                    try server.run(["ping", "--protocol", wire, "--json"]).object() == ["answer": .string("pong")])
            }
        }

        @Test("stats prints the figures of the admin port")
        func stats() throws {
            try RunningServer.with { server throws in
                #expect(try server.run(["put", "key", "value"]).status == 0)
                let text = try Command.run(["stats", "--admin-port", "\(server.adminPort)"])
                #expect(text.status == 0)
                #expect(text.outputLines.contains { $0.hasPrefix("keys ") && $0.hasSuffix(" 1") })
                #expect(text.outputLines.contains { $0.hasPrefix("calls of put ") && $0.contains(" 1, p50 ") })
                let json = try Command.run(["stats", "--admin-port", "\(server.adminPort)", "--json"])
                #expect(json.status == 0)
                let report = try json.object()
                #expect(report["engine"]?.object?["keys"] == .integer(1))
                #expect(report["ready"] == .bool(true))
                #expect(try Command.run(["stats", "--admin-port", "\(server.port)"]).status == 3)
            }
        }

        @Test("stats takes an IPv6 address as it is", .enabled(if: hasIPv6, "the machine has no ::1"))
        func statsOverIPv6() throws {
            try RunningServer.with(["--admin-host", "::1"]) { server throws in
                for host in ["::1", "[::1]"] {
                    let result = try Command.run(["stats", "--host", host, "--admin-port", "\(server.adminPort)"])
                    #expect(result.status == 0, "\(host): \(result.errors)")
                }
            }
        }

        @Test("a reader that leaves early ends a command with 0 and without a word")
        func brokenPipe() throws {
            try RunningServer.with { server throws in
                let value = [UInt8](repeating: UInt8(ascii: "v"), count: 200_000)
                for key in ["a", "b"] { #expect(try server.run(["put", key, "-"], input: value).status == 0) }
                for command in [
                    "get a", "get a --json", "multi-get a b", "multi-get a b --json", "scan", "scan --json",
                ] {
                    let result = try shell(
                        "\"$0\" \(command) --port \(server.port) | head -c 10; status=${PIPESTATUS[0]}; echo; echo $status"
                    )
                    #expect(result.errors.isEmpty, "\(command): \(result.errors)")
                    #expect(result.outputLines.last == "0", "\(command)")
                }
                // What is missing is said on standard error, where nobody reads here.
                let missing = try shell(
                    "\"$0\" multi-get x y --port \(server.port) 2>&1 > /dev/null | true; echo ${PIPESTATUS[0]}")
                #expect(missing.outputLines == ["1"])
            }
        }

        @Test("what standard output does not take for another reason is said, and ends with 3")
        func fullOutput() throws {
            try RunningServer.with { server throws in
                #expect(try server.run(["put", "key", "value"]).status == 0)
                for command in ["get key", "get key --json", "scan", "ping", "increment n"] {
                    let result = try shell("\"$0\" \(command) --port \(server.port) > /dev/full; echo $?")
                    #expect(result.outputLines == ["3"], "\(command)")
                    #expect(result.errorLines.count == 1 && result.errors.contains("cannot be written"), "\(command)")
                }
            }
        }

        /// Runs a line of Bash, for which `$0` is the command.
        private func shell(_ line: String) throws -> CommandResult {
            try Command.run(
                URL(filePath: "/bin/bash"), ["-c", line, Surroundings.binary.path],
                environment: Surroundings.environment(), secondsMax: 30)
        }

        @Test("--unix-socket speaks to the server's socket", arguments: protocols)
        func unixSocket(wire: String) throws {
            let directory = try TemporaryDirectory()
            let path = directory.path("s")
            try RunningServer.with(["--unix-socket", path]) { server throws in
                let more = ["--unix-socket", path, "--protocol", wire]
                #expect(try Command.run(["put", "key", "value"] + more).status == 0)
                #expect(try Command.run(["get", "key"] + more).output == "value\n")
                #expect(try server.run(["get", "key"]).output == "value\n", "both are one server")
            }
        }
    }
}
