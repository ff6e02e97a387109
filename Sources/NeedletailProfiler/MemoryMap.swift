//! Which file's code lies where, from `/proc/self/maps`.

/// A part of the address space that holds code.
struct CodeMapping: Sendable {
    let start: UInt64
    let end: UInt64
    /// Where in the file it begins.
    let fileOffset: UInt64
    let path: String
    let isProgram: Bool

    /// What the kernel writes behind the path of a file that was removed, or replaced by a new one.
    private static let removed = " (deleted)"

    /// Where the file can be read: the program itself also where it was replaced while it runs, as upgrades do.
    var readablePath: String { isProgram ? "/proc/self/exe" : path }

    /// `libc.so.6`.
    var fileName: String {
        let path = path.hasSuffix(Self.removed) ? path.dropLast(Self.removed.count) : path[...]
        return String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }

    /// Built without frame pointers, as Linux distributions build libc.
    var isFrameless: Bool {
        ["libc.", "libc-", "libm.", "ld-", "libstdc++.", "[vdso]"].contains { fileName.hasPrefix($0) }
    }
}

struct MemoryMap: Sendable {
    /// By address.
    let executable: [CodeMapping]

    static func current() -> MemoryMap {
        MemoryMap(ProcFile.read("/proc/self/maps") ?? "", program: ProcFile.program ?? "")
    }

    /// - Parameter text: lines like `7f00-7f10 r-xp 00002000 fd:00 1234   /usr/lib/libc.so.6` (man 5 proc).
    init(_ text: String, program: String) {
        executable = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1].contains("x") else { return nil }
            let range = fields[0].split(separator: "-")
            guard range.count == 2, let start = UInt64(range[0], radix: 16), let end = UInt64(range[1], radix: 16),
                let offset = UInt64(fields[2], radix: 16)
            else { return nil }
            let path = String(fields[5].drop { $0 == " " })
            return CodeMapping(start: start, end: end, fileOffset: offset, path: path, isProgram: path == program)
        }.sorted { $0.start < $1.start }
    }

    /// Where the code at `address` comes from.
    func mapping(of address: UInt64) -> CodeMapping? {
        var (low, high) = (0, executable.count)
        while low < high {
            let middle = (low + high) / 2
            if executable[middle].end <= address { low = middle + 1 } else { high = middle }
        }
        guard low < executable.count, executable[low].start <= address else { return nil }
        return executable[low]
    }
}
