//! `log verify` and `log dump` on directories of a real server.

internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct VerifyAndDump {
        private static let keys = (0..<16).map { "long-\($0)" }

        private func directory(_ keys: [String], valueBytes: Int = 0) async throws -> TemporaryDirectory {
            let directory = try TemporaryDirectory()
            _ = try await DataServer.run(in: directory) {
                try await DataServer.put(keys, valueBytes: valueBytes, to: $0)
            }
            return directory
        }

        @Test("a whole directory: 0, every file, and what it holds")
        func whole() async throws {
            let directory = try await directory(Self.keys, valueBytes: DataServer.longBytes)
            let text = try Command.run(["log", "verify", "data"], in: directory.url)
            #expect(text.status == 0)
            #expect(text.errors.isEmpty)
            let segments = try DataFiles(directory).segments
            for name in segments { #expect(text.output.contains("\(name): segment")) }
            #expect(text.outputLines.last?.hasPrefix("whole: 16 records, 16 changes") == true, "\(text.output)")

            let report = try Command.run(["log", "verify", "data", "--json"], in: directory.url).object()
            #expect(report["isWhole"] == .bool(true))
            #expect(report["changes"] == .integer(16))
            #expect(report["files"]?.array?.count == segments.count)
        }

        @Test("a bit that flipped: 1, with file and offset, and nothing is changed")
        func damaged() async throws {
            let directory = try await directory(Self.keys, valueBytes: DataServer.longBytes)
            let files = DataFiles(directory)
            let name = try files.segments[1]
            let place = try files.offset(of: Self.keys[6], in: name)
            try files.spoil(name, at: place + 5_000)
            let before = try files.contents

            let text = try Command.run(["log", "verify", "data"], in: directory.url)
            #expect(text.status == 1)
            #expect(text.outputLines.last?.hasPrefix("damaged: 15 records") == true, "\(text.output)")
            let report = try Command.run(["log", "verify", "data", "--json"], in: directory.url)
            #expect(report.status == 1)
            let file = try #require(
                report.object()["files"]?.array?.compactMap(\.object).first { $0["name"] == .string(name) })
            let damage = try #require(file["damages"]?.array?.first?.object)
            let offset = try #require(damage["offset"]?.integer)
            #expect((place - 64..<place).contains(offset))
            #expect(text.output.contains("\(name), offset \(offset): "))

            let dump = try Command.run(["log", "dump", "data"], in: directory.url)
            #expect(dump.status == 1)
            #expect(dump.outputLines.count == 15)
            #expect(dump.errors.contains("\(name), offset \(offset): "))
            let after = try files.contents
            #expect(after == before)
        }

        @Test("a torn end is no damage, and is told", arguments: [["log", "verify", "data"]])
        func torn(arguments: [String]) async throws {
            let directory = try await directory(["key"])
            let files = DataFiles(directory)
            let name = try #require(try files.segments.last)
            try files.write(Array(repeating: 0xAB, count: 104), to: name, at: (try files.end(of: name) + 7) / 8 * 8)
            let result = try Command.run(arguments, in: directory.url)
            #expect(result.status == 0)
            #expect(result.output.contains("a torn end") && result.output.contains("104 bytes, 0 records"))
        }

        @Test(
            "what is no data directory: 3 and one line",
            arguments: [["log", "verify"], ["log", "dump"], ["restore"]], ["missing", "."])
        func noDirectory(command: [String], path: String) throws {
            let directory = try TemporaryDirectory()
            try directory.write("Dear Sir", to: "letter.txt")
            let result = try Command.run(command + [path], in: directory.url)
            #expect(result.status == 3)
            #expect(result.errorLines.count == 1)
            #expect(result.output.isEmpty)
        }

        @Test("every change is a line: kind, key, value, expiry; what is no text in base 64")
        func dump() async throws {
            let directory = try TemporaryDirectory()
            try await DataServer.run(in: directory) { server throws in
                #expect(try server.run(["put", "a", "1", "--ttl", "1h"]).status == 0)
                #expect(try server.run(["touch", "a", "--ttl", "2h"]).status == 0)
                #expect(try server.run(["remove", "a"]).status == 0)
                #expect(try server.run(["put", "b", "-"], input: [0xFF, 0x00]).status == 0)
                let client = StorageClient(RPCClient(to: .tcp(host: "127.0.0.1", port: server.port)))
                let entries = ["c", "d"].map { Entry(key: ByteBuffer(string: $0), value: ByteBuffer(string: "2")) }
                _ = try await client.multiPut(MultiPutRequest(entries: entries, atomic: true))
                await client.rpc.close()
            }
            let result = try Command.run(["log", "dump", "data"], in: directory.url)
            #expect(result.status == 0)
            #expect(result.errors.isEmpty)
            let lines = try result.outputLines.map(JSONValue.object)
            #expect(lines.map { $0["kind"]?.string } == ["put", "touch", "remove", "put", "put", "put"])
            #expect(lines[..<4].map { $0["key"]?.string } == ["a", "a", "a", "b"])
            #expect(Set(lines[4...].map { $0["key"]?.string }) == ["c", "d"], "in the order of their shards")
            #expect(lines[0]["value"] == .string("1"))
            #expect(lines[0]["offset"] == .integer(96))
            #expect(lines[3]["valueBase64"] == .string("/wA="))
            let expiries = lines.map { $0["expiresAtMillis"]?.integer ?? 0 }
            #expect(expiries[1] - expiries[0] > 3_500_000)
            #expect(expiries[2...] == [0, 0, 0, 0])
            let lsns = lines.compactMap { $0["lsn"]?.integer }
            #expect(lsns == [0, 1, 2, 3, 4, 4].map { (lsns.first ?? 0) + $0 }, "a batch has one")
            #expect(lines.map { $0["batch"] == .bool(true) } == [false, false, false, false, true, true])
            #expect(lines[4]["offset"] == lines[5]["offset"])
        }

        @Test("a reader that leaves early is no error")
        func brokenPipe() async throws {
            let directory = try await directory(Self.keys, valueBytes: DataServer.longBytes)
            // Once with the signal that ends most programs, once without it.
            for prefix in ["", "trap '' PIPE; "] {
                let result = try Command.run(
                    URL(filePath: "/bin/bash"),
                    [
                        "-c",
                        prefix + "\"$0\" log dump data | head -c 10; status=${PIPESTATUS[0]}; echo; echo $status",
                        Surroundings.binary.path,
                    ],
                    environment: Surroundings.environment(), in: directory.url, secondsMax: 30)
                #expect(result.errors.isEmpty)
                #expect(["0", "141"].contains(result.outputLines.last), "\(result.output)")
            }
        }
    }
}
