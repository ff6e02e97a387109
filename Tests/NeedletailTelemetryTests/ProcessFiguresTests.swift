import Testing

@testable import NeedletailTelemetry

@Suite struct ProcessFiguresTests {
    @Test func theKernelsFiguresAreThoseOfARunningProcess() throws {
        let before = ProcessFigures.sample()
        let (resident, anonymous) = (try #require(before.residentBytes), try #require(before.anonymousBytes))
        #expect(resident >= anonymous && anonymous > 1 << 20)
        let (threads, descriptors) = (try #require(before.threads), try #require(before.openFileDescriptors))
        #expect(threads > 0 && before.minorPageFaults > 0 && before.voluntaryContextSwitches > 0)
        #expect(0 < descriptors && descriptors <= before.openFileDescriptorsMax)
        #expect(before.cpuSeconds == before.cpuUserSeconds + before.cpuSystemSeconds)
        #expect(before.cpuUserSeconds > 0)
        #expect(ProcessFigures.sample().cpuSeconds >= before.cpuSeconds)
    }

    /// What is in no file is always known.
    @Test func whatCannotBeReadIsNotShown() {
        let shown = ProcessFigures().families.filter { !$0.samples.isEmpty }.map(\.name)
        #expect(
            Set(shown) == [
                "process_cpu_seconds_total", "process_cpu_mode_seconds_total", "process_max_fds",
                "process_page_faults_total", "process_context_switches_total",
            ])
    }

    @Test func memoryThatIsTouchedIsSeenByTheKernelAndTheAllocator() throws {
        let size = 64 << 20
        let (memory, allocator) = (try #require(ProcessMemory.sample()), AllocatorFigures.sample())
        let faults = ProcessFigures.sample().minorPageFaults
        let block = [UInt8](repeating: 1, count: size)
        let (memoryAfter, allocatorAfter) = (try #require(ProcessMemory.sample()), AllocatorFigures.sample())
        // Other tests of the process come and go beside this one.
        #expect(memoryAfter.anonymousBytes - memory.anonymousBytes > size / 2)
        #expect(allocatorAfter.usedBytes - allocator.usedBytes > size / 2)
        #expect(allocatorAfter.mappedBytes - allocator.mappedBytes > size / 2)
        #expect(ProcessFigures.sample().minorPageFaults > faults)
        #expect(block.last == 1)
    }

    @Test func everyFigureHasAMetric() {
        let names = (ProcessFigures().families + AllocatorFigures().families).map(\.name)
        #expect(
            Set(names) == [
                "process_cpu_seconds_total", "process_cpu_mode_seconds_total", "process_resident_memory_bytes",
                "process_anonymous_memory_bytes", "process_open_fds", "process_max_fds", "threads",
                "process_page_faults_total", "process_context_switches_total", "malloc_used_bytes",
                "malloc_free_bytes", "malloc_mapped_bytes",
            ])
        #expect(names.count == Set(names).count)
    }
}
