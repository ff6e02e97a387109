internal import NeedletailTelemetry

/// What the control groups above this process allow and have counted, at one moment.
struct ContainerFigures: Sendable, Hashable {
    /// Thousandths of a CPU; nil: none.
    var cpuQuotaMilliCPUs: Int?
    var throttling: CPUThrottling
    /// The group that is nearest to its memory limit; nil: none has one.
    var memory: GroupMemory?

    /// Reads the groups' files. Not for event loops.
    init(_ groups: ControlGroups) {
        cpuQuotaMilliCPUs = groups.cpuQuotaMilliCPUs()
        throttling = groups.throttling() ?? CPUThrottling()
        memory = ((try? groups.limitedMemory()) ?? []).max { $0.usedShare < $1.usedShare }
    }

    /// A quota or a limit that is not set has no metric: as 0 it would look used up. Counters are always there.
    var families: [MetricFamily] {
        func gauge(_ name: String, _ help: String, _ value: Double?) -> MetricFamily {
            MetricFamily(name, .gauge, help, value.map { [.init([], $0)] } ?? [])
        }
        return [
            gauge(
                "cgroup_cpu_quota_cores", "CPUs that the container may use.",
                cpuQuotaMilliCPUs.map { Double($0) / 1_000 }),
            MetricFamily(
                "cgroup_cpu_periods_total", .counter, "Periods in which the container's CPU quota was counted.",
                value: Double(throttling.periods)),
            MetricFamily(
                "cgroup_throttled_periods_total", .counter, "Periods in which the container's CPU quota was used up.",
                value: Double(throttling.throttledPeriods)),
            MetricFamily(
                "cgroup_throttled_seconds_total", .counter,
                "Time for which CPUs of the container stood still because its quota was used up.",
                value: throttling.throttledSeconds),
            gauge(
                "cgroup_memory_limit_bytes", "Memory that the container may use.",
                memory.map { Double($0.limitBytes) }),
            gauge(
                "cgroup_memory_used_bytes", "Memory that the container uses, without pages of files.",
                memory.map { Double($0.usedBytes) }),
            gauge(
                "cgroup_memory_file_bytes", "Pages of files that count against the container's memory limit.",
                memory.map { Double($0.fileBytes) }),
        ]
    }
}

extension GroupMemory {
    var usedShare: Double { Double(usedBytes) / Double(limitBytes) }
}
