//! Reads records out of memory. LogFormat.swift has the layout.
//!
//! What is read comes from a disk and may be anything: no length is believed before it was found to lie within the
//! memory, and none of a body before its checksum holds.
//!
//! Unsafe inside: reads through a pointer into a window's memory, at offsets that were compared with its size; the records
//! that it gives out point there too, and are used only until the window is moved.

internal import CIntrinsics
internal import Timing

/// What the first 20 bytes of a record say, unchecked.
struct RecordHead: BitwiseCopyable {
    let checksum: UInt32
    let bodyBytes: Int
    let lsn: Int64
    /// A `RecordKind`, or anything.
    let kind: UInt8
    let flags: UInt8
    let keyBytes: Int

    /// The whole record, padding included.
    @inline(__always)
    var recordBytes: Int { LogFormat.aligned(LogFormat.recordHeadBytes &+ bodyBytes) }

    /// Whether a record can begin so, but for its LSN.
    @inline(__always)
    var isPlausible: Bool {
        bodyBytes >= LogFormat.bodyHeadBytes && bodyBytes <= LogFormat.bodyBytesMax && kind >= RecordKind.put.rawValue
            && kind <= RecordKind.end.rawValue
            && flags <= 1
    }
}

/// Records in a piece of memory.
@safe
struct RecordDecoder {
    private let start: UnsafeRawPointer
    let count: Int
    private let seal: RecordSeal

    /// - Precondition: the memory stays as it is as long as the decoder and its records are used.
    @unsafe
    init(_ bytes: UnsafeRawBufferPointer, _ seal: RecordSeal) {
        self.seal = seal
        unsafe start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        count = bytes.count
    }

    @inline(__always)
    private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ index: Int, as: Number.Type) -> Number {
        unsafe Number(littleEndian: start.loadUnaligned(fromByteOffset: index, as: Number.self))
    }

    /// The length of the body of a record at `index`.
    /// - Precondition: 8 bytes are there.
    @inline(__always)
    func bodyBytes(at index: Int) -> Int {
        assert(index >= 0 && index &+ 8 <= count, "within the window")
        return Int(load(index &+ 4, as: UInt32.self))
    }

    /// - Precondition: 20 bytes are there.
    @inline(__always)
    func head(at index: Int) -> RecordHead {
        precondition(index >= 0 && index &+ 20 <= count, "within the window")
        return RecordHead(
            checksum: load(index, as: UInt32.self), bodyBytes: Int(load(index &+ 4, as: UInt32.self)),
            lsn: load(index &+ 8, as: Int64.self) ^ seal.lsnMask, kind: load(index &+ 16, as: UInt8.self),
            flags: load(index &+ 17, as: UInt8.self), keyBytes: Int(load(index &+ 18, as: UInt16.self)))
    }

    /// Whether the record's bytes are those that were written.
    @inline(__always)
    func holds(_ head: RecordHead, at index: Int) -> Bool {
        let bytes = LogFormat.recordHeadBytes &+ head.bodyBytes
        guard index >= 0, bytes <= count &- index else { return false }
        return unsafe nt_crc32c(seal.checksumStart, start + index + 4, bytes &- 4) == head.checksum
    }

    /// The number in a mark or an end; nil if the body is not so long.
    /// - Precondition: `holds`.
    func number(of head: RecordHead, at index: Int) -> Int64? {
        guard head.bodyBytes == LogFormat.bodyHeadBytes + 8 else { return nil }
        return load(index + LogFormat.recordHeadBytes + LogFormat.bodyHeadBytes, as: Int64.self)
    }

    /// Adds the changes that a record makes.
    /// - Precondition: `holds`.
    /// - Returns: false if the body is not what its kind says.
    @inline(__always)
    func decode(_ head: RecordHead, at index: Int, into records: inout [LogRecord]) -> Bool {
        let body = index &+ LogFormat.recordHeadBytes
        let end = body &+ head.bodyBytes
        switch head.kind {
        case RecordKind.put.rawValue:
            return decode(.put, head, body, end, into: &records)
        case RecordKind.remove.rawValue:
            return decode(.remove, head, body, end, into: &records)
        case RecordKind.touch.rawValue:
            return decode(.touch, head, body, end, into: &records)
        case RecordKind.batch.rawValue:
            return decodeBatch(head, body, end, into: &records)
        default:
            return number(of: head, at: index) != nil
        }
    }

    @inline(__always)
    private func decode(
        _ change: LogRecord.Change, _ head: RecordHead, _ body: Int, _ end: Int, into records: inout [LogRecord]
    ) -> Bool {
        let place = body &+ LogFormat.bodyHeadBytes
        return decodeEntry(
            change, head.lsn, isTimed: head.flags == 1, key: head.keyBytes, value: nil, place, end, into: &records)
            == end
    }

    @inline(never)
    private func decodeBatch(_ head: RecordHead, _ body: Int, _ end: Int, into records: inout [LogRecord]) -> Bool {
        var place = body + LogFormat.bodyHeadBytes
        guard end - place >= LogFormat.batchCountBytes else { return false }
        let count = Int(load(place, as: UInt32.self))
        place += LogFormat.batchCountBytes
        for _ in 0..<count {
            guard end - place >= LogFormat.batchEntryHeadBytes else { return false }
            let next = decodeEntry(
                .put, head.lsn, isTimed: load(place + 2, as: UInt16.self) == 1,
                key: Int(load(place, as: UInt16.self)), value: Int(load(place + 4, as: UInt32.self)),
                place + LogFormat.batchEntryHeadBytes, end, into: &records)
            guard let next else { return false }
            place = next
        }
        return place == end
    }

    /// - Parameter value: the value's length; nil for all that is left.
    /// - Returns: where the entry ends; nil if that is beyond `end`.
    @inline(__always)
    private func decodeEntry(
        _ change: LogRecord.Change, _ lsn: Int64, isTimed: Bool, key: Int, value: Int?, _ place: Int, _ end: Int,
        into records: inout [LogRecord]
    ) -> Int? {
        let keyStart = place &+ (isTimed ? LogFormat.expiryBytes : 0)
        let valueStart = keyStart &+ key
        guard valueStart <= end else { return nil }
        let valueBytes = value ?? (end &- valueStart)
        guard valueBytes <= end &- valueStart else { return nil }
        let expiry = isTimed ? WallTime(milliseconds: load(place, as: Int64.self)) : .distantFuture
        unsafe records.append(
            LogRecord(
                change, lsn: lsn, expiry: expiry, key: UnsafeRawBufferPointer(start: start + keyStart, count: key),
                value: UnsafeRawBufferPointer(start: start + valueStart, count: valueBytes)))
        return valueStart &+ valueBytes
    }

    /// Whether these bytes are all zero.
    func isZero(_ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "within the window")
        return unsafe nt_is_zero(start + range.lowerBound, range.count) != 0
    }
}
