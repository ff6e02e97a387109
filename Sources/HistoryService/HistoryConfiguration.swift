package import StorageEngine

/// How the history is kept and read. The case study compares all of these.
package struct HistoryConfiguration: Sendable, Hashable {
    /// `history.period`. Data that was written with another length is not found.
    package var periodMillis: Int64
    /// `history.codec`: of blobs that are written. Those of the other codec are read as well.
    package var codec: BlobCodec
    /// How blobs are expanded when they are read.
    package var buffers: BlobBuffers
    /// How many periods of a range are read at a time.
    package var width: FanOutWidth

    package init(
        periodMillis: Int64 = 3_600_000, codec: BlobCodec = .msgpack, buffers: BlobBuffers = .pooled,
        width: FanOutWidth = FanOutWidth(concurrency: 16, keysPerPart: 16)
    ) {
        self.periodMillis = periodMillis
        self.codec = codec
        self.buffers = buffers
        self.width = width
    }
}

/// What one call may ask for; the same as for service `Storage`.
package struct HistoryLimits: Sendable, Hashable {
    /// `limits.maxKeySize`, bytes.
    package var keySizeMax = 4_096
    /// `limits.maxValueSize`, bytes: of one blob.
    package var valueSizeMax = 16 << 20
    /// `limits.maxKeysPerRequest`: periods of one range.
    package var keysPerRequestMax = 10_000
    /// `limits.maxResponseSize`, bytes: further periods of a range are named as missing.
    package var responseSizeMax = 64 << 20

    package init() {}
}
