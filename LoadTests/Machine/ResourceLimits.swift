//! What this process may take: open files, and memory.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

enum ResourceLimits {
    /// Allows as many open files as we may have.
    /// - Returns: how many those are.
    static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Memory that can be had without taking somebody else's, bytes; nil where the kernel does not say.
    static func availableMemory() -> Int? {
        // `MemAvailable:   23456789 kB`
        field("MemAvailable", ofFile: "/proc/meminfo")?.split(separator: " ").first
            .flatMap { Int($0) }.map { $0 << 10 }
    }
}
