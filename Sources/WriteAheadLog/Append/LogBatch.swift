//! Records that are being filled in, after their place was given out.

public import Timing

/// A place for one record, which is to be filled.
struct LogPlace: ~Copyable {
    let chunk: LogChunk
    let lsn: Int64
    var encoder: RecordEncoder

    /// Seals the record.
    @inline(__always)
    consuming func close() -> Int64 {
        let (chunk, lsn) = (chunk, lsn)
        encoder.finish()
        chunk.close()
        return lsn
    }
}

/// A batch's record while it is filled.
public struct LogBatch: ~Copyable {
    private var place: LogPlace

    init(_ place: consuming LogPlace, count: Int) {
        self.place = place
        self.place.encoder.beginBatch(count: count)
    }

    /// Bytes that one put takes in a batch.
    public static func bytes(key: Int, value: Int, expiry: WallTime) -> Int {
        RecordEncoder.batchEntryBytes(key: key, value: value, expiry: expiry)
    }

    /// Adds a put.
    public mutating func add(_ key: RawSpan, value: RawSpan, expiry: WallTime) {
        place.encoder.add(key: key, value: value, expiry: expiry)
    }

    consuming func close(bodyBytes: Int) -> Int64 {
        precondition(place.encoder.bodyBytes == bodyBytes, "a batch is as long as was said")
        return place.close()
    }
}
