extension ConfigurationTable {
    static let tracing = ConfigurationSection(
        "tracing", "Spans of calls, for a collector that speaks OTLP over HTTP.",
        [
            .init(
                "tracing.endpoint", .text(.url), default: .absent,
                "Where spans are posted as JSON, such as http://127.0.0.1:4318/v1/traces. Without it nothing is traced."
            ),
            .init(
                "tracing.sampleRatio", .text(.ratio), default: .text("0.01"),
                """
                Of the calls that come without a trace so many are recorded; a call that comes with one is recorded if its \
                trace is.
                """),
        ])
}
