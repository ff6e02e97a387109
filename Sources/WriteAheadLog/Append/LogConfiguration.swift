/// How a log is kept.
public struct LogConfiguration: Sendable, Hashable {
    /// A segment's size, bytes: what is preallocated at once. A larger record has a larger segment.
    public var segmentBytes = 64 << 20
    /// Bytes of records that wait to be written, at most; then writes are refused until some are. One record is always
    /// taken.
    public var bufferBytesMax = 128 << 20
    /// What is not synced yet is after this time, milliseconds, also if nobody waits for it.
    public var syncIntervalMillis: Int64 = 1_000
    /// How often it is tried again to write when there was no space, milliseconds.
    public var retryIntervalMillis: Int64 = 250
    /// Segments that are kept for use again, at most.
    public var sparesMax = 2
    /// A snapshot is taken when the log since the last one has this many bytes, or as many as that one, if it was larger.
    public var snapshotBytes = 256 << 20
    /// A snapshot is taken after this time, milliseconds, if anything was written.
    public var snapshotIntervalMillis: Int64 = 3_600_000
    /// How fast a snapshot is written, bytes a second, at most: faster, and the disk's work gets in the way of reads.
    public var snapshotBytesPerSecond = 64 << 20
    /// What is not written any more is read again after this time, milliseconds, to see whether it still holds; 0 for never.
    public var scrubIntervalMillis: Int64 = 86_400_000
    /// How fast it is read then, bytes a second.
    public var scrubBytesPerSecond = 16 << 20

    public init() {}
}

/// How far a change has come. Raw values are those of the API.
public enum LogLevel: Int32, Sendable, Hashable, Comparable {
    /// Applied.
    case memory = 1
    /// Handed to the kernel: survives the process.
    case logged = 2
    /// On disk: survives the machine's power.
    case synced = 3

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Why the log does not take a record, or cannot say that it was kept.
public enum LogRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Too much waits to be written: the disk is slower than the writes.
    case overloaded(bytesWaiting: Int)
    /// There is no space, or no descriptor for the next file. Goes away by itself once there is.
    case full(LogStorageError)
    /// The disk failed a write or a sync. Nothing is acknowledged any more until the next start, because what became of
    /// what was written cannot be known.
    case failed(LogStorageError)
    /// The log was closed.
    case closed

    public var description: String {
        switch self {
        case .overloaded(let bytes): "\(bytes) bytes wait to be written to the log"
        case .full(let error): "the log has no space: \(error)"
        case .failed(let error): "the log failed and takes no writes until the next start: \(error)"
        case .closed: "the log is closed"
        }
    }
}
