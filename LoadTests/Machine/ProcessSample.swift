//! What the kernel says of a server's process.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A process at one moment, as `/proc` has it.
struct ProcessSample: Sendable, Hashable {
    /// User and system time of all its threads together; the kernel counts it in ticks, mostly of 10 ms.
    var cpuSeconds: Double
    var residentBytes: Int

    /// nil if there is no such process.
    static func take(of process: Int32) -> ProcessSample? {
        // Fields 14 and 15 are CPU time in ticks, 24 resident pages; counted from behind the name in parentheses, which
        // may hold spaces and is field 2 (see proc_pid_stat(5)).
        guard let stat = contents(ofFile: "/proc/\(process)/stat"), let end = stat.lastIndex(of: ")") else {
            return nil
        }
        let fields = stat[end...].split(separator: " ").dropFirst().map { Int($0) ?? 0 }
        guard fields.count > 21 else { return nil }
        return ProcessSample(
            cpuSeconds: Double(fields[11] + fields[12]) / Double(sysconf(Int32(_SC_CLK_TCK))),
            residentBytes: fields[21] * sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// How often the container's CPU quota stopped us. A run during which that happened does not count.
enum Throttling {
    /// `nr_throttled` of our control group and those around it, added up; 0 where there is no quota to read.
    static func count() -> Int {
        guard let groups = contents(ofFile: "/proc/self/cgroup") else { return 0 }
        var sum = 0
        for line in groups.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",")
            let root =
                if parts[1].isEmpty { "/sys/fs/cgroup" } else if controllers.contains("cpu") {
                    "/sys/fs/cgroup/\(parts[1])"
                } else { "" }
            if root.isEmpty { continue }
            var path = parts[2].split(separator: "/")
            while true {
                let file = ([Substring(root)] + path + ["cpu.stat"]).joined(separator: "/")
                sum += field("nr_throttled", ofFile: file).flatMap { Int($0) } ?? 0
                if path.popLast() == nil { break }
            }
        }
        return sum
    }
}
