//! Limits of Linux control groups, versions 1, 2 and both at once. `/proc/self/cgroup` says in which group of each
//! hierarchy the process is, `/proc/self/mountinfo` where that hierarchy is mounted and which part of it. A limit holds
//! for everything below it, so the way is walked from the process's group up to the mount point, and the least counts.
//! A path that is not there (a container often sees its own group as the mount point, but the host's path in
//! `/proc/self/cgroup`) has no files, and the walk goes on above it.
//!
//! Every file is read below `root`, so that a test can hand in a recorded tree.

package struct ControlGroups: Sendable {
    /// What stands before every absolute path; empty for the real files.
    private let root: String
    private let mounts: [Mount]
    private let memberships: [Membership]

    /// A line of `/proc/self/mountinfo` that is about control groups.
    private struct Mount: Sendable {
        /// The part of the hierarchy that is seen.
        let part: String
        /// Where it is seen.
        let point: String
        let isVersion2: Bool
        /// Controllers of version 1, from the file system's options.
        let controllers: [Substring]
    }

    /// A line of `/proc/self/cgroup`.
    private struct Membership: Sendable {
        /// Empty for version 2.
        let controllers: [Substring]
        let path: String
    }

    package init(root: String) {
        self.root = root
        let mountInfo = (try? TextFile.read(root + "/proc/self/mountinfo")) ?? ""
        let mounts = mountInfo.split(separator: "\n").compactMap(Self.mount)
        self.mounts = mounts.isEmpty ? Self.usualMounts : mounts
        let membership = (try? TextFile.read(root + "/proc/self/cgroup")) ?? ""
        memberships = membership.split(separator: "\n").compactMap(Self.membership)
    }

    /// The CPU quota in thousandths of a CPU; nil: none.
    package func cpuQuotaMilliCPUs() -> Int? {
        // Quota and period are microseconds; "max" and -1 are no quota.
        let version2 = groups(isVersion2: true, controller: "").map { group -> Int? in
            let words = (text(group + "/cpu.max") ?? "").split(separator: " ")
            return words.count == 2 ? Self.milliCPUs(quota: Int(words[0]), period: Int(words[1])) : nil
        }
        let version1 = groups(isVersion2: false, controller: "cpu").map { group in
            Self.milliCPUs(quota: number(group + "/cpu.cfs_quota_us"), period: number(group + "/cpu.cfs_period_us"))
        }
        return (version2 + version1).compactMap(\.self).min()
    }

    /// The memory limit; nil: none.
    package func memoryLimitBytes() -> Int? {
        let version2 = groups(isVersion2: true, controller: "").map { number($0 + "/memory.max") }
        let version1 = groups(isVersion2: false, controller: "memory").flatMap { group in
            // The second is the least of all groups above, also of those that cannot be seen from here.
            [
                number(group + "/memory.limit_in_bytes"),
                statistic("hierarchical_memory_limit", of: group + "/memory.stat"),
            ]
        }
        return (version2 + version1).compactMap(\.self).filter { 1..<Self.unlimitedBytes ~= $0 }.min()
    }

    /// Version 1 has no word for "none": it says the largest number of pages that fits 63 bits, in bytes.
    static let unlimitedBytes = 1 << 60

    private static func milliCPUs(quota: Int?, period: Int?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        let (thousandfold, overflow) = quota.multipliedReportingOverflow(by: 1_000)
        return overflow ? nil : thousandfold / period
    }

    // MARK: - The way up

    /// The directories whose limits hold for this process, from its group to the mount point.
    func groups(isVersion2: Bool, controller: Substring) -> [String] {
        let isWanted = { (controllers: [Substring]) in isVersion2 || controllers.contains(controller) }
        let own = memberships.first { isVersion2 ? $0.controllers.isEmpty : $0.controllers.contains(controller) }
        return mounts.filter { $0.isVersion2 == isVersion2 && isWanted($0.controllers) }.flatMap { mount in
            var steps = Self.steps(from: mount.part, to: own?.path ?? mount.part)
            var directories = [root + mount.point]
            while !steps.isEmpty {
                directories.append(root + ([mount.point] + steps.map(String.init)).joined(separator: "/"))
                steps.removeLast()
            }
            return directories
        }
    }

    /// The names that lead from the part of a hierarchy that is mounted to a group in it. None if the group lies
    /// outside, as with a control group namespace that was entered from elsewhere (`/../..`).
    private static func steps(from part: String, to path: String) -> [Substring] {
        let (base, target) = (part.split(separator: "/"), path.split(separator: "/"))
        guard target.starts(with: base), !target.contains("..") else { return [] }
        return Array(target.dropFirst(base.count))
    }

    // MARK: - Files

    private func text(_ path: String) -> String? {
        guard let text = try? TextFile.read(path) else { return nil }
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
    }

    func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

    func statistic(_ name: String, of path: String) -> Int? {
        (try? TextFile.read(path)).flatMap { Self.statistic(name, in: $0) }
    }

    /// The number of a line `name number`.
    static func statistic(_ name: String, in text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    /// `31 23 0:28 /part /point options - cgroup2 source super,options`, with a few optional fields before the dash.
    private static func mount(_ line: Substring) -> Mount? {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3,
            fields[dash + 1] == "cgroup2" || fields[dash + 1] == "cgroup"
        else { return nil }
        return Mount(
            part: unescaped(fields[3]), point: unescaped(fields[4]), isVersion2: fields[dash + 1] == "cgroup2",
            controllers: fields[dash + 3].split(separator: ","))
    }

    /// The kernel writes spaces and backslashes of paths as octal numbers.
    private static func unescaped(_ field: Substring) -> String {
        String(field.replacing("\\040", with: " ").replacing("\\134", with: "\\"))
    }

    /// `4:memory:/path`, or `0::/path` for version 2. A path may contain colons.
    private static func membership(_ line: Substring) -> Membership? {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        return Membership(controllers: fields[1].split(separator: ","), path: String(fields[2]))
    }

    /// Where hierarchies are mounted on every common system, for when `/proc/self/mountinfo` cannot be read.
    private static let usualMounts = [
        Mount(part: "/", point: "/sys/fs/cgroup", isVersion2: true, controllers: []),
        Mount(part: "/", point: "/sys/fs/cgroup/unified", isVersion2: true, controllers: []),
        Mount(part: "/", point: "/sys/fs/cgroup/cpu", isVersion2: false, controllers: ["cpu"]),
        Mount(part: "/", point: "/sys/fs/cgroup/memory", isVersion2: false, controllers: ["memory"]),
    ]
}
