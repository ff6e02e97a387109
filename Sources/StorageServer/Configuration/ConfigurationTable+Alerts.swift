//! The keys of alerts: how often rules are looked at, and the rules by name.

extension ConfigurationTable {
    static let alerting = ConfigurationSection(
        "alerting", "How the rules below are looked at.",
        [
            .init(
                "alerting.interval", .durationMillis(100...3_600_000), default: .durationMillis(5_000),
                zeroMeans: "there are no alerts", "How often the server looks at its alert rules.")
        ])

    static let alerts = ConfigurationMapping(
        "alerts",
        """
        Alert rules by name, over the server's own metrics. Any field of those below can be changed, enabled: false \
        switches one off, and others can be added. A metric is a name, name{label="value"}, rate(counter), \
        increase(counter), ratio(counter, counter), share(gauge, gauge) or quantile(0.99, histogram); several samples: \
        the worst counts. for: how long a rule must be broken; window: how far back counters are looked at. Only this \
        file has rules: there are no flags and no variables for them.
        """,
        defaults: AlertRule.defaults.map { $0.entry },
        problems: AlertRule.problems)
}
