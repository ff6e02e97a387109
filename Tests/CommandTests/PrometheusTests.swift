//! Debian's Prometheus in front of a loaded server: what its queries answer, beside what the load generator measured.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Prometheus {
        private static let prometheus = Surroundings.program("prometheus")
        private static let isInstalled = FileManager.default.isExecutableFile(atPath: prometheus.path)
        /// Beside the command, as both are built.
        private static let generator = Surroundings.binary.deletingLastPathComponent().appending(
            path: "needletail-load")
        private static let seconds = Surroundings.isFullScale ? 60 : 8
        private static let keysPerCall = 1_000

        @Test(
            "Prometheus scrapes a loaded server, and its P99 is the load generator's within a bucket's width",
            .enabled(if: isInstalled, "prometheus is not installed"))
        func agreesWithTheGenerator() throws {
            try RunningServer.with(["--event-loops", "1"]) { server throws in
                let watcher = try PrometheusProcess(Self.prometheus, scraping: server.adminPort)
                let directory = try TemporaryDirectory()
                let json = directory.path("load.json")
                // In a closed loop of many connections calls wait for each other in the server, where both measure.
                let result = try Command.run(
                    Self.generator,
                    [
                        "workload", "--address", "127.0.0.1:\(server.port)", "--keys", "20000", "--keys-per-call",
                        "\(Self.keysPerCall)", "--connections", "20", "--seconds", "\(Self.seconds)", "--json", json,
                    ], environment: Surroundings.environment(), secondsMax: Double(Self.seconds) + 60)
                #expect(result.status == 0, "\(result.errors)")
                let report = try JSONValue.object(String(contentsOfFile: json, encoding: .utf8))
                let latency = report["result"]?.object?["latencyMicroseconds"]?.object
                let measured = try #require(latency?["p99"]?.double) / 1e6
                let window = "[\(Self.seconds + 10)s]"
                let buckets = "needletail_request_duration_seconds_bucket{method=\"multiGet\"}"
                let asked = try watcher.query("histogram_quantile(0.99, sum by (le) (rate(\(buckets)\(window))))")
                // Where in its bucket a call lies is not known to Prometheus, so it may be wrong by the bucket's width; two
                // figures on either side of a bound may be of neighbouring buckets and still be near.
                let bounds = [0] + (try watcher.bounds(of: buckets))
                let bucket = try #require(bounds.indices.dropFirst().first { measured <= bounds[$0] })
                let width = bounds[bucket] - bounds[bucket - 1]
                let quantile = "needletail_request_duration_quantile_seconds{method=\"multiGet\",quantile=\"0.99\"}"
                let served = try watcher.query(quantile)
                let figures = "Prometheus says \(asked) s, the server \(served) s, the load generator \(measured) s"
                #expect(abs(asked - measured) <= width, "\(figures)")
                #expect(abs(served - measured) <= width, "\(figures)")
                print("P99: \(figures); a bucket is \(width) s wide there")
            }
        }
    }
}

/// A Prometheus of a test's own, which scrapes one server every second.
private final class PrometheusProcess {
    private static let secondsMax = 30.0

    private let directory: TemporaryDirectory
    private let child: ChildProcess
    private let port: Int

    init(_ executable: URL, scraping adminPort: Int) throws {
        directory = try TemporaryDirectory()
        port = try RawSocket.listen().port
        let configuration = try directory.write(
            """
            global: {scrape_interval: 1s}
            scrape_configs:
              - job_name: needletail
                static_configs: [{targets: ["127.0.0.1:\(adminPort)"]}]
            """, to: "prometheus.yml")
        let errors = FileHandle.nullDevice
        child = try ChildProcess(
            executable,
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(directory.path("data"))",
                "--web.listen-address=127.0.0.1:\(port)",
            ], in: directory.url, environment: ProcessInfo.processInfo.environment, input: .nullDevice,
            output: .nullDevice, makeErrors: { errors })
        let end = Date().addingTimeInterval(Self.secondsMax)
        while (try? query("up")) != 1 {
            if Date() > end { throw TestFailure("prometheus did not scrape the server") }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    /// The first value of the answer.
    func query(_ text: String) throws -> Double {
        guard case .array(let pair)? = try results(text).first?["value"],
            let value = pair.last?.string.flatMap(Double.init)
        else { throw TestFailure("prometheus has no answer to \(text)") }
        return value
    }

    /// The upper bounds of a histogram's buckets, in rising order, without infinity.
    func bounds(of buckets: String) throws -> [Double] {
        try results(buckets).compactMap { $0["metric"]?.object?["le"]?.string.flatMap(Double.init) }
            .filter(\.isFinite).sorted()
    }

    private func results(_ query: String) throws -> [[String: JSONValue]] {
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? query
        let answer = try HTTPAnswer.get("/api/v1/query?query=\(text)", port: port)
        guard answer.status == 200 else { throw TestFailure("prometheus answers \(answer.status): \(answer.body)") }
        return try JSONValue.object(answer.body)["data"]?.object?["result"]?.array?.compactMap(\.object) ?? []
    }
}
