//! Admin HTTP, as a probe, a scraper and a browser see it.

internal import Foundation
internal import Testing

/// The contract's metrics that exist so far, without their prefix.
private let metricNames = [
    "requests_total", "keys_requested_total", "keyspace_hits_total", "keyspace_misses_total", "keys",
    "memory_used_bytes", "evicted_keys_total", "expired_keys_total", "connections", "deadline_exceeded_total",
    "buffer_pool_hits_total", "buffer_pool_misses_total", "buffer_pool_bytes", "process_resident_memory_bytes",
    "process_cpu_seconds_total", "process_open_fds", "threads", "process_max_fds", "process_page_faults_total",
    "process_context_switches_total", "malloc_used_bytes", "malloc_free_bytes", "cgroup_throttled_seconds_total",
    "governor_level", "governor_memory_used_bytes", "governor_memory_limit_bytes", "governor_buffer_ratio",
    "governor_refused_total",
]

/// Those of a server with a log.
private let logMetricNames = [
    "log_appended_bytes_total", "log_appended_records_total", "log_sync_duration_seconds", "log_batch_records",
    "log_segments", "log_bytes", "log_state", "log_snapshots_total", "log_scrubbed_bytes_total",
    "log_damage_found_total", "log_queue_records", "log_queue_bytes", "log_unsynced_records",
]

extension CommandTests {
    @Suite struct Admin {
        @Test("/healthz and /readyz are 200 when the ready line is out; an unknown path is 404")
        func health() throws {
            try RunningServer.with { server throws in
                #expect(try HTTPAnswer.get("/healthz", port: server.adminPort).status == 200)
                #expect(try HTTPAnswer.get("/readyz", port: server.adminPort).status == 200)
                #expect(try HTTPAnswer.get("/nobody", port: server.adminPort).status == 404)
            }
        }

        @Test("HEAD is answered as GET is, without the body")
        func head() throws {
            try RunningServer.with { server throws in
                for path in ["/", "/healthz", "/readyz", "/stats", "/slow", "/metrics", "/debug", "/debug/options"] {
                    let head = try HTTPAnswer.head(path, port: server.adminPort)
                    let get = try HTTPAnswer.get(path, port: server.adminPort)
                    #expect(head.status == 200 && get.status == 200, "\(path)")
                    #expect(head.headers["content-type"] == get.headers["content-type"], "\(path)")
                    #expect(head.headers["content-length"].flatMap { Int($0) } ?? 0 > 0, "\(path)")
                }
            }
        }

        @Test("/stats is a JSON object with the server's figures")
        func stats() throws {
            try RunningServer.with { server throws in
                #expect(try server.run(["put", "key", "value"]).status == 0)
                #expect(try server.run(["get", "key"]).status == 0)
                let answer = try HTTPAnswer.get("/stats", port: server.adminPort)
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"]?.hasPrefix("application/json") == true)
                let report = try JSONValue.object(answer.body)
                #expect(report["build"]?.string?.isEmpty == false)
                #expect(report["ready"] == .bool(true))
                #expect(report["durability"] == .string("memory"))
                #expect(report["rpcPort"] == .integer(server.port))
                #expect(report["eventLoops"]?.integer ?? 0 > 0)
                #expect(report["uptimeSeconds"] != nil)
                #expect(report["connections"]?.integer != nil)
                let engine = report["engine"]?.object ?? [:]
                #expect(engine["kind"] == .string("memory"))
                #expect(engine["keys"] == .integer(1))
                #expect(engine["entryBytes"]?.integer ?? 0 > 0)
                let process = report["process"]?.object ?? [:]
                #expect(process["residentBytes"]?.integer ?? 0 > 1_000_000)
                let methods = (report["methods"]?.array ?? []).compactMap(\.object)
                let calls = Dictionary(
                    uniqueKeysWithValues: methods.compactMap { method in
                        method["method"]?.string.map { ($0, method["requests"]?.integer) }
                    })
                #expect(calls["put"] == 1)
                #expect(calls["get"] == 1)
                #expect(calls["scan"] == 0)
            }
        }

        @Test("/metrics is Prometheus text, line by line, with the contract's names")
        func metrics() throws {
            try RunningServer.with { server throws in
                #expect(try server.run(["put", "key", "value", "--protocol", "thrift"]).status == 0)
                #expect(try server.run(["multi-get", "key", "nobody"]).status == 1)
                let answer = try HTTPAnswer.get("/metrics", port: server.adminPort)
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
                let text = try PrometheusText(answer.body)
                for name in metricNames { #expect(text.types["needletail_\(name)"] != nil, "\(name)") }
                #expect(text.samples["needletail_keys"] == 1)
                #expect(text.samples["needletail_keys_requested_total"] == 2)
                #expect(text.samples["needletail_keyspace_hits_total"] == 1)
                #expect(text.samples["needletail_keyspace_misses_total"] == 1)
                #expect(
                    text.samples["needletail_requests_total{method=\"put\",protocol=\"thrift\",status=\"ok\"}"] == 1)
                #expect(text.samples["needletail_process_resident_memory_bytes"] ?? 0 > 1_000_000)
            }
        }

