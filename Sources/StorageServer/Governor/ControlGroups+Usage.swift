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
    /// - Throws: `TextFileError`, if a file that is there cannot be read now.
    func limitedMemory() throws(TextFileError) -> [GroupMemory] {
        var limited: [GroupMemory] = []
        for group in groups(isVersion2: true, controller: "") {
            // Shared memory and tmpfs, which the kernel cannot drop, are on the anonymous lists.
            if let memory = try memory(of: group, limit: "memory.max", used: "memory.current", prefix: "") {
                limited.append(memory)
            }
        }
        for group in groups(isVersion2: false, controller: "memory") {
            if let memory = try memory(
                of: group, limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes", prefix: "total_")
            {
                limited.append(memory)
            }
        }
        return limited
    }

    /// The throttling of the group that was throttled for the longest time; zeroes where no group says.
    /// - Throws: `TextFileError`, if a file that is there cannot be read now.
    func throttling() throws(TextFileError) -> CPUThrottling {
        var found: [CPUThrottling] = []
        for group in groups(isVersion2: true, controller: "") {
            found += try throttling(of: group, time: "throttled_usec", unitsPerSecond: 1e6)
        }
        for group in groups(isVersion2: false, controller: "cpu") {
            found += try throttling(of: group, time: "throttled_time", unitsPerSecond: 1e9)
        }
        return found.max { $0.throttledSeconds < $1.throttledSeconds } ?? CPUThrottling()
    }

    private func memory(
        of group: String, limit: String, used: String, prefix: String
    ) throws(TextFileError) -> GroupMemory? {
        guard let limit = try contents(of: group + "/" + limit).flatMap(Self.number), 1..<Self.unlimitedBytes ~= limit,
            let used = try contents(of: group + "/" + used).flatMap(Self.number)
        else { return nil }
        let statistics = try contents(of: group + "/memory.stat") ?? ""
        let files = ["inactive_file", "active_file"].reduce(0) {
            $0 + (Self.statistic(prefix + $1, in: statistics) ?? 0)
        }
        return GroupMemory(limitBytes: limit, usedBytes: max(used - files, 0), fileBytes: files)
    }

    /// The file's text; nil if there is none, or none for this process, which does not change.
    private func contents(of path: String) throws(TextFileError) -> String? {
        do {
            return try TextFile.read(path)
        } catch {
            switch error {
            case .notFound, .permissionDenied, .isDirectory: return nil
            case .larger, .notUTF8, .other: throw error
            }
        }
    }

    private static func number(_ text: String) -> Int? { Int(text.prefix { !$0.isNewline }) }

    /// None of a group that does not say.
    private func throttling(
        of group: String, time: String, unitsPerSecond: Double
    ) throws(TextFileError) -> [CPUThrottling] {
        guard let text = try contents(of: group + "/cpu.stat"), let periods = Self.statistic("nr_periods", in: text),
            let throttled = Self.statistic("nr_throttled", in: text), let time = Self.statistic(time, in: text)
        else { return [] }
        return [
            CPUThrottling(
                periods: periods, throttledPeriods: throttled, throttledSeconds: Double(time) / unitsPerSecond)
        ]
    }
}
