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

        /// What a browser makes of the page in a frame of a width: a window has a least width, which is more than a phone's.
        private struct Look {
            /// Of the frame, and of what is in it.
            let width, contentWidth: Int
            /// The red, green and blue of the page and of its text, 0 to 255.
            let background, text: [Int]
            let isDrawn: Bool

            var isDark: Bool { background.reduce(0, +) < text.reduce(0, +) }
        }

        /// Runs in the page. It tells the frame's owner, since only that one's document comes out of the browser.
        private static let look = """
            <script>
            setInterval(() => {
              const style = getComputedStyle(document.body), root = document.documentElement
              parent.postMessage({
                width: innerWidth, content: root.scrollWidth, background: style.backgroundColor, text: style.color,
                drawn: document.querySelector('polyline') !== null }, '*')
            }, 200)
            </script>
            """

        /// Has a browser show the page, out of a file, as one may not put a script into it otherwise.
        private static func look(
            at server: RunningServer, width: Int, isDark: Bool, in directory: TemporaryDirectory
        ) throws -> Look {
            let page = try HTTPAnswer.get("/", port: server.adminPort).body
                .replacing(
                    "<head>", with: "<head><base href=\"http://127.0.0.1:\(server.adminPort)/\">", maxReplacements: 1)
            try directory.write(page + look, to: "page.html")
            let frame = try directory.write(
                """
                <!doctype html><body style="margin: 0">
                <iframe src="page.html" style="border: 0; width: \(width)px; height: 1600px"></iframe>
                <script>onmessage = event => Object.assign(document.body.dataset, event.data)</script>
                """, to: "frame.html")
            let scheme = isDark ? 0 : 1
            let dom = try browse(
                "file://" + frame, in: directory, window: "\(max(width, 500)),1600",
                // The page asks a server that it is not from.
                ["--disable-web-security", "--blink-settings=preferredColorScheme=\(scheme)"])
            func value(_ name: String) throws -> String {
                guard let start = dom.firstRange(of: "data-\(name)=\"")?.upperBound else {
                    throw TestFailure("the page did not say its \(name): \(dom)")
                }
                return String(dom[start...].prefix { $0 != "\"" })
            }
            func numbers(_ name: String) throws -> [Int] {
                try value(name).split { !$0.isNumber }.prefix(3).compactMap { Int($0) }
            }
            return Look(
                width: try numbers("width")[0], contentWidth: try numbers("content")[0],
                background: try numbers("background"), text: try numbers("text"), isDrawn: try value("drawn") == "true")
        }

        /// - Returns: the document as it is after some seconds.
        private static func browse(
            _ address: String, in directory: TemporaryDirectory, window: String, _ more: [String] = []
        ) throws -> String {
            let browser = try #require(browser)
            let picture = ProcessInfo.processInfo.environment["PAGE_SCREENSHOT"] ?? directory.path("page.png")
            let result = try Command.run(
                browser,
                [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                    "--user-data-dir=\(directory.path("browser"))", "--window-size=\(window)",
                    "--screenshot=\(picture)", "--virtual-time-budget=7000", "--dump-dom",
                ] + more + [address], environment: ProcessInfo.processInfo.environment, secondsMax: 60)
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }

        @Test(
            "on a phone nothing is wider than the page, and it is dark where that is preferred",
            .enabled(if: browser != nil, "chromium is not installed"), arguments: [390, 1_200], [false, true])
        func looks(width: Int, isDark: Bool) throws {
            let directory = try TemporaryDirectory()
            let arguments = [
                "--durability", "synced", "--slow-calls-threshold", "1ms", "--slow-calls-sample-keys", "1",
            ]
            try RunningServer.with(arguments) { server throws in
                // A key that has no place to break, among the hot ones.
                let key = String(repeating: "k", count: 200)
                #expect(try server.run(["put", key, "value"]).status == 0)
                let look = try Self.look(at: server, width: width, isDark: isDark, in: directory)
                #expect(look.isDrawn && look.width == width)
                #expect(look.contentWidth <= width)
                #expect(look.isDark == isDark, "\(look.text) on \(look.background)")
            }
        }

        @Test(
            "a browser shows calls, latencies, the log, memory, slow calls and alerts on it",
            .enabled(if: browser != nil, "chromium is not installed"))
        func inABrowser() throws {
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
                let page = try Self.browse(
                    "http://127.0.0.1:\(server.adminPort)/", in: directory, window: "1200,1600")
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
