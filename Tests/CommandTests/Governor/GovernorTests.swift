//! The governor of a real server: memory that is really used, under a limit by configuration and under one of the kernel.

internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct Governor {
        private static let valueBytes = 64 << 10
        private static let putsMax = 20_000

        /// Puts values until one is refused for want of memory.
        /// - Returns: the keys that were taken.
        private func fill(_ client: StorageClient) async throws -> [ByteBuffer] {
            let value = ByteBuffer(repeating: 0x78, count: Self.valueBytes)
            var keys: [ByteBuffer] = []
            while keys.count < Self.putsMax {
                let key = ByteBuffer(string: "key \(keys.count)")
                do throws(CallFailure<StorageError>) {
                    _ = try await client.put(PutRequest(key: key, value: value))
                    keys.append(key)
                } catch {
                    guard case .exception(let failure) = error else { throw error }
                    #expect(failure.code == .outOfMemory && failure.effect == .notExecuted, "\(failure)")
                    return keys
                }
            }
            throw TestFailure("nothing was refused")
        }

        /// Fills the server, reads, removes everything, and writes again.
        private func fillAndEmpty(_ server: RunningServer) async throws {
            let client = StorageClient(
                RPCClient(
                    to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(interceptors: [])))
            let result: Result<Void, any Error>
            do { result = .success(try await fillAndEmpty(server, client)) } catch { result = .failure(error) }
            await client.rpc.close()
            try result.get()
        }

        private func fillAndEmpty(_ server: RunningServer, _ client: StorageClient) async throws {
            let keys = try await fill(client)
            let first = try #require(keys.first)
            #expect(try server.metric("governor_level") == 2)
            #expect(try server.metric("governor_refused_total") ?? 0 > 0)
            #expect(try server.metric("governor_buffer_ratio") == 0)
            try await server.waitForAlerts(["memory-near-limit"], toFire: true, seconds: 30)
            #expect(try await client.get(GetRequest(key: first)).value?.readableBytes == Self.valueBytes)
            for start in stride(from: 0, to: keys.count, by: 1_000) {
                let some = keys[start..<min(start + 1_000, keys.count)]
                let answer = try await client.multiRemove(
                    MultiRemoveRequest(keys: BinaryList(strings: some.map { String(buffer: $0) })))
                #expect(answer.removed == Int32(some.count))
            }
            try server.waitForLog("memory is no longer short", seconds: 60)
            let value = ByteBuffer(string: "v")
            #expect(try await client.put(PutRequest(key: first, value: value)).applied)
            #expect(try server.metric("governor_level") == 0)
            #expect(try server.metric("governor_buffer_ratio") == 1)
            try await server.waitForAlerts(["memory-near-limit"], toFire: false, seconds: 30)
        }

        @Test("a server that has used its memory refuses writes, and takes them again when entries are gone")
        func smallMemory() async throws {
            let used = try RunningServer.with { try $0.metric("governor_memory_used_bytes") }
            let limit = Int(try #require(used)) + 64 << 20
            let alerts = try HastyAlerts(["memory-near-limit": nil])
            let server = try RunningServer(["--governor-memory-limit", "\(limit)"] + alerts.arguments)
            try await fillAndEmpty(server)
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
        }

        @Test("under a quota and a memory limit of the kernel", .enabled(if: ControlGroup.isPossible))
        func controlGroup() async throws {
            let limit = 384 << 20
            // So little that a server which answers as fast as it can is throttled on a busy machine, too.
            let group = try ControlGroup(quotaMilliCPUs: 200, memoryBytes: limit)
            // A look at all metrics takes a good part of what CPU it has.
            let alerts = try HastyAlerts(["memory-near-limit": nil, "cpu-throttled": "5s"], every: "2s")
            // By default the engine would refuse before the governor does.
            let server = try RunningServer(
                ["--memory-max-memory", "\(limit)"] + alerts.arguments, through: group.starter)
            let stats = try JSONValue.object(HTTPAnswer.get("/stats", port: server.adminPort).body)
            #expect(stats["eventLoops"] == .integer(1))
            #expect(try server.metric("cgroup_cpu_quota_cores") == 0.2)
            #expect(try server.metric("cgroup_memory_limit_bytes") == Double(limit))
            #expect(try server.metric("governor_memory_limit_bytes") == Double(limit))
            try await fillAndEmpty(server)
            #expect(try server.metric("cgroup_throttled_periods_total") ?? 0 > 0)
            #expect(try server.metric("cgroup_throttled_seconds_total") ?? 0 > 0)
            let throttled = "the container's CPU quota makes the process stand still"
            try server.waitForLog("alert: \(throttled)")
            try group.setQuota(milliCPUs: 2_000)
            try server.waitForLog("alert is over: \(throttled)", seconds: 60)
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            group.remove()
        }
    }
}
