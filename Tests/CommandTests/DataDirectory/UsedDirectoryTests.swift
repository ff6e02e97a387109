//! Directories that a server must keep its hands off.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct UsedDirectories {
        @Test("a second server on a directory is refused, and the first one does not notice")
        func twoServers() async throws {
            let directory = try TemporaryDirectory()
            try await DataServer.run(in: directory) { server throws in
                let ledger = try await DataServer.put(["before"], to: server)
                let refused = try DataServer.refuse(in: directory)
                #expect(refused.status == 3)
                #expect(refused.errorLines.count == 1)
                #expect(refused.errors.contains("used by another process"))
                _ = try await DataServer.put(["after"], to: server)
                #expect(try await ledger.complaints(about: server).isEmpty)
            }
        }

        @Test(
            "a directory that is no data directory, or one of another version, is refused and stays as it is",
            arguments: [
                ("letter.txt", "Dear Sir", ["no data directory", "'letter.txt'", "empty directory"]),
                ("FORMAT", "needletail-data 9 0123456789abcdef\n", ["version 9", "Start it with the needletail"]),
            ])
        func foreignDirectory(name: String, content: String, parts: [String]) throws {
            let directory = try TemporaryDirectory()
            let files = DataFiles(directory)
            try FileManager.default.createDirectory(at: files.url, withIntermediateDirectories: false)
            try directory.write(content, to: "data/\(name)")
            let refused = try DataServer.refuse(in: directory)
            #expect(refused.status == 3)
            #expect(refused.errorLines.count == 1)
            for part in parts { #expect(refused.errors.contains(part), "\(refused.errors)") }
            #expect(try files.contents.filter { $0.key != "LOCK" } == [name: Data(content.utf8)])
        }
    }
}
