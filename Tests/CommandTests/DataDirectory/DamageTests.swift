//! What a server does where its files are not what it wrote.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Damage {
        private static let keys = (0..<16).map { "long-\($0)" }

        /// A directory whose log has several closed segments, each full of long values.
        private func filledDirectory() async throws -> (TemporaryDirectory, WriteLedger) {
            let directory = try TemporaryDirectory()
            let ledger = try await DataServer.run(in: directory) {
                try await DataServer.put(Self.keys, valueBytes: DataServer.longBytes, to: $0)
            }
            try #require(try DataFiles(directory).segments.count >= 4)
            return (directory, ledger)
        }

        @Test("a bit that flipped in a closed file: refused with its place and what is lost; the rest can be had")
        func closedSegment() async throws {
            let (directory, ledger) = try await filledDirectory()
            let files = DataFiles(directory)
            let name = try files.segments[1]
            let place = try files.offset(of: Self.keys[6], in: name)
            try files.spoil(name, at: place + 5_000)
            let before = try files.contents

            let refused = try DataServer.refuse(in: directory)
            #expect(refused.status == 3)
            for part in ["is damaged", name, "checksum", "--salvage", "gives up: \(name)"] {
                #expect(refused.errors.contains(part), "\(refused.errors)")
            }
            let offset = try #require(refused.errors.firstMatch(of: /offset (\d+)/).flatMap { Int($0.1) })
            #expect((place - 64..<place).contains(offset), "where the record begins")
            let after = try files.contents
            #expect(after == before, "nothing is changed on disk")

            try await DataServer.run(["--salvage"], in: directory) { server throws in
                let client = LedgerClient(server)
                for key in Self.keys {
                    #expect(try await client.version(of: key) == (key == Self.keys[6] ? nil : ledger.kept[key]))
                }
                await client.close()
                try server.waitForLog("salvaged")
                try server.waitForLog("wrote a snapshot")
            }
            // What was given up is asked for once.
            try await DataServer.run(in: directory) { server throws in
                #expect(try server.run(["get", Self.keys[5], "--json"]).status == 0)
                #expect(try server.run(["get", Self.keys[6]]).status == 1)
            }
        }

        @Test("a file of the log that is missing: refused, and named")
        func missingSegment() async throws {
            let (directory, _) = try await filledDirectory()
            let files = DataFiles(directory)
            let name = try files.segments[1]
            try FileManager.default.removeItem(at: files.url.appending(path: name))
            let refused = try DataServer.refuse(in: directory)
            #expect(refused.status == 3)
            for part in [name, "missing", "--salvage"] { #expect(refused.errors.contains(part), "\(refused.errors)") }
        }

        @Test("a last file that is shorter than it was made is no torn end, but damage")
        func shortSegment() async throws {
            let (directory, ledger) = try await filledDirectory()
            let files = DataFiles(directory)
            let name = try #require(try files.segments.last)
            try files.truncate(name, to: try files.end(of: name) / 2)
            let refused = try DataServer.refuse(in: directory)
            #expect(refused.status == 3)
            for part in [name, "--salvage"] { #expect(refused.errors.contains(part), "\(refused.errors)") }
            try await DataServer.run(["--salvage"], in: directory) { server throws in
                let client = LedgerClient(server)
                #expect(try await client.version(of: Self.keys[0]) == ledger.kept[Self.keys[0]])
                await client.close()
            }
        }
    }
}
