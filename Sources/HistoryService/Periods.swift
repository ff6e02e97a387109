//! Time as the history divides it, and where the events of one owner in one period are kept.

internal import NIOCore
package import NeedletailWire

/// Time in periods of one length. A period is named by its number: its start divided by the length.
package struct Periods: Sendable, Hashable {
    /// `history.period`; at least 1.
    package let lengthMillis: Int64

    package init(lengthMillis: Int64) {
        precondition(lengthMillis > 0, "a period has a length")
        self.lengthMillis = lengthMillis
    }

    /// The period that the moment lies in; moments before 1970 count as well.
    package func period(at timestampMillis: Int64) -> Int64 {
        let (quotient, remainder) = timestampMillis.quotientAndRemainder(dividingBy: lengthMillis)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// When the period begins; of the first one, which begins before time that can be told, the first moment.
    package func start(of period: Int64) -> Int64 {
        let (start, overflow) = period.multipliedReportingOverflow(by: lengthMillis)
        return overflow ? .min : start
    }

    /// The first and the last period of a range that is not empty.
    package func periods(in range: Range<Int64>) -> ClosedRange<Int64> {
        period(at: range.lowerBound)...period(at: range.upperBound - 1)
    }
}

/// The keys that one owner's blobs have: `h:`, the owner, and the period's number as 8 bytes big-endian with the sign bit
/// turned over, so that keys sort as time does.
package enum HistoryKey {
    private static let prefix: StaticString = "h:"
    /// What a key has besides its owner, in bytes.
    package static let overheadBytes = 2 + MemoryLayout<Int64>.size

    /// The key of one period.
    static func key(_ owner: RawSpan, _ period: Int64) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(owner.byteCount + overheadBytes)
        write(owner, period, to: &bytes)
        return bytes
    }

    /// One key for each of `periods`, in that order, all in one piece of memory.
    package static func keys(_ owner: RawSpan, _ periods: some Collection<Int64>) -> BinaryList {
        let size = owner.byteCount + overheadBytes
        var bytes = ByteBuffer()
        bytes.reserveCapacity(size * periods.count)
        for period in periods { write(owner, period, to: &bytes) }
        var keys = BinaryList(in: bytes, minimumCapacity: periods.count)
        for index in 0..<periods.count { keys.append(offset: index * size, count: size) }
        return keys
    }

    private static func write(_ owner: RawSpan, _ period: Int64, to bytes: inout ByteBuffer) {
        bytes.writeStaticString(prefix)
        bytes.writeBytes(owner)
        bytes.writeInteger(UInt64(bitPattern: period) ^ 1 << 63)
    }
}
