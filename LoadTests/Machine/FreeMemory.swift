//! Memory that nobody uses, as a process finds it that asks for some.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

enum FreeMemory {
    /// Touches as much memory, in large pages where there are any, and gives it back.
    ///
    /// The host of a virtual machine may take what is free there (free page reporting, a balloon). Then a process waits for the
    /// host at each page that it touches: 2.3 ms for a MiB of large pages instead of 0.1, on the machine of the README's figures.
    /// What was given back a moment ago is handed out first.
    /// - Throws: where there is not so much.
    static func fetch(bytes: Int) throws(ServerError) {
        let protection = PROT_READ | PROT_WRITE
        guard let start = unsafe mmap(nil, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            unsafe start != MAP_FAILED
        else { throw ServerError("there are no \(grouped(bytes)) bytes of memory for a server to start with") }
        defer { unsafe munmap(start, bytes) }
        unsafe madvise(start, bytes, MADV_HUGEPAGE)
        for offset in stride(from: 0, to: bytes, by: pageBytes) {
            unsafe start.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
    }

    /// Of a small page; more often than needed does no harm.
    private static let pageBytes = 4_096
}
