//! What `/metrics` and `/stats` say of calls, as a scraper reads it.

internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import Testing

extension CommandTests {
    @Suite struct Metrics {
        /// Runs `body` with a server that keeps a log and traces, and to which callers of a hundred names have called.
        private func withUsedServer(_ body: (RunningServer) throws -> Void) async throws {
            let server = try RunningServer([
                "--durability", "synced", "--tracing-endpoint", "http://127.0.0.1:1/v1/traces",
            ])
            let client = try await RPCClient.connect(to: .tcp(host: "127.0.0.1", port: server.port))
            let storage = StorageClient(client)
            let result: Result<Void, any Error>
            do throws(any Error) {
                try await Self.use(storage)
                result = .success(try body(server))
            } catch { result = .failure(error) }
            await client.close()
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            try result.get()
        }

        private static func use(_ storage: StorageClient) async throws {
            let key = ByteBuffer(string: "key")
            _ = try await storage.put(PutRequest(key: key, value: ByteBuffer(string: "value")))
            _ = try await storage.multiGet(MultiGetRequest(keys: ["key", "key", "key"]))
            for number in 0..<100 {
                let context = RequestContext(fromService: "service \(number)", toCluster: "we\"st\r\n")
                _ = try await storage.get(GetRequest(key: key, context: context))
            }
        }

        private func metrics(_ server: RunningServer) throws -> String {
            try HTTPAnswer.get("/metrics", port: server.adminPort).body
        }

        @Test(
            "promtool accepts /metrics, names and all",
            .enabled(
                if: FileManager.default.isExecutableFile(atPath: Surroundings.program("promtool").path),
                "promtool is not installed"))
        func promtoolAcceptsAll() async throws {
            try await withUsedServer { server in
                let file = server.directory.url.appending(path: "metrics.txt")
                try Data(metrics(server).utf8).write(to: file)
                let process = Process()
                let output = Pipe()
                process.executableURL = Surroundings.program("promtool")
                process.arguments = ["check", "metrics"]
                process.standardInput = try FileHandle(forReadingFrom: file)
                (process.standardOutput, process.standardError) = (output, output)
                try process.run()
                let said = try output.fileHandleForReading.readToEnd() ?? Data()
                process.waitUntilExit()
                #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
            }
        }

        @Test("Metrics.md names every metric that a server with a log shows, with its kind, and no other")
        func document() async throws {
            let path = "Sources/StorageServer/Documentation.docc/Metrics.md"
            let document = try String(contentsOf: Surroundings.root.appending(path: path), encoding: .utf8)
            let rows = document.matches(of: /(?m)^\| `([a-z_]+)(?:\{[a-z_, ]+\})?` \| ([a-z]+) \| (.+) \|$/)
            let documented = rows.map { "\($0.1) \($0.2)" }
            // Of a container that has no such limit.
            let optional = rows.filter { $0.3.contains("absent without") || $0.1.hasPrefix("cgroup_memory_") }
                .map { "\($0.1) \($0.2)" }
            #expect(Set(documented).count == documented.count)
            try await withUsedServer { server in
                let shown = try metrics(server).matches(of: /(?m)^# TYPE needletail_([a-z_]+) ([a-z]+)$/)
                    .map { "\($0.1) \($0.2)" }
                #expect(Set(shown).subtracting(documented) == [], "not in \(path)")
                #expect(Set(documented).subtracting(shown).subtracting(optional) == [], "not on /metrics")
            }
        }

        @Test("callers are told apart up to a bound, on /metrics and in /stats")
        func callers() async throws {
            try await withUsedServer { server in
                let lines = try metrics(server).split(separator: "\n").filter {
                    $0.hasPrefix("needletail_caller_requests_total{")
                }
                #expect(lines.count == 65)
                #expect(
                    lines.first
                        == """
                        needletail_caller_requests_total{from_service="service 0",from_cluster="",to_service="",\
                        to_cluster="we\\"st\r\\n",method="get"} 1
                        """)
                #expect(lines.last?.hasSuffix("method=\"_other\"} 36") == true)
                let report = try JSONValue.object(HTTPAnswer.get("/stats", port: server.adminPort).body)
                let callers = report["callers"]?.array ?? []
                #expect(callers.count == 65)
                #expect(callers.first?.object?["fromService"] == .string("service 0"))
            }
        }

        @Test("sizes, keys and the last minute show the calls that were made")
        func figures() async throws {
            try await withUsedServer { server in
                let text = try metrics(server)
                for line in [
                    "request_bytes_count{method=\"get\"} 100", "response_bytes_count{method=\"get\"} 100",
                    "request_bytes_count{method=\"multiGet\"} 1", "response_bytes_count{method=\"put\"} 1",
                    "request_keys_bucket{le=\"2\"} 0", "request_keys_bucket{le=\"5\"} 1", "request_keys_sum 3",
                    "request_duration_quantile_seconds_count{method=\"get\"} 100",
                    "request_duration_quantile_seconds{method=\"touch\",quantile=\"0.99\"} NaN",
                ] { #expect(text.contains("\nneedletail_\(line)\n"), "\(line)") }
                #expect(text.contains("\nneedletail_event_loop_lag_seconds{loop=\"0\"} "))
                let report = try JSONValue.object(HTTPAnswer.get("/stats", port: server.adminPort).body)
                let methods = (report["methods"]?.array ?? []).compactMap(\.object)
                var minutes: [String: [String: JSONValue]] = [:]
                for method in methods {
                    if let name = method["method"]?.string { minutes[name] = method["lastMinute"]?.object }
                }
                #expect(Set(minutes.keys) == ["get", "put", "multiGet"])
                #expect(minutes["get"]?["requests"] == .integer(100))
                #expect(minutes["get"]?["latency"]?.object?["p99Micros"] != nil)
            }
        }
    }
}
