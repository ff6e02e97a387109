//! What the control groups above this process have used of their limits. Version 1 and version 2 write the same figures
//! under different names, and units.

/// A control group with a memory limit.
struct GroupMemory: Sendable, Hashable {
    var limitBytes: Int
    /// What counts against the limit, but for pages of files that the kernel drops before anybody is killed. Other
    /// processes of the group, its sockets' buffers and the kernel's own structures are in it.
    var usedBytes: Int
    /// Those pages of files.
    var fileBytes: Int
}

/// How often a group stood still because its CPU quota was used up.
struct CPUThrottling: Sendable, Hashable {
    var periods = 0
    var throttledPeriods = 0
    var throttledSeconds = 0.0
}

extension ControlGroups {
    /// The groups above this process that have a memory limit and say what they use.
    func limitedMemory() -> [GroupMemory] {
        let version2 = groups(isVersion2: true, controller: "").compactMap { group in
            // Shared memory and tmpfs, which the kernel cannot drop, are on the anonymous lists.
            memory(
                limit: number(group + "/memory.max"), used: number(group + "/memory.current"),
                statistics: group + "/memory.stat", prefix: "")
        }
        let version1 = groups(isVersion2: false, controller: "memory").compactMap { group in
            memory(
                limit: number(group + "/memory.limit_in_bytes"), used: number(group + "/memory.usage_in_bytes"),
                statistics: group + "/memory.stat", prefix: "total_")
        }
        return version2 + version1
    }

    /// The throttling of the group that was throttled for the longest time.
    func throttling() -> CPUThrottling? {
        let version2 = groups(isVersion2: true, controller: "").compactMap { group in
            throttling(group + "/cpu.stat", time: "throttled_usec", unitsPerSecond: 1e6)
        }
        let version1 = groups(isVersion2: false, controller: "cpu").compactMap { group in
            throttling(group + "/cpu.stat", time: "throttled_time", unitsPerSecond: 1e9)
        }
        return (version2 + version1).max { $0.throttledSeconds < $1.throttledSeconds }
    }

    private func memory(limit: Int?, used: Int?, statistics path: String, prefix: String) -> GroupMemory? {
        guard let limit, let used, 1..<Self.unlimitedBytes ~= limit else { return nil }
        let files = ["inactive_file", "active_file"].reduce(0) { $0 + (statistic(prefix + $1, of: path) ?? 0) }
        return GroupMemory(limitBytes: limit, usedBytes: max(used - files, 0), fileBytes: files)
    }

    private func throttling(_ path: String, time: String, unitsPerSecond: Double) -> CPUThrottling? {
        guard let periods = statistic("nr_periods", of: path), let throttled = statistic("nr_throttled", of: path),
            let time = statistic(time, of: path)
        else { return nil }
        return CPUThrottling(
            periods: periods, throttledPeriods: throttled, throttledSeconds: Double(time) / unitsPerSecond)
    }
}
