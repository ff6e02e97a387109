//! The allocator's own account: glibc's `mallinfo2` for the sums, and its `malloc_info` for what is free, arena by arena and
//! size by size. Both take each arena's lock for a moment.

#if canImport(Glibc)
    internal import CIntrinsics
    internal import Glibc
#endif

/// What the allocator holds.
struct AllocatorReport: Codable, Sendable, Hashable {
    /// Free chunks of like sizes.
    struct FreeSize: Codable, Sendable, Hashable {
        /// Bytes of the smallest and the largest chunk.
        var from: Int
        var to: Int
        var count: Int
        var bytes: Int
    }

    struct Arena: Codable, Sendable, Hashable {
        var arena: Int
        /// What it has from the system.
        var systemBytes: Int
        /// Of these, what is free.
        var freeBytes: Int
        var free: [FreeSize]
    }

    /// In use, and free in the arenas.
    var usedBytes = 0
    var freeBytes = 0
    /// Allocations of their own mappings: large ones.
    var mappedCount = 0
    var mappedBytes = 0
    /// Could be given back from the end of the main arena.
    var trimmableBytes = 0
    var arenas: [Arena] = []

    /// The figures now; 0 where the allocator does not say.
    static func read() -> AllocatorReport {
        var report = AllocatorReport()
        #if canImport(Glibc)
            let figures = mallinfo2()
            report.usedBytes = Int(figures.uordblks)
            report.freeBytes = Int(figures.fordblks)
            report.mappedCount = Int(figures.hblks)
            report.mappedBytes = Int(figures.hblkhd)
            report.trimmableBytes = Int(figures.keepcost)
            report.arenas = arenas(inAccount: account())
        #endif
        return report
    }

    /// The arenas of a text as `malloc_info` writes it: an XML element a line.
    static func arenas(inAccount text: String) -> [Arena] {
        var arenas: [Arena] = []
        var isInArena = false
        for line in text.split(separator: "\n") {
            let element = line.drop { $0 == " " }.drop { $0 == "<" }.prefix { $0 != " " && $0 != ">" && $0 != "/" }
            switch element {
            case "heap":
                isInArena = true
                arenas.append(Arena(arena: number("nr", line), systemBytes: 0, freeBytes: 0, free: []))
            case "size" where isInArena, "unsorted" where isInArena:
                let bytes = number("total", line)
                arenas[arenas.count - 1].free.append(
                    FreeSize(
                        from: number("from", line), to: number("to", line), count: number("count", line), bytes: bytes))
            case "total" where isInArena: arenas[arenas.count - 1].freeBytes += number("size", line)
            case "system" where isInArena && line.contains("\"current\""):
                arenas[arenas.count - 1].systemBytes = number("size", line)
            default: if line.hasPrefix("</heap>") { isInArena = false }
            }
        }
        return arenas
    }

    /// The number of ` name="12"`.
    private static func number(_ name: String, _ line: Substring) -> Int {
        guard let range = line.firstRange(of: " \(name)=\"") else { return 0 }
        return Int(line[range.upperBound...].prefix { $0.isNumber }) ?? 0
    }

    #if canImport(Glibc)
        private static func account() -> String {
            var text: UnsafeMutablePointer<CChar>?
            var size = 0
            guard let file = unsafe open_memstream(&text, &size) else { return "" }
            unsafe malloc_info(0, file)
            unsafe fclose(file)
            defer { unsafe free(text) }
            return unsafe text.map { unsafe String(cString: $0) } ?? ""
        }
    #endif
}
