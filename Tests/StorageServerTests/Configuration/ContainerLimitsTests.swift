import StorageServer
import Testing

@Suite("Containers: control groups, affinity, memory")
struct ContainerLimitsTests {
    private static let mountsOfVersion2 =
        "22 1 0:20 / / rw - overlay overlay rw\n30 22 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 "
        + "cgroup rw,nsdelegate\n"
    private static let mountsOfVersion1 = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct
        33 31 0:30 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory

        """
    private static let groupsOfVersion1 = "9:name=systemd:/\n5:memory:/a/b\n4:cpuset:/\n3:cpu,cpuacct:/a/b\n"

    private func limits(_ files: [String: String]) throws -> (milliCPUs: Int?, bytes: Int?) {
        let tree = try TemporaryTree(files)
        let groups = ControlGroups(root: tree.path)
        return (groups.cpuQuotaMilliCPUs(), groups.memoryLimitBytes())
    }

    @Test("version 2, as a container with a namespace of its own sees it")
    func version2() throws {
        let limits = try limits([
            "proc/self/mountinfo": Self.mountsOfVersion2, "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/cpu.max": "250000 100000\n", "sys/fs/cgroup/memory.max": "536870912\n",
        ])
        #expect(limits == (2_500, 536_870_912))
    }

    @Test("version 2, nested: the least on the way up counts, wherever it stands")
    func nestedVersion2() throws {
        let files = [
            "proc/self/mountinfo": Self.mountsOfVersion2, "proc/self/cgroup": "0::/system.slice/a.service/worker\n",
            "sys/fs/cgroup/system.slice/cpu.max": "150000 50000\n", "sys/fs/cgroup/system.slice/memory.max": "max\n",
            "sys/fs/cgroup/system.slice/a.service/cpu.max": "max 100000\n",
            "sys/fs/cgroup/system.slice/a.service/memory.max": "1000000\n",
            "sys/fs/cgroup/system.slice/a.service/worker/cpu.max": "400000 100000\n",
            "sys/fs/cgroup/system.slice/a.service/worker/memory.max": "2000000\n",
            // A sibling's limits are not ours.
            "sys/fs/cgroup/system.slice/b.service/cpu.max": "1000 100000\n",
            "sys/fs/cgroup/system.slice/b.service/memory.max": "1\n",
        ]
        #expect(try limits(files) == (3_000, 1_000_000))
    }

    @Test("max is no limit")
    func unlimited() throws {
        let limits = try limits([
            "proc/self/mountinfo": Self.mountsOfVersion2, "proc/self/cgroup": "0::/x\n",
            "sys/fs/cgroup/x/cpu.max": "max 100000\n", "sys/fs/cgroup/x/memory.max": "max\n",
        ])
        #expect(limits == (nil, nil))
    }

    @Test("version 1, nested, with the sum over the way up that the kernel keeps")
    func version1() throws {
        let files = [
            "proc/self/mountinfo": Self.mountsOfVersion1, "proc/self/cgroup": Self.groupsOfVersion1,
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "150000\n",
            "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "50000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "3000000\n",
            "sys/fs/cgroup/memory/a/b/memory.stat": "cache 1\nhierarchical_memory_limit 2000000\n",
        ]
        #expect(try limits(files) == (2_000, 2_000_000))
    }

    @Test("version 1 without limits")
    func unlimitedVersion1() throws {
        let limits = try limits([
            "proc/self/mountinfo": Self.mountsOfVersion1, "proc/self/cgroup": Self.groupsOfVersion1,
            "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/a/b/memory.stat": "hierarchical_memory_limit 9223372036854771712\n",
        ])
        #expect(limits == (nil, nil))
    }

    @Test("a container without a namespace: the host's path, but only its own part of the tree mounted")
    func hostPath() throws {
        let mounts = Self.mountsOfVersion1.replacing(" / /sys/fs/cgroup/", with: " /docker/abc /sys/fs/cgroup/")
        let files = [
            "proc/self/mountinfo": mounts,
            "proc/self/cgroup": "5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc/inner\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "300000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_quota_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "4000000\n",
        ]
        #expect(try limits(files) == (1_000, 4_000_000))
    }

    @Test("a path that is not there, or leads outside, leaves the mount point")
    func pathElsewhere() throws {
        for path in ["/kubepods/burstable/pod1/abc", "/../../other"] {
            let limits = try limits([
                "proc/self/mountinfo": Self.mountsOfVersion2, "proc/self/cgroup": "0::\(path)\n",
                "sys/fs/cgroup/cpu.max": "100000 100000\n", "sys/fs/cgroup/memory.max": "5000000\n",
                "sys/other/cpu.max": "1000 100000\n",
            ])
            #expect(limits == (1_000, 5_000_000))
        }
    }

    @Test("hybrid: version 1 controllers, and version 2 for the rest")
    func hybrid() throws {
        let mounts = Self.mountsOfVersion1 + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
        let files = [
            "proc/self/mountinfo": mounts, "proc/self/cgroup": Self.groupsOfVersion1 + "0::/user\n",
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/unified/user/cgroup.controllers": "\n",
            "sys/fs/cgroup/unified/user/memory.max": "6000000\n",
            "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "7000000\n",
        ]
        #expect(try limits(files) == (2_000, 6_000_000))
    }

    @Test("a mount point with a space in its name")
    func escaped() throws {
        let limits = try limits([
            "proc/self/mountinfo": "30 22 0:26 / /my\\040groups rw - cgroup2 cgroup rw\n",
            "proc/self/cgroup": "0::/a:b\n",
            "my groups/a:b/cpu.max": "100000 100000\n", "my groups/memory.max": "8000000\n",
        ])
        #expect(limits == (1_000, 8_000_000))
    }

    @Test("without mountinfo the usual places are looked at")
    func noMountInfo() throws {
        let limits = try limits([
            "proc/self/cgroup": "0::/x\n", "sys/fs/cgroup/x/cpu.max": "500000 100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9000000\n",
        ])
        #expect(limits == (5_000, 9_000_000))
    }

    @Test("nothing there, or nonsense, is no limit")
    func none() throws {
        #expect(try limits([:]) == (nil, nil))
        let limits = try limits([
            "proc/self/mountinfo": Self.mountsOfVersion2 + "garbage\n\n1 2 - cgroup2\n",
            "proc/self/cgroup": "0::/\nx\n::\n",
            "sys/fs/cgroup/cpu.max": "100000\n", "sys/fs/cgroup/memory.max": "many\n",
        ])
        #expect(limits == (nil, nil))
        let zeroes = try self.limits([
            "proc/self/mountinfo": Self.mountsOfVersion2, "proc/self/cgroup": "0::/\n",
            "sys/fs/cgroup/cpu.max": "0 0\n", "sys/fs/cgroup/memory.max": "0\n",
        ])
        #expect(zeroes == (nil, nil))
    }

    @Test(
        "the affinity is counted from ranges",
        arguments: [
            ("0", 1), ("0-1", 2), ("0-3,8,10-11", 7), ("5-5", 1), ("", nil), ("3-1", nil), ("x", nil), ("0-1-2", nil),
        ] as [(String, Int?)])
    func affinity(list: String, count: Int?) throws {
        let tree = try TemporaryTree([
            "proc/self/status": "Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t\(list)\nMems:\t1\n"
        ])
        #expect(ContainerLimits.affinityCPUs(root: tree.path) == count)
        #expect(ContainerLimits.affinityCPUs(root: tree.path + "/none") == nil)
    }

    @Test(
        "event loops are the quota rounded down, at most the affinity, at least one",
        arguments: [
            (nil, 4, 4), (2_000, 4, 2), (2_999, 4, 2), (500, 4, 1), (8_000, 4, 4), (1_000, 1, 1), (nil, 1, 1),
            (10, 1, 1),
        ] as [(Int?, Int, Int)])
    func eventLoops(milliCPUs: Int?, affinity: Int, loops: Int) {
        let limits = ContainerLimits(
            cpuQuotaMilliCPUs: milliCPUs, memoryLimitBytes: nil, affinityCPUs: affinity, physicalMemoryBytes: 1)
        #expect(limits.eventLoops == loops)
    }

    @Test(
        "a reserve is taken from the quota, or from the CPUs where there is none; what the configuration says beats it",
        arguments: [
            (4_000, 8, 500, 0, 3), (2_500, 8, 500, 0, 2), (nil, 4, 1_000, 0, 3), (8_000, 2, 500, 0, 1),
            (1_000, 4, 4_000, 0, 1), (2_999, 4, 0, 0, 2), (4_000, 8, 500, 5, 5),
        ] as [(Int?, Int, Int, Int, Int)])
    func reserve(milliCPUs: Int?, affinity: Int, reserve: Int, configured: Int, loops: Int) {
        let limits = ContainerLimits(
            cpuQuotaMilliCPUs: milliCPUs, memoryLimitBytes: nil, affinityCPUs: affinity, physicalMemoryBytes: 1)
        var rpc = ServerConfiguration.defaults.rpc
        (rpc.reservedMilliCores, rpc.eventLoops) = (reserve, configured)
        #expect(rpc.eventLoopCount(in: limits) == loops)
    }

    @Test("memory is the least of the limit and the machine")
    func memory() {
        var limits = ContainerLimits(
            cpuQuotaMilliCPUs: nil, memoryLimitBytes: nil, affinityCPUs: 1, physicalMemoryBytes: 100)
        #expect(limits.memoryBytes == 100)
        limits.memoryLimitBytes = 50
        #expect(limits.memoryBytes == 50)
        limits.memoryLimitBytes = 500
        #expect(limits.memoryBytes == 100)
    }

    @Test("this machine has at least one CPU and some memory")
    func current() {
        let limits = ContainerLimits.current()
        #expect(limits.eventLoops >= 1)
        #expect(limits.affinityCPUs >= limits.eventLoops)
        #expect(limits.memoryBytes > 1 << 20)
    }
}
