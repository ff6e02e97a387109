//! How much memory is used, of how much. There may be several limits, and each is compared to what counts against it:
//!
//! - The limits of the control groups above the process, to what the group holds without pages of files. The kernel kills
//!   somebody in the group when this reaches the limit, whoever of the group used it. Pages of files (our log's are most of
//!   them) are dropped before that.
//! - `governor.memoryLimit`, or else the machine's memory, to the anonymous memory of this process.
//!
//! The one that is nearest counts.

internal import NeedletailTelemetry

struct MemoryReading: Sendable, Hashable {
    var usedBytes: Int
    /// More than 0.
    var limitBytes: Int

    var usedPercent: Int { Int(min(Double(usedBytes) / Double(limitBytes) * 100, 1_000)) }

    /// That of several limits which is nearest to being used up.
    static func nearest(process: MemoryReading, groups: [GroupMemory]) -> MemoryReading {
        let readings = groups.map { MemoryReading(usedBytes: $0.usedBytes, limitBytes: $0.limitBytes) } + [process]
        return readings.max { $0.usedPercent < $1.usedPercent } ?? process
    }

    /// Now. Reads a few small files: not for event loops.
    /// - Parameter processLimitBytes: what the process may use for itself.
    /// - Returns: nil if one of the files cannot be read: what is left of them could look like much room.
    static func current(_ groups: ControlGroups, processLimitBytes: Int) -> MemoryReading? {
        guard let process = ProcessMemory.sample(), let groups = try? groups.limitedMemory() else { return nil }
        return nearest(
            process: MemoryReading(usedBytes: process.anonymousBytes, limitBytes: processLimitBytes), groups: groups)
    }
}
