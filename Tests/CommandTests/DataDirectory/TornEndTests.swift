//! What a kill or a crash leaves at the end of the log: it is cut off, never believed, and said.

internal import Foundation
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct TornEnd {
        private static let keys = (0..<5).map { "short-\($0)" }
        private static let message = "cut the end of the log"

        private func expectCut(
            _ server: RunningServer, file: String, offset: Int? = nil, bytes: Int? = nil, records: Int
        ) throws {
            let line = try JSONValue.object(server.waitForLog(Self.message))
            #expect(line["level"] == .string("warning"))
            #expect(line["file"] == .string(file))
            if let offset { #expect(line["offset"] == .integer(offset)) }
            if let bytes { #expect(line["bytes"] == .integer(bytes)) }
            #expect(line["records"] == .integer(records))
        }

        @Test("what was being written when the server was killed is cut, and said in bytes and records")
        func garbage() async throws {
            let directory = try TemporaryDirectory()
            let ledger = try await DataServer.run(in: directory, until: SIGKILL) {
                try await DataServer.put(Self.keys, to: $0)
            }
            let files = DataFiles(directory)
            let name = try #require(try files.segments.last)
            // Records begin at multiples of 8.
            let end = (try files.end(of: name) + 7) / 8 * 8
            try files.write(Array(repeating: 0xAB, count: 104), to: name, at: end)
            try await DataServer.run(in: directory) { server throws in
                try expectCut(server, file: name, offset: end, bytes: 104, records: 0)
                #expect(try await ledger.complaints(about: server).isEmpty)
                _ = try await DataServer.put(["after"], to: server)
            }
            // The next start finds a log that goes on behind what was cut.
            let next = try RunningServer(DataServer.arguments, in: directory)
            #expect(try await ledger.complaints(about: next).isEmpty)
            next.send(SIGTERM)
            #expect(try next.wait() == 0)
            let log = try next.completeLog()
            #expect(!log.contains { $0.contains(Self.message) })
        }

        @Test("whole records behind a torn one go with it, where nobody was told that they are on disk")
        func records() async throws {
            let directory = try TemporaryDirectory()
            // No sync by time either, which a mark behind it would show.
            let ledger = try await DataServer.run(["--log-sync-interval", "1h"], in: directory, until: SIGKILL) {
                let ledger = try await DataServer.put(Self.keys, to: $0)
                let client = LedgerClient($0)
                for index in 0..<3 { _ = await client.put("unsynced-\(index)", .logged) }
                await client.close()
                return ledger
            }
            let files = DataFiles(directory)
            let name = try #require(try files.segments.last)
            try files.spoil(name, at: files.offset(of: "unsynced-0", in: name))
            try await DataServer.run(in: directory) { server throws in
                try expectCut(server, file: name, records: 2)
                #expect(try await ledger.complaints(about: server).isEmpty)
                let client = LedgerClient(server)
                for index in 0..<3 { #expect(try await client.version(of: "unsynced-\(index)") == nil) }
                await client.close()
            }
        }
    }
}
