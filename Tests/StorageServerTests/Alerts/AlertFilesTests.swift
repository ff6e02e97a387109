import Foundation
import StorageServer
import Testing

/// What is committed for Prometheus and Grafana, against the rules and what a server shows.
@Suite("config/alerts.yaml and config/grafana-dashboard.json")
struct AlertFilesTests {
    private static let promtool = "/usr/bin/promtool"

    /// The package's folder for configuration.
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "config")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test("config/alerts.yaml is what the default rules render (UPDATE_RENDERED_FILES=1 writes it)")
    func committedFile() throws {
        if ProcessInfo.processInfo.environment["UPDATE_RENDERED_FILES"] == "1" {
            try AlertRule.prometheusFile.write(
                to: Self.folder.appending(path: "alerts.yaml"), atomically: false, encoding: .utf8)
        }
        #expect(try Self.text("alerts.yaml") == AlertRule.prometheusFile)
    }

    @Test func everyDefaultRuleIsInTheFile() throws {
        let file = try Self.text("alerts.yaml")
        for rule in AlertRule.defaults {
            #expect(file.contains("- alert: \(rule.prometheusName)\n"))
            #expect(file.contains("expr: '\(rule.prometheusExpression)'\n"))
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "needs promtool"))
    func promtoolAcceptsTheRules() throws {
        try check(Self.folder.appending(path: "alerts.yaml"))
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "needs promtool"))
    func promtoolAcceptsEveryQueryOfTheDashboard() throws {
        var rules = "groups:\n  - name: dashboard\n    rules:\n"
        for (index, query) in try Self.queries().enumerated() {
            let text = query.replacing("$__rate_interval", with: "1m").replacing("'", with: "''")
            rules += "      - record: query:\(index)\n        expr: '\(text)'\n"
        }
        let tree = try TemporaryTree(["rules.yaml": rules])
        try check(URL(filePath: tree.path + "/rules.yaml"))
    }

    @Test func theDashboardChoosesTheServersThatItShows() throws {
        let dashboard = try Self.dashboard()
        let variables = (dashboard["templating"] as? [String: Any])?["list"] as? [[String: Any]] ?? []
        #expect(variables.compactMap { $0["name"] as? String } == ["datasource", "job", "instance", "method"])
        for query in try Self.queries() { #expect(query.contains("instance=~\"$instance\""), "\(query)") }
    }

    @Test func everyMetricThatTheyNameIsOneThatAServerShows() async throws {
        var names = Set(try Self.text("alerts.yaml").matches(of: /needletail_([a-z0-9_]+)/).map { String($0.1) })
        for query in try Self.queries() {
            names.formUnion(query.matches(of: /needletail_([a-z0-9_]+)/).map { String($0.1) })
        }
        #expect(names.count > 30)
        try await RunningServer.with { server in
            let text = try await server.get("/metrics")
            let families = text.matches(of: /# TYPE needletail_([a-z0-9_]+) (\w+)/)
            let histograms = Set(families.filter { $0.2 != "counter" && $0.2 != "gauge" }.map { String($0.1) })
            let shown = Set(families.map { String($0.1) })
            for name in names {
                let base = name.replacing(/_(bucket|sum|count)$/, with: "")
                #expect(shown.contains(name) || histograms.contains(base), "needletail_\(name)")
            }
        }
    }

    private static func dashboard() throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(path: "grafana-dashboard.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// The queries of all panels.
    private static func queries() throws -> [String] {
        let panels = try dashboard()["panels"] as? [[String: Any]] ?? []
        #expect(panels.count > 20)
        return panels.flatMap { panel in
            (panel["targets"] as? [[String: Any]] ?? []).compactMap { $0["expr"] as? String }
        }
    }

    private func check(_ rules: URL) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: Self.promtool)
        process.arguments = ["check", "rules", rules.path]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
