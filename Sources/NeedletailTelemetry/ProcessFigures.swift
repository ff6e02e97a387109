internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What the kernel says of this process, read from `/proc/self` when asked.
public struct ProcessFigures: Sendable, Hashable {
    /// User and system time together.
    public var cpuSeconds = 0.0
    public var residentBytes = 0
    public var threads = 0
    public var openFileDescriptors = 0

    /// The figures now; those that cannot be read are 0.
    public static func sample() -> ProcessFigures {
        var figures = ProcessFigures()
        // Fields 14 and 15 are CPU time in ticks, 20 threads, 24 resident pages; counted from behind the name in
        // parentheses, which may hold spaces and is field 2 (see proc_pid_stat(5)).
        if let stat = read("/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            let fields = stat[end...].split(separator: " ").dropFirst().map { Int($0) ?? 0 }
            if fields.count > 21 {
                figures.cpuSeconds = Double(fields[11] + fields[12]) / Double(sysconf(Int32(_SC_CLK_TCK)))
                figures.threads = fields[17]
                figures.residentBytes = fields[21] * sysconf(Int32(_SC_PAGESIZE))
            }
        }
        figures.openFileDescriptors = entries("/proc/self/fd")
        return figures
    }

    /// As the contract names them.
    public var families: [MetricFamily] {
        [
            MetricFamily(
                "process_cpu_seconds_total", .counter, "User and system time of the process.", value: cpuSeconds),
            MetricFamily(
                "process_resident_memory_bytes", .gauge, "Memory of the process that is in RAM.",
                value: Double(residentBytes)),
            MetricFamily("process_open_fds", .gauge, "Open file descriptors.", value: Double(openFileDescriptors)),
            MetricFamily("threads", .gauge, "Threads of the process.", value: Double(threads)),
        ]
    }

    private static func read(_ path: FilePath) -> String? {
        guard let file = try? FileDescriptor.open(path, .readOnly) else { return nil }
        return try? file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    /// How many entries a directory has, `.` and `..` and the one for reading it left out.
    private static func entries(_ path: String) -> Int {
        guard let directory = unsafe opendir(path) else { return 0 }
        defer { unsafe closedir(directory) }
        var count = -3
        while unsafe readdir(directory) != nil { count += 1 }
        return max(count, 0)
    }
}
