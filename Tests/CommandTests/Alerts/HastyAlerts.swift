//! Default alert rules whose times are short enough for a test: what they look at and their thresholds stay as they are.

internal import Foundation

struct HastyAlerts {
    /// Kept for as long as the file is needed.
    private let directory: TemporaryDirectory
    /// What a server takes to look at its rules so often.
    let arguments: [String]

    /// - Parameters:
    ///   - names: rules by name, and their window, of those that look back.
    ///   - interval: how often the server looks at them.
    init(_ names: KeyValuePairs<String, String?>, every interval: String = "100ms") throws {
        directory = try TemporaryDirectory()
        let rules = names.map { name, window in
            "  \(name):\n    for: 200ms\n" + (window.map { "    window: \($0)\n" } ?? "")
        }
        let file = try directory.write(
            "alerting:\n  interval: \(interval)\nalerts:\n" + rules.joined(), to: "needletail.yaml")
        arguments = ["--config", file]
    }
}

extension RunningServer {
    /// Whether the rules fire; nil unless the server has all of them.
    private func fire(_ names: [String]) throws -> [Bool]? {
        let lines = try HTTPAnswer.get("/metrics", port: adminPort).body.split(separator: "\n")
        let values = names.compactMap { name in
            lines.first { $0.hasPrefix("needletail_alert_active{name=\"\(name)\",") }?.last
        }
        return values.count == names.count ? values.map { $0 == "1" } : nil
    }

    /// Returns once all of these rules fire, or none does.
    func waitForAlerts(_ names: [String], toFire: Bool, seconds: Double) async throws {
        let end = Date(timeIntervalSinceNow: seconds)
        while try fire(names) != Array(repeating: toFire, count: names.count) {
            guard Date() < end else {
                throw TestFailure("after \(seconds) s: \(names) are \(String(describing: try fire(names)))")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