        @Test("of a server with a log, /stats and /metrics show it, and a snapshot can be asked for")
        func log() throws {
            try RunningServer.with(["--durability", "synced"]) { server throws in
                #expect(try server.run(["put", "key", "value"]).status == 0)
                let text = try PrometheusText(HTTPAnswer.get("/metrics", port: server.adminPort).body)
                for name in logMetricNames { #expect(text.types["needletail_\(name)"] != nil, "\(name)") }
                #expect(text.samples["needletail_log_appended_records_total"] == 1)
                #expect(text.samples["needletail_log_state{state=\"ok\"}"] == 1)
                #expect(text.samples["needletail_log_sync_duration_seconds_count"] ?? 0 > 0)
                #expect(text.samples["needletail_request_stage_duration_seconds_count{stage=\"sync\"}"] == 1)
                #expect(
                    text.samples["needletail_requests_total{method=\"put\",protocol=\"msgpack\",status=\"ok\"}"] == 1)
                let report = try JSONValue.object(HTTPAnswer.get("/stats", port: server.adminPort).body)
                #expect(report["durability"] == .string("synced"))
                let log = report["log"]?.object ?? [:]
                #expect(log["state"] == .string("ok"))
                #expect(log["syncedLSN"]?.integer ?? 0 > 0)
                #expect(log["syncedLSN"] == log["appendedLSN"])
                #expect(try HTTPAnswer.post("/snapshot", port: server.adminPort).status == 202)
                try server.waitForLog("wrote a snapshot")
                let after = try JSONValue.object(HTTPAnswer.get("/stats", port: server.adminPort).body)
                #expect(after["log"]?.object?["snapshots"] == .integer(1))
            }
        }

        @Test("the snapshot that a start has loaded is among the bytes of the data directory")
        func loadedSnapshot() throws {
            let directory = try TemporaryDirectory()
            let arguments = ["--data-dir", directory.path("data")]
            func snapshotBytes(_ server: RunningServer) throws -> Double {
                let text = try PrometheusText(HTTPAnswer.get("/metrics", port: server.adminPort).body)
                return try #require(text.samples["needletail_log_bytes{kind=\"snapshot\"}"])
            }
            let written = try RunningServer.with(arguments, in: directory) { server throws in
                #expect(try snapshotBytes(server) == 0)
                #expect(try server.run(["put", "key", "value"]).status == 0)
                #expect(try HTTPAnswer.post("/snapshot", port: server.adminPort).status == 202)
                try server.waitForLog("wrote a snapshot")
                return try snapshotBytes(server)
            }
            let loaded = try RunningServer.with(arguments, in: directory) { server throws in try snapshotBytes(server) }
            #expect(loaded == written && written > 0)
        }

        @Test("without a log there is nothing to take a snapshot of")
        func noLog() throws {
            try RunningServer.with { server throws in
                #expect(try HTTPAnswer.post("/snapshot", port: server.adminPort).status == 409)
                let report = try JSONValue.object(HTTPAnswer.get("/stats", port: server.adminPort).body)
                #expect(report["log"] == nil)
            }
        }
    }
}

/// The text format of Prometheus 0.0.4; strict where scrapers are.
private struct PrometheusText {
    /// Of each family.
    private(set) var types: [String: String] = [:]
    /// By name with labels, as written.
    private(set) var samples: [String: Double] = [:]

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw TestFailure("the last line has no end") }
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if let match = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|gauge|histogram|summary)/) {
                let isNew = types.updateValue(String(match.2), forKey: String(match.1)) == nil
                guard isNew else { throw TestFailure("a second TYPE: \(line)") }
            } else if line.wholeMatch(of: /# HELP [a-z_]+ .+/) == nil {
                try add(line)
            }
        }
    }

    private mutating func add(_ line: Substring) throws {
        let sample = /(([a-z_]+)(?:\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})?) (\S+)/
        guard let match = line.wholeMatch(of: sample), let value = Double(match.3) else {
            throw TestFailure("no line of Prometheus text: \(line)")
        }
        let family = String(match.2).replacing(/_(bucket|sum|count)$/, with: "")
        guard types[String(match.2)] != nil || types[family] != nil else {
            throw TestFailure("no TYPE before: \(line)")
        }
        guard samples.updateValue(value, forKey: String(match.1)) == nil else { throw TestFailure("twice: \(line)") }
    }
}
