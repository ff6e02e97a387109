//! What this process may use: CPUs and memory, the least of what the control groups above it, its CPU affinity and the
//! machine allow. Read once at start, on the main thread, before any thread changes its affinity. What cannot be read
//! is no limit: a wrong guess here must not keep the service from starting.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// CPUs and memory that this process may use.
public struct ContainerLimits: Sendable, Hashable {
    /// The control groups' CPU quota in thousandths of a CPU; nil: none.
    public var cpuQuotaMilliCPUs: Int?
    /// The control groups' memory limit; nil: none.
    public var memoryLimitBytes: Int?
    /// CPUs that the process may run on.
    public var affinityCPUs: Int
    /// The machine's memory.
    public var physicalMemoryBytes: Int

    public init(cpuQuotaMilliCPUs: Int?, memoryLimitBytes: Int?, affinityCPUs: Int, physicalMemoryBytes: Int) {
        self.cpuQuotaMilliCPUs = cpuQuotaMilliCPUs
        self.memoryLimitBytes = memoryLimitBytes
        self.affinityCPUs = affinityCPUs
        self.physicalMemoryBytes = physicalMemoryBytes
    }

    /// Event loops that can be busy all the time without being throttled: the quota rounded down, because a thread more
    /// than the quota has CPUs stands still for a part of every period.
    public var eventLoops: Int { eventLoops(reservingMilliCPUs: 0) }

    /// The same, when so many thousandths of a CPU are for others, a sidecar for instance: of the quota, and without one
    /// of the CPUs that the process may run on.
    public func eventLoops(reservingMilliCPUs reserve: Int) -> Int {
        let milliCPUs = min(cpuQuotaMilliCPUs ?? .max, affinityCPUs * 1_000)
        return max(1, (milliCPUs - reserve) / 1_000)
    }

    /// Memory that can be used at all.
    public var memoryBytes: Int { min(memoryLimitBytes ?? .max, physicalMemoryBytes) }

    /// The limits of this process.
    public static func current() -> ContainerLimits {
        let groups = ControlGroups(root: "")
        return ContainerLimits(
            cpuQuotaMilliCPUs: groups.cpuQuotaMilliCPUs(), memoryLimitBytes: groups.memoryLimitBytes(),
            affinityCPUs: affinityCPUs(root: "") ?? cpusOfMachine(),
            physicalMemoryBytes: machineMemoryBytes())
    }

    /// The CPUs of the main thread's affinity, as `sched_getaffinity` gives them; that call is not visible to Swift,
    /// but the kernel writes the same set into a file.
    package static func affinityCPUs(root: String) -> Int? {
        guard let status = try? TextFile.read(root + "/proc/self/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix(allowedList) })
        else { return nil }
        // `0-3,8`: ranges and single CPUs.
        var count = 0
        for part in line.dropFirst(allowedList.count).split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = part.split(separator: "-").map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last
            else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }

    private static let allowedList = "Cpus_allowed_list:"

    private static func cpusOfMachine() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    static func machineMemoryBytes() -> Int {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard pages > 0, pageBytes > 0 else { return .max }
        return pages * pageBytes
    }
}
