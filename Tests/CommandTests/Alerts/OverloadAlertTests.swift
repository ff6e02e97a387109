//! The rules about calls, provoked by more calls than a real server can answer, and over when they are fewer.

internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct OverloadAlerts {
        private static let clients = 4
        /// Of each client: all of them wait for longer than `timeoutMillis`, also for a release build.
        private static let callsInFlight = 64
        private static let keysPerCall = 1_000
        private static let timeoutMillis: Int32 = 30

        private func client(_ server: RunningServer) -> StorageClient {
            StorageClient(
                RPCClient(
                    to: .tcp(host: "127.0.0.1", port: server.port), RPCClientConfiguration(interceptors: [])))
        }

        /// Asks for many keys, over and over, until `body` is over.
        private func overload(_ server: RunningServer, while body: () async throws -> Void) async throws {
            let clients = (0..<Self.clients).map { _ in client(server) }
            let isOver = LockedBox(false)
            let keys = BinaryList(strings: (0..<Self.keysPerCall).map { "key \($0)" })
            let result: Result<Void, any Error> = await withTaskGroup { group in
                for client in clients {
                    for _ in 0..<Self.callsInFlight {
                        group.addTask {
                            let context = RequestContext(timeoutMillis: Self.timeoutMillis)
                            while !isOver.value {
                                _ = try? await client.multiGet(MultiGetRequest(keys: keys, context: context))
                            }
                        }
                    }
                }
                let result: Result<Void, any Error>
                do { result = .success(try await body()) } catch { result = .failure(error) }
                isOver.update { $0 = true }
                return result
            }
            for client in clients { await client.rpc.close() }
            try result.get()
        }

        @Test("more calls than one event loop can answer are shed and slow, and both are alerts until they are fewer")
        func overload() async throws {
            let names = ["shedding", "p99-over-budget"]
            let alerts = try HastyAlerts(["shedding": "2s", "p99-over-budget": nil])
            let server = try RunningServer(["--rpc-event-loops", "1"] + alerts.arguments)
            try await server.waitForAlerts(names, toFire: false, seconds: 10)
            try await overload(server) {
                try await server.waitForAlerts(names, toFire: true, seconds: 60)
            }
            // Few calls and quick ones: the slow ones are less than 1 of 100 then, or a minute away.
            let client = client(server)
            let served = try await withThrowingTaskGroup(of: Int.self) { group in
                let isOver = LockedBox(false)
                for _ in 0..<2 {
                    group.addTask {
                        var served = 0
                        while !isOver.value {
                            _ = try await client.multiGet(MultiGetRequest(keys: ["key"]))
                            served += 1
                        }
                        return served
                    }
                }
                do {
                    defer { isOver.update { $0 = true } }
                    try await server.waitForAlerts(names, toFire: false, seconds: 150)
                }
                return try await group.reduce(0, +)
            }
            #expect(served > 0)
            await client.rpc.close()
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
        }
    }
}
