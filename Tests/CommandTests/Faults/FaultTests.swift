//! A disk that fails, and one that is full, under a server that runs: no lie to any client, and nothing lost that was
//! acknowledged.

internal import Foundation
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite(.needsStrace) struct Faults {
        /// How long a server may take to notice that there is space again: it looks four times a second.
        private static let recoverySecondsMax = 15.0

        /// What `/stats` says of the log.
        private func log(of server: RunningServer) throws -> [String: JSONValue] {
            let report = try JSONValue.object(HTTPAnswer.get("/stats", port: server.adminPort).body)
            return report["log"]?.object ?? [:]
        }

        private func expectReadOnly(
            _ server: RunningServer, state: String, reason: String, besides ledger: inout WriteLedger
        ) async throws {
            let client = LedgerClient(server)
            for level in [Durability.memory, .logged, .synced] {
                let key = "refused-\(ledger.refused.count)"
                ledger.add(key, await client.put(key, level))
            }
            let kept = try #require(ledger.kept.first)
            #expect(try await client.version(of: kept.key) == kept.value, "reads go on")
            let log = try log(of: server)
            #expect(log["state"] == .string(state))
            #expect(log["reason"]?.string?.contains(reason) == true, "\(log)")
            let metrics = try HTTPAnswer.get("/metrics", port: server.adminPort).body
            #expect(metrics.contains("needletail_log_state{state=\"\(state)\"} 1"))
            await client.close()
        }

        @Test(
            "after a failed write or sync nothing is acknowledged until the next start, which has all that was",
            arguments: ["fdatasync", "pwrite64"], [SIGTERM, SIGKILL])
        func failedDisk(call: String, end: Int32) async throws {
            let directory = try TemporaryDirectory()
            let server = try RunningServer(DurableServer.arguments, in: directory)
            var faults: KernelFaults?
            var ledger = try await WritingClients(server, "first").write {
                faults = try KernelFaults(in: server, [call], error: "EIO")
            }
            #expect(!ledger.unknown.isEmpty, "writes were in flight")
            try await expectReadOnly(server, state: "failed", reason: "Input/output error", besides: &ledger)
            try server.waitForLog("Input/output error")
            try faults?.end()
            try await expectReadOnly(server, state: "failed", reason: "Input/output error", besides: &ledger)
            #expect(ledger.wrong.isEmpty)
            server.send(end)
            _ = try server.wait()

            let next = try RunningServer(DurableServer.arguments, in: directory)
            #expect(try await ledger.complaints(about: next).isEmpty)
            let client = LedgerClient(next)
            #expect(ledger.add("after", await client.put("after")), "writes work again")
            await client.close()
            next.send(SIGTERM)
            #expect(try next.wait() == 0)
        }

        @Test("a full disk refuses writes, and takes them again by itself when there is space")
        func fullDisk() async throws {
            let directory = try TemporaryDirectory()
            let server = try RunningServer(DurableServer.arguments, in: directory)
            var ledger = WriteLedger()
            // Twice: what the first time left behind must not be in the way of the second.
            for round in ["first", "second"] {
                var faults: KernelFaults?
                ledger.add(
                    try await WritingClients(server, round).write {
                        faults = try KernelFaults(in: server, ["fallocate", "pwrite64", "ftruncate"], error: "ENOSPC")
                    })
                try await expectReadOnly(server, state: "full", reason: "No space left on device", besides: &ledger)
                try server.waitForLog("No space left on device")
                try faults?.end()
                try await waitUntilWritable(server, &ledger)
                #expect(try log(of: server)["state"] == .string("ok"))
                try server.waitForLog("takes writes again")
            }
            #expect(!ledger.unknown.isEmpty, "writes were in flight")
            #expect(try await ledger.complaints(about: server).isEmpty)
            server.send(SIGKILL)
            _ = try server.wait()

            let next = try RunningServer(DurableServer.arguments, in: directory)
            #expect(try await ledger.complaints(about: next).isEmpty)
        }

        private func waitUntilWritable(_ server: RunningServer, _ ledger: inout WriteLedger) async throws {
            let client = LedgerClient(server)
            let end = Date(timeIntervalSinceNow: Self.recoverySecondsMax)
            var number = 0
            while case let key = "\(ledger.kept.count)-\(number)", !ledger.add(key, await client.put(key)) {
                guard Date() < end else { throw TestFailure("there is space, and writes are refused") }
                number += 1
            }
            await client.close()
        }
    }
}
