internal import NeedletailTelemetry

/// What the control groups above this process allow and have counted, at one moment.
struct ContainerFigures: Sendable, Hashable {
    /// Thousandths of a CPU; nil: none.
    var cpuQuotaMilliCPUs: Int?
    /// Nil: it cannot be read now.
    var throttling: CPUThrottling?
    /// The group that is nearest to its memory limit; nil: none has one.
    var memory: GroupMemory?

    /// Reads the groups' files. Not for event loops.
    init(_ groups: ControlGroups) {
        cpuQuotaMilliCPUs = groups.cpuQuotaMilliCPUs()
        throttling = try? groups.throttling()
        memory = ((try? groups.limitedMemory()) ?? []).max { $0.usedShare < $1.usedShare }
    }

    /// A quota or a limit that is not set has no metric: as 0 it would look used up. Counters are always there, but where they
    /// cannot be read: as 0 they would look begun anew.
    var families: [MetricFamily] {
        [
            MetricFamily(
                "cgroup_cpu_quota_cores", .gauge, "CPUs that the container may use.",
                value: cpuQuotaMilliCPUs.map { Double($0) / 1_000 }),
            MetricFamily(
                "cgroup_cpu_periods_total", .counter, "Periods in which the container's CPU quota was counted.",
                value: throttling.map { Double($0.periods) }),
            MetricFamily(
                "cgroup_throttled_periods_total", .counter, "Periods in which the container's CPU quota was used up.",
                value: throttling.map { Double($0.throttledPeriods) }),
            MetricFamily(
                "cgroup_throttled_seconds_total", .counter,
                "Time for which CPUs of the container stood still because its quota was used up.",
                value: throttling?.throttledSeconds),
            MetricFamily(
                "cgroup_memory_limit_bytes", .gauge, "Memory that the container may use.",
                value: memory.map { Double($0.limitBytes) }),
            MetricFamily(
                "cgroup_memory_used_bytes", .gauge, "Memory that the container uses, without pages of files.",
                value: memory.map { Double($0.usedBytes) }),
            MetricFamily(
                "cgroup_memory_file_bytes", .gauge, "Pages of files that count against the container's memory limit.",
                value: memory.map { Double($0.fileBytes) }),
        ]
    }
}

extension GroupMemory {
    var usedShare: Double { Double(usedBytes) / Double(limitBytes) }
}
