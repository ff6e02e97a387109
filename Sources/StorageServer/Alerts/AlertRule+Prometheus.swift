//! The default rules as Prometheus takes them: `config/alerts.yaml` is rendered here, never written by hand.

extension AlertRule {
    /// A file of alerting rules that hold for each server by itself.
    package static var prometheusFile: String {
        let head = """
            # Needletail's default alert rules, for Prometheus (rule_files). The server looks at the same rules itself:
            # /stats and needletail_alert_active show them. Rendered from the rules: a test compares the two.
            groups:
              - name: needletail
                rules:

            """
        return head + defaults.map(\.prometheus).joined()
    }

    /// `p99-over-budget` is NeedletailP99OverBudget.
    package var prometheusName: String {
        "Needletail" + name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private var prometheus: String {
        """
              - alert: \(prometheusName)
                expr: \(Self.quoted(prometheusExpression))
                for: \(durationMillis == 0 ? "0s" : DurationUnits.text(millis: durationMillis))
                labels:
                  severity: \(severity.rawValue)
                annotations:
                  summary: \(Self.quoted("{{ $labels.instance }}: \(summary)"))
                  description: 'It is {{ $value }}; the rule is \(comparison.rawValue) \(Self.text(threshold)).'

        """
    }

    /// A scalar of YAML in which nothing but its quote means anything.
    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// The rule in PromQL. Of several samples of one server the worst counts, as it does inside.
    package var prometheusExpression: String {
        "\(prometheusValue) \(comparison.rawValue) \(Self.text(threshold))"
    }

    private var prometheusValue: String {
        let window = "[\(DurationUnits.text(millis: windowMillis))]"
        func worst(_ text: String) -> String { "\(comparison.isUpper ? "max" : "min") by (job, instance) (\(text))" }
        func sum(_ text: String) -> String { "sum by (job, instance) (\(text))" }
        // Nothing divided by nothing is no alert.
        func quotient(_ part: String, _ whole: String) -> String { "\(sum(part)) / (\(sum(whole)) > 0)" }
        switch expression {
        case .value(let metric): return worst(metric.prometheus)
        case .rate(let metric): return worst("rate(\(metric.prometheus)\(window))")
        case .increase(let metric): return worst("increase(\(metric.prometheus)\(window))")
        case .share(let part, let whole): return quotient(part.prometheus, whole.prometheus)
        case .ratio(let part, let whole):
            return quotient("increase(\(part.prometheus)\(window))", "increase(\(whole.prometheus)\(window))")
        case .quantile(let quantile, let metric):
            let buckets = MetricSelector(metric.name + "_bucket", metric.labels)
            return worst("histogram_quantile(\(quantile), rate(\(buckets.prometheus)\(window)))")
        }
    }
}

extension MetricSelector {
    fileprivate var prometheus: String { "needletail_\(self)" }
}
