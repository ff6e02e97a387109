//! What a server keeps over its end, as its users see it.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Restart {
        /// The default durability.
        private static let arguments = ["--data-dir", "data"]

        /// What `get --json` says of a key.
        private func entry(_ key: String, of server: RunningServer) throws -> [String: JSONValue] {
            try server.run(["get", key, "--json"]).object()
        }

        @Test("what was acknowledged is there after a stop and after a kill", arguments: [SIGTERM, SIGKILL])
        func restart(signal: Int32) throws {
            let directory = try TemporaryDirectory()
            let first = try RunningServer(Self.arguments, in: directory)
            #expect(try first.run(["put", "kept", "value", "--ttl", "1h"]).status == 0)
            #expect(try first.run(["increment", "count", "--by", "5"]).status == 0)
            #expect(try first.run(["put", "removed", "value"]).status == 0)
            #expect(try first.run(["remove", "removed"]).status == 0)
            let before = try entry("kept", of: first)
            first.send(signal)
            #expect(try first.wait() == (signal == SIGTERM ? 0 : -SIGKILL))
            #expect(FileManager.default.fileExists(atPath: directory.path("data/FORMAT")))

            try RunningServer.with(Self.arguments, in: directory) { server throws in
                let after = try entry("kept", of: server)
                #expect(after["value"] == .string("value"))
                #expect(after["version"] == before["version"])
                #expect(after["ttlMillis"]?.integer ?? 0 > 3_000_000)
                #expect(try server.run(["get", "count"]).outputLines == ["5"])
                #expect(try server.run(["get", "removed"]).status == 1)
                #expect(try server.run(["put", "kept", "again"]).status == 0)
                #expect(try entry("kept", of: server)["version"]?.integer ?? 0 > before["version"]?.integer ?? .max)
                try server.waitForLog("\"recovered\"")
            }
        }

        @Test("a server without a log begins empty and leaves the data alone")
        func memory() throws {
            let directory = try TemporaryDirectory()
            try RunningServer.with(Self.arguments, in: directory) { server throws in
                #expect(try server.run(["put", "kept", "value"]).status == 0)
            }
            try RunningServer.with(in: directory) { server throws in
                #expect(try server.run(["get", "kept"]).status == 1)
                #expect(try server.run(["put", "kept", "other"]).status == 0)
            }
            try RunningServer.with(Self.arguments + ["--durability", "logged"], in: directory) { server throws in
                #expect(try server.run(["get", "kept"]).outputLines == ["value"])
            }
        }

        @Test("damage in the middle refuses to start, says what is lost, and can be given up")
        func damage() throws {
            let directory = try TemporaryDirectory()
            try RunningServer.with(Self.arguments, in: directory) { server throws in
                for number in 0..<5 { #expect(try server.run(["put", "key\(number)", "value"]).status == 0) }
            }
            let segment = directory.url.appending(path: "data/00000000000000000001.log")
            var bytes = try Data(contentsOf: segment)
            let value = try #require(bytes.range(of: Data("key1value".utf8)))
            bytes[value.lowerBound] ^= 1
            try bytes.write(to: segment)

            let arguments = ["serve", "--port", "0", "--admin-port", "0", "--log-format", "text"] + Self.arguments
            let refused = try Command.run(arguments, in: directory.url)
            #expect(refused.status == 3)
            for part in ["00000000000000000001.log", "offset", "--salvage", "1 changes"] {
                #expect(refused.errors.contains(part), "\(refused.errors)")
            }
            try RunningServer.with(Self.arguments + ["--salvage"], in: directory) { server throws in
                #expect(try server.run(["get", "key1"]).status == 1)
                for number in [0, 2, 3, 4] { #expect(try server.run(["get", "key\(number)"]).status == 0) }
                try server.waitForLog("salvaged")
            }
        }
    }
}
