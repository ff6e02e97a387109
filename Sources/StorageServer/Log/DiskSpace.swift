//! How much room is left where the log is.

internal import NeedletailTelemetry

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A file system's room, as the kernel says it when asked.
struct DiskSpace: Hashable {
    var sizeBytes = 0
    /// For processes without privileges.
    var freeBytes = 0

    /// - Parameter path: something on the file system.
    /// - Returns: nil if the kernel does not say.
    init?(of path: String) {
        var figures = statvfs()
        guard unsafe statvfs(path, &figures) == 0 else { return nil }
        self.init(
            blockBytes: UInt64(figures.f_frsize), blocks: UInt64(figures.f_blocks), free: UInt64(figures.f_bavail))
    }

    /// File systems of others (FUSE, network) say whatever they like: no figure is too large.
    init(blockBytes: UInt64, blocks: UInt64, free: UInt64) {
        func bytes(_ count: UInt64) -> Int {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: blockBytes)
            return overflow ? .max : Int(clamping: bytes)
        }
        sizeBytes = bytes(blocks)
        freeBytes = min(bytes(free), sizeBytes)
    }

    var families: [MetricFamily] {
        [
            MetricFamily(
                "log_disk_size_bytes", .gauge, "Size of the file system that has the data directory.",
                value: Double(sizeBytes)),
            MetricFamily(
                "log_disk_free_bytes", .gauge, "Room that is left on that file system.", value: Double(freeBytes)),
        ]
    }
}
