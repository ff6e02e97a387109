#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What the kernel says of this process, read when asked. Not for event loops: it reads files. What a file does not say, for
/// instance because no more files may be open, is nil and not shown: as 0 it would look like a fall.
public struct ProcessFigures: Sendable, Hashable {
    public var cpuUserSeconds = 0.0
    public var cpuSystemSeconds = 0.0
    public var residentBytes: Int?
    /// Of these, those that are no pages of files.
    public var anonymousBytes: Int?
    public var threads: Int?
    public var openFileDescriptors: Int?
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

    /// The figures now.
    public static func sample() -> ProcessFigures {
        var figures = ProcessFigures()
        // Field 20 is threads; counted from behind the name in parentheses, which may hold spaces and is field 2 (see
        // proc_pid_stat(5)).
        if let stat = ProcFile.read("/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            figures.threads = stat[end...].split(separator: " ").dropFirst(18).first.flatMap { Int($0) }
        }
        let memory = ProcessMemory.sample()
        (figures.residentBytes, figures.anonymousBytes) = (memory?.residentBytes, memory?.anonymousBytes)
        figures.openFileDescriptors = entries("/proc/self/fd")
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.openFileDescriptorsMax = Int(clamping: limit.rlim_cur)
        }
        // Of all threads; the counts in `/proc/self/status` are those of the main thread. No file: always there.
        var usage = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            (figures.cpuUserSeconds, figures.cpuSystemSeconds) = (seconds(usage.ru_utime), seconds(usage.ru_stime))
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
            Self.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.", residentBytes),
            Self.gauge(
                "process_anonymous_memory_bytes", "Memory of the process that is in RAM and is no file's.",
                anonymousBytes),
            Self.gauge("process_open_fds", "Open file descriptors.", openFileDescriptors),
            MetricFamily(
                "process_max_fds", .gauge, "File descriptors that may be open.", value: Double(openFileDescriptorsMax)),
            Self.gauge("threads", "Threads of the process.", threads),
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

    private static func gauge(_ name: String, _ help: String, _ value: Int?) -> MetricFamily {
        MetricFamily(name, .gauge, help, value: value.map { Double($0) })
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// How many entries a directory has, `.` and `..` and the one for reading it left out; nil if it cannot be read.
    private static func entries(_ path: String) -> Int? {
        guard let directory = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(directory) }
        var count = -3
        while unsafe readdir(directory) != nil { count += 1 }
        return max(count, 0)
    }
}
