#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What the kernel says of this process, read when asked. Not for event loops: it reads files.
public struct ProcessFigures: Sendable, Hashable {
    public var cpuUserSeconds = 0.0
    public var cpuSystemSeconds = 0.0
    public var residentBytes = 0
    /// Of these, those that are no pages of files.
    public var anonymousBytes = 0
    public var threads = 0
    public var openFileDescriptors = 0
    /// How many may be open; 0: unknown.
    public var openFileDescriptorsMax = 0
    /// Pages that were in RAM already, and pages that had to be read.
    public var minorPageFaults = 0
    public var majorPageFaults = 0
    /// How often a thread waited for something, and how often one was made to wait for others.
    public var voluntaryContextSwitches = 0
    public var involuntaryContextSwitches = 0

    /// User and system time together.
    public var cpuSeconds: Double { cpuUserSeconds + cpuSystemSeconds }

    /// The figures now; those that cannot be read are 0.
    public static func sample() -> ProcessFigures {
        var figures = ProcessFigures()
        // Fields 14 and 15 are CPU time in ticks, 20 threads; counted from behind the name in parentheses, which may hold
        // spaces and is field 2 (see proc_pid_stat(5)).
        if let stat = ProcFile.read("/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            let fields = stat[end...].split(separator: " ").dropFirst().map { Int($0) ?? 0 }
            if fields.count > 17 {
                let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
                figures.cpuUserSeconds = Double(fields[11]) / ticksPerSecond
                figures.cpuSystemSeconds = Double(fields[12]) / ticksPerSecond
                figures.threads = fields[17]
            }
        }
        let memory = ProcessMemory.sample() ?? ProcessMemory()
        (figures.residentBytes, figures.anonymousBytes) = (memory.residentBytes, memory.anonymousBytes)
        figures.openFileDescriptors = entries("/proc/self/fd")
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.openFileDescriptorsMax = Int(clamping: limit.rlim_cur)
        }
        // Of all threads; the counts in `/proc/self/status` are those of the main thread.
        var usage = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            (figures.minorPageFaults, figures.majorPageFaults) = (usage.ru_minflt, usage.ru_majflt)
            figures.voluntaryContextSwitches = usage.ru_nvcsw
            figures.involuntaryContextSwitches = usage.ru_nivcsw
        }
        return figures
    }

    /// As the contract names them.
    public var families: [MetricFamily] {
        [
            MetricFamily(
                "process_cpu_seconds_total", .counter, "User and system time of the process.", value: cpuSeconds),
            MetricFamily(
                "process_cpu_mode_seconds_total", .counter, "CPU time of the process, by where it was spent.",
                [.init([("mode", "user")], cpuUserSeconds), .init([("mode", "system")], cpuSystemSeconds)]),
            MetricFamily(
                "process_resident_memory_bytes", .gauge, "Memory of the process that is in RAM.",
                value: Double(residentBytes)),
            MetricFamily(
                "process_anonymous_memory_bytes", .gauge, "Memory of the process that is in RAM and is no file's.",
                value: Double(anonymousBytes)),
            MetricFamily("process_open_fds", .gauge, "Open file descriptors.", value: Double(openFileDescriptors)),
            MetricFamily(
                "process_max_fds", .gauge, "File descriptors that may be open.", value: Double(openFileDescriptorsMax)),
            MetricFamily("threads", .gauge, "Threads of the process.", value: Double(threads)),
            MetricFamily(
                "process_page_faults_total", .counter,
                "Pages that were not mapped when they were used: minor ones were in RAM, major ones were read.",
                [
                    .init([("kind", "minor")], Double(minorPageFaults)),
                    .init([("kind", "major")], Double(majorPageFaults)),
                ]),
            MetricFamily(
                "process_context_switches_total", .counter,
                "Times that a thread gave up its CPU: voluntarily to wait, involuntarily to others.",
                [
                    .init([("kind", "voluntary")], Double(voluntaryContextSwitches)),
                    .init([("kind", "involuntary")], Double(involuntaryContextSwitches)),
                ]),
        ]
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
