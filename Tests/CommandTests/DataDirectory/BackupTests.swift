//! `backup` of a directory that a server writes, and `restore`.

internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct BackupAndRestore {
        /// Writes of each client before the backup begins.
        private static let writesBefore = 30

        @Test("a backup under load has all that was acknowledged before it began, and no half of anything")
        func underLoad() async throws {
            let directory = try TemporaryDirectory()
            let before = try await DataServer.run(in: directory) { server in
                let load = BackupLoad(server)
                async let writing: Void = load.run()
                let end = Date(timeIntervalSinceNow: 30)
                while load.counts.contains(where: { $0 < Self.writesBefore }), Date() < end { await Task.yield() }
                // Files come and go meanwhile.
                _ = try HTTPAnswer.post("/snapshot", port: server.adminPort)
                let before = load.counts
                let copied = try Command.run(["backup", "copy", "--data-dir", "data"], in: directory.url)
                let after = load.counts
                load.end()
                try await writing
                #expect(copied.status == 0, "\(copied.errors)")
                #expect(copied.output.hasPrefix("copied to 'copy': "))
                #expect(after != before, "writes went on")
                return before
            }
            #expect(before.allSatisfy { $0 >= Self.writesBefore })
            #expect(try Command.run(["log", "verify", "copy"], in: directory.url).status == 0)
            let restored = try Command.run(["restore", "copy", "--data-dir", "again"], in: directory.url)
            #expect(restored.status == 0, "\(restored.errors)")

            let server = try RunningServer(["--data-dir", "again"], in: directory)
            let client = StorageClient(RPCClient(to: .tcp(host: "127.0.0.1", port: server.port)))
            for (lane, count) in before.enumerated() {
                var number = 0
                var isThere = true
                // What is there is a beginning of what the client wrote, and not less than what it was told.
                while isThere || number < count + 50 {
                    var found = 0
                    let keys = BackupLoad.keys(lane, number)
                    for key in keys {
                        let value = try await client.get(GetRequest(key: ByteBuffer(string: key))).value
                        if let value, String(buffer: value) == "\(number)" { found += 1 }
                    }
                    #expect(found == 0 || found == keys.count, "a batch is whole")
                    #expect(found == 0 || isThere, "nothing is left out")
                    isThere = found > 0
                    #expect(isThere || number >= count, "write \(number) of \(lane) was acknowledged")
                    number += 1
                }
            }
            await client.rpc.close()
        }

        @Test("a copy goes into an empty directory alone, and a restore too, also not beside a server")
        func occupied() async throws {
            let directory = try TemporaryDirectory()
            try await DataServer.run(in: directory) { server throws in
                _ = try await DataServer.put(["key"], to: server)
                #expect(try Command.run(["backup", "copy", "--data-dir", "data"], in: directory.url).status == 0)
                for command in [["backup", "copy", "--data-dir", "data"], ["restore", "copy", "--data-dir", "data"]] {
                    let result = try Command.run(command, in: directory.url)
                    #expect(result.status == 3)
                    #expect(result.errorLines.count == 1)
                    #expect(result.errors.contains("is not empty"), "\(result.errors)")
                }
                #expect(try server.run(["get", "key"]).output == "key\n")
            }
        }

        @Test("a damaged backup is not restored, and nothing is left of the try")
        func damagedBackup() async throws {
            let directory = try TemporaryDirectory()
            let keys = (0..<16).map { "long-\($0)" }
            _ = try await DataServer.run(in: directory) {
                try await DataServer.put(keys, valueBytes: DataServer.longBytes, to: $0)
            }
            #expect(try Command.run(["backup", "copy", "--data-dir", "data"], in: directory.url).status == 0)
            let files = DataFiles(directory, "copy")
            let name = try files.segments[1]
            try files.spoil(name, at: try files.offset(of: keys[6], in: name))
            let result = try Command.run(["restore", "copy", "--data-dir", "again"], in: directory.url)
            #expect(result.status == 3)
            #expect(result.errors.contains(name) && result.errors.contains("damaged"), "\(result.errors)")
            let left = try DataFiles(directory, "again").names
            #expect(!left.contains("FORMAT"))
        }
    }
}
