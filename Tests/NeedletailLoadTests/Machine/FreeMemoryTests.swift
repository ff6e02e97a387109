internal import Testing

@testable internal import needletail_load

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Free memory that was touched, and is free again.
@Suite struct FreeMemoryTests {
    private static let largePageBytes = 2 << 20

    private static func faults() -> Int {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_minflt
    }

    @Test("every page is touched, and nothing of it is kept")
    func touches() throws {
        let bytes = 128 << 20
        let before = (faults: Self.faults(), resident: try #require(ProcessSample.take(of: getpid())?.residentBytes))
        try FreeMemory.fetch(bytes: bytes)
        #expect(Self.faults() - before.faults >= bytes / Self.largePageBytes)
        let resident = try #require(ProcessSample.take(of: getpid())?.residentBytes)
        #expect(resident - before.resident < bytes / 4)
    }

    @Test("more than there can be is an error") func tooMuch() {
        #expect(throws: ServerError.self) { try FreeMemory.fetch(bytes: 1 << 50) }
    }
}
