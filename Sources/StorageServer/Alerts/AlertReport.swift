//! What `/stats`, the page and `/metrics` show of alerts.

internal import NeedletailTelemetry
internal import Timing

/// One rule, and how it stands.
package struct AlertReport: Codable, Sendable, Hashable {
    package var name: String
    /// warning or critical.
    package var severity: String
    /// inactive, pending (broken, but not for long enough) or firing.
    package var state: String
    /// When that state began, milliseconds since 1970; nil while inactive.
    package var sinceMillis: Int64?
    /// What the rule looks at.
    package var metric: String
    /// Its value at the last look; nil if it had none.
    package var value: Double?
    /// `>`, `>=`, `<` or `<=`.
    package var comparison: String
    package var threshold: Double
    package var summary: String
}

extension AlertReport {
    init(_ entry: AlertBoard.Entry) {
        self.init(
            name: entry.rule.name, severity: entry.rule.severity.rawValue, state: entry.phase.rawValue,
            sinceMillis: entry.since?.milliseconds, metric: "\(entry.rule.expression)",
            // JSON has no infinity.
            value: entry.value.flatMap { $0.isFinite ? $0 : nil }, comparison: entry.rule.comparison.rawValue,
            threshold: entry.rule.threshold, summary: entry.rule.summary)
    }
}

extension AlertBoard {
    var reports: [AlertReport] { entries.map { AlertReport($0) } }

    /// None where there are no rules.
    var families: [MetricFamily] {
        [
            MetricFamily(
                "alert_active", .gauge, "1 for alerts that are firing, by the name of their rule.",
                entries.map { entry in
                    .init(
                        [("name", entry.rule.name), ("severity", entry.rule.severity.rawValue)],
                        entry.phase == .firing ? 1 : 0)
                })
        ]
    }
}
