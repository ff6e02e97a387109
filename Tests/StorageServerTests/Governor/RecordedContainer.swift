//! The files that the kernel shows inside of a container: recorded under each version of control groups, cut to what
//! matters, with the same limits and usage. 2.5 CPUs, 1 GiB; of what counts, 100 MiB are pages of files.

import Foundation

struct RecordedContainer: Sendable, CustomStringConvertible {
    let description: String
    private let files: [String: String]
    /// The file that says what is used.
    private let usageFile: String
    /// The file that says how much of that are files' pages.
    private let statisticsFile: String
    private let statistics: String

    static let limitBytes = 1 << 30
    static let fileBytes = 100 << 20

    static let all = [version1, version2, hybrid]

    private static let version2 = RecordedContainer(
        description: "version 2",
        files: [
            "proc/self/mountinfo": "30 22 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 cgroup rw,nsdelegate\n",
            "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/cpu.max": "250000 100000\n",
            "sys/fs/cgroup/cpu.stat": """
            usage_usec 90811326
            user_usec 61042221
            system_usec 29769105
            nr_periods 1200
            nr_throttled 345
            throttled_usec 67500000

            """,
            "sys/fs/cgroup/memory.max": "\(limitBytes)\n",
        ],
        usageFile: "sys/fs/cgroup/memory.current", statisticsFile: "sys/fs/cgroup/memory.stat",
        statistics: """
            anon 241172480
            file 104857600
            kernel 9412608
            inactive_anon 241172480
            active_anon 0
            inactive_file 62914560
            active_file 41943040

            """)

    private static let filesOfVersion1 = [
        "proc/self/mountinfo": """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory

        """,
        "proc/self/cgroup": "9:name=systemd:/\n5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.stat": "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n",
        "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "250000\n",
        "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.stat":
            "nr_periods 1200\nnr_throttled 345\nthrottled_time 67500000000\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "8589934592\n",
        "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "\(limitBytes)\n",
    ]
    private static let version1 = RecordedContainer(
        description: "version 1", files: filesOfVersion1,
        usageFile: "sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes",
        statisticsFile: "sys/fs/cgroup/memory/docker/abc/memory.stat",
        // Those without "total" are of the group alone, without the groups below it.
        statistics: """
            cache 0
            inactive_file 0
            active_file 0
            hierarchical_memory_limit \(limitBytes)
            total_cache 104857600
            total_inactive_file 62914560
            total_active_file 41943040

            """)

    private static let hybrid = RecordedContainer(
        description: "hybrid",
        files: filesOfVersion1.merging([
            "proc/self/mountinfo": (filesOfVersion1["proc/self/mountinfo"] ?? "")
                + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
            "proc/self/cgroup": (filesOfVersion1["proc/self/cgroup"] ?? "") + "0::/docker/abc\n",
            // Version 2 has no controllers here; its account of CPU time it has always.
            "sys/fs/cgroup/unified/docker/abc/cpu.stat": "usage_usec 90811326\nuser_usec 61042221\n",
        ]) { $1 }, usageFile: version1.usageFile, statisticsFile: version1.statisticsFile,
        statistics: version1.statistics)

    /// The container's files, while so many bytes besides pages of files are used.
    func tree(usedBytes: Int) throws -> TemporaryTree {
        let tree = try TemporaryTree(files)
        try use(usedBytes, in: tree)
        return tree
    }

    /// Has the container's CPUs have stood still for so long.
    func throttle(seconds: Int, in tree: TemporaryTree) throws {
        for (file, text) in files where file.hasSuffix("cpu.stat") {
            let text = text.replacing(/throttled_usec [0-9]+/, with: "throttled_usec \(seconds * 1_000_000)")
            try tree.write(
                text.replacing("throttled_time 67500000000", with: "throttled_time \(seconds)000000000"), to: file)
        }
    }

    /// Has the files that say how long CPUs stood still be there and not readable: no text.
    func hideThrottling(in tree: TemporaryTree) throws {
        for file in files.keys where file.hasSuffix("cpu.stat") { try tree.write(Data([0xFF]), to: file) }
    }

    /// Has the file that says what is used be there and not readable: no text.
    func hideUsage(in tree: TemporaryTree) throws { try tree.write(Data([0xFF]), to: usageFile) }

    func use(_ usedBytes: Int, in tree: TemporaryTree) throws {
        try tree.write("\(usedBytes + Self.fileBytes)\n", to: usageFile)
        try tree.write(statistics, to: statisticsFile)
    }
}
