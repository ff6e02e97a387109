//! What `/stats` says of the process's surroundings, and of the governor that keeps it within them.

internal import NeedletailTelemetry

extension ServerReport {
    /// What the process has used of the machine and of its container.
    package struct Runtime: Codable, Sendable {
        package var cpuUserSeconds: Double
        package var cpuSystemSeconds: Double
        /// Nil: it could not be read.
        package var anonymousBytes: Int?
        /// 0: unknown.
        package var openFileDescriptorsMax: Int
        package var minorPageFaults: Int
        package var majorPageFaults: Int
        package var voluntaryContextSwitches: Int
        package var involuntaryContextSwitches: Int
        package var allocatorUsedBytes: Int
        package var allocatorFreeBytes: Int
        package var allocatorMappedBytes: Int
        /// Nil: no quota.
        package var cpuQuotaCores: Double?
        /// Nil: they could not be read.
        package var throttledPeriods: Int?
        package var throttledSeconds: Double?
        /// Of the control group that is nearest to its limit; nil: none has one.
        package var containerMemoryLimitBytes: Int?
        package var containerMemoryUsedBytes: Int?
    }

    /// What is done about memory.
    package struct Governor: Codable, Sendable {
        package var enabled: Bool
        /// normal, shrinking or refusing.
        package var level: String
        /// Of the limit that is nearest to being used up.
        package var memoryUsedBytes: Int
        package var memoryLimitBytes: Int
        /// What event loops may keep of their buffers.
        package var bufferPercent: Int
        package var writesRefused: Int
        /// How often the allocator gave free memory back.
        package var trims: Int
    }
}

/// All that is shown of the kernel's figures and the allocator's by a scrape. Not for event loops that serve calls.
struct RuntimeFigures {
    let process: ProcessFigures
    let allocator: AllocatorFigures
    let container: ContainerFigures

    /// - Parameter governor: looks at the container and, at its own times, at the allocator.
    static func sample(_ governor: Governor) -> RuntimeFigures {
        RuntimeFigures(
            process: .sample(), allocator: governor.allocatorFigures(), container: ContainerFigures(governor.groups))
    }

    var families: [MetricFamily] { process.families + allocator.families + container.families }

    var processReport: ServerReport.Process {
        ServerReport.Process(
            cpuSeconds: process.cpuSeconds, residentBytes: process.residentBytes, threads: process.threads,
            openFileDescriptors: process.openFileDescriptors)
    }

    var report: ServerReport.Runtime {
        ServerReport.Runtime(
            cpuUserSeconds: process.cpuUserSeconds, cpuSystemSeconds: process.cpuSystemSeconds,
            anonymousBytes: process.anonymousBytes, openFileDescriptorsMax: process.openFileDescriptorsMax,
            minorPageFaults: process.minorPageFaults, majorPageFaults: process.majorPageFaults,
            voluntaryContextSwitches: process.voluntaryContextSwitches,
            involuntaryContextSwitches: process.involuntaryContextSwitches, allocatorUsedBytes: allocator.usedBytes,
            allocatorFreeBytes: allocator.freeBytes, allocatorMappedBytes: allocator.mappedBytes,
            cpuQuotaCores: container.cpuQuotaMilliCPUs.map { Double($0) / 1_000 },
            throttledPeriods: container.throttling?.throttledPeriods,
            throttledSeconds: container.throttling?.throttledSeconds,
            containerMemoryLimitBytes: container.memory?.limitBytes,
            containerMemoryUsedBytes: container.memory?.usedBytes)
    }
}
