//! The page at `/`: what it may load, and what a browser makes of it.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Page {
        private static let browser = ["chromium", "chromium-browser", "google-chrome"].map(Surroundings.program)
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }

        @Test("/ is one HTML page that names nothing outside of the server, and may load nothing from there")
        func isSelfContained() throws {
            try RunningServer.with { server throws in
                let answer = try HTTPAnswer.get("/", port: server.adminPort)
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
                #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'none';") == true)
                #expect(answer.body.hasPrefix("<!doctype html>") && answer.body.hasSuffix("</html>\n"))
                let addresses = answer.body.matches(of: /(?:https?:)?\/\/[a-z][a-z0-9.-]*\.[a-z]+\/?[^\s'"]*/).map {
                    $0.0
                }
                // It names a language, and is never fetched.
                #expect(addresses == ["http://www.w3.org/2000/svg"])
            }
        }

        @Test(
            "a browser shows calls, latencies, the log, memory, slow calls and alerts on it",
            .enabled(if: browser != nil, "chromium is not installed"))
        func inABrowser() throws {
            let browser = try #require(Self.browser)
            let directory = try TemporaryDirectory()
            // The rule is broken as soon as there is a connection or none.
            let configuration = try directory.write(
                """
                alerts:
                  always:
                    metric: connections
                    comparison: ">="
                    threshold: 0
                    severity: critical
                    summary: "<b>there are connections</b>"
                """, to: "needletail.yaml")
            let arguments = [
                "--config", configuration, "--durability", "synced", "--slow-calls-threshold", "1ms",
                "--slow-calls-sample-keys", "1",
            ]
            try RunningServer.with(arguments) { server throws in
                #expect(try server.run(["put", "<i>key</i>", "value"]).status == 0)
                #expect(try server.run(["get", "<i>key</i>"]).status == 0)
                let picture = ProcessInfo.processInfo.environment["PAGE_SCREENSHOT"] ?? directory.path("page.png")
                let result = try Command.run(
                    browser,
                    [
                        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                        "--user-data-dir=\(directory.path("browser"))", "--window-size=1200,1600",
                        "--screenshot=\(picture)", "--virtual-time-budget=7000", "--dump-dom",
                        "http://127.0.0.1:\(server.adminPort)/",
                    ], environment: ProcessInfo.processInfo.environment, secondsMax: 60)
                #expect(result.status == 0, "\(result.errors)")
                let page = result.output
                for part in [
                    ">ready</span>", "1 key ·", "<h2>Requests</h2>", "<h2>Memory</h2>", "<h2>Log</h2>",
                    "<h2>Processor</h2>",
                    "Latency, last minute", "<polyline", ">put</td>", "always (firing)",
                    // Others' text stays text.
                    "&lt;b&gt;there are connections&lt;/b&gt;", "&lt;i&gt;key&lt;/i&gt;</td>",
                ] { #expect(page.contains(part), "\(part)") }
            }
        }
    }
}
