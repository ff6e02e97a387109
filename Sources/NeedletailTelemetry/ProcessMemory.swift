//! Two readings of this process's memory: the kernel's and the allocator's.

#if canImport(Glibc)
    internal import CIntrinsics
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What of the process is in RAM, from `/proc/self/statm`: one small file, so that it can be asked a few times a second.
public struct ProcessMemory: Sendable, Hashable {
    /// Everything.
    public var residentBytes = 0
    /// Without pages of files (the executable, libraries), which the kernel can drop and read again.
    public var anonymousBytes = 0

    /// The figures now; nil if they cannot be read, for instance because no more files may be open.
    public static func sample() -> ProcessMemory? {
        // Size, resident, shared with files, ... in pages (see proc_pid_statm(5)).
        let fields = (ProcFile.read("/proc/self/statm") ?? "").split(separator: " ").map { Int($0) ?? 0 }
        guard fields.count > 2 else { return nil }
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        return ProcessMemory(
            residentBytes: fields[1] * pageBytes, anonymousBytes: max(fields[1] - fields[2], 0) * pageBytes)
    }
}

/// What glibc's allocator says of its memory; all 0 with another one. The memory engine's pages are not its: they are
/// mapped from the system.
public struct AllocatorFigures: Sendable, Hashable {
    /// Handed out and not freed.
    public var usedBytes = 0
    /// Freed, and kept for use again. What was trimmed still counts here, although it is not in RAM any more.
    public var freeBytes = 0
    /// Of the used ones, those in mappings of their own: blocks that are large.
    public var mappedBytes = 0

    /// The figures now. Not for event loops: the free lists are walked with their locks held, for milliseconds if there are
    /// many free blocks.
    public static func sample() -> AllocatorFigures {
        #if canImport(Glibc)
            var (used, free, mapped) = (0, 0, 0)
            unsafe nt_allocator_bytes(&used, &free, &mapped)
            return AllocatorFigures(usedBytes: used, freeBytes: free, mappedBytes: mapped)
        #else
            return AllocatorFigures()
        #endif
    }

    /// Gives free pages back to the system. Not for event loops, like `sample`.
    /// - Returns: whether there were any.
    @discardableResult
    public static func trim() -> Bool {
        #if canImport(Glibc)
            return nt_trim_allocator() != 0
        #else
            return false
        #endif
    }

    public var families: [MetricFamily] {
        [
            MetricFamily(
                "malloc_used_bytes", .gauge, "Memory that the allocator has handed out.", value: Double(usedBytes)),
            MetricFamily(
                "malloc_free_bytes", .gauge,
                "Memory that the allocator keeps for use again; what was trimmed counts, too.",
                value: Double(freeBytes)),
            MetricFamily(
                "malloc_mapped_bytes", .gauge,
                "Of the memory that the allocator has handed out, that in mappings of its own.",
                value: Double(mappedBytes)),
        ]
    }
}
