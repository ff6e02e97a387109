//! The rules that hold unless the configuration says otherwise. `config/alerts.yaml` has the same for Prometheus.

extension AlertRule {
    package static let defaults: [AlertRule] = [
        // What the case study's callers are promised at their peak: 15 ms.
        AlertRule(
            "p99-over-budget",
            .value(
                MetricSelector(
                    "request_duration_quantile_seconds",
                    [.init(name: "method", value: "multiGet"), .init(name: "quantile", value: "0.99")])),
            .above, 0.015, durationMillis: 30_000, severity: .warning,
            summary: "the slowest 1% of multiGet calls of the last minute took longer than their budget"),
        // Several deadlines long; the gauge remembers the worst of the last seconds, so that one such stall is seen.
        AlertRule(
            "event-loop-lag", .value(MetricSelector("event_loop_lag_seconds")), .above, 0.25, durationMillis: 5_000,
            severity: .warning, summary: "an event loop stood still: something blocks it, or it lacks CPU"),
        AlertRule(
            "shedding", .ratio(MetricSelector("requests_shed_total"), MetricSelector("requests_total")), .above, 0.01,
            durationMillis: 30_000, severity: .warning,
            summary: "more than 1 of 100 calls is refused because of overload"),
        // A disk that is fit for a log syncs in a few milliseconds.
        AlertRule(
            "slow-log-sync", .quantile(0.99, MetricSelector("log_sync_duration_seconds")), .above, 0.05,
            durationMillis: 60_000, severity: .warning, summary: "the disk is slow to sync the log, and writes wait"),
        // Below where the governor refuses writes, so that there is time left.
        AlertRule(
            "memory-near-limit",
            .share(MetricSelector("governor_memory_used_bytes"), MetricSelector("governor_memory_limit_bytes")), .above,
            0.8,
            durationMillis: 30_000, severity: .warning,
            summary: "the process is near its memory limit, above which writes are refused"),
        AlertRule(
            "cpu-throttled", .rate(MetricSelector("cgroup_throttled_seconds_total")), .above, 0.1,
            durationMillis: 60_000, severity: .warning,
            summary: "the container's CPU quota makes the process stand still"),
        AlertRule(
            "disk-space", .share(MetricSelector("log_disk_free_bytes"), MetricSelector("log_disk_size_bytes")), .below,
            0.1, durationMillis: 60_000, severity: .warning,
            summary: "the file system of the data directory is nearly full"),
        // As long as a scrub takes to come by again.
        AlertRule(
            "log-damage", .increase(MetricSelector("log_damage_found_total")), .above, 0, windowMillis: 86_400_000,
            severity: .critical, summary: "the log is damaged on disk: take a snapshot, and see to the disk"),
        AlertRule(
            "log-refuses-writes",
            .value(MetricSelector("log_state", [.init(name: "state", value: "ok")])), .below, 1, severity: .critical,
            summary: "the log is full or has failed: changes are refused"),
    ]
}
