//! Writes records into memory that was reserved for them. LogFormat.swift has the layout.
//!
//! Unsafe inside: writes through a pointer into a chunk, at an offset and of a size that the chunk's reservation fixed; the
//! sizes come from the same functions that write.

internal import CIntrinsics
package import Timing

/// Where one record goes. Used once: `finish` seals it with its checksum.
@safe
package struct RecordEncoder: ~Copyable {
    private let start: UnsafeMutableRawPointer
    private var offset: Int
    private let checksumStart: UInt32

    /// Begins a record.
    /// - Parameter start: memory for the whole record, at a multiple of 8 bytes.
    @unsafe
    @inline(__always)
    init(_ start: UnsafeMutableRawPointer, lsn: Int64, _ seal: RecordSeal) {
        unsafe self.start = start
        offset = LogFormat.recordHeadBytes
        checksumStart = seal.checksumStart
        unsafe start.storeBytes(of: (lsn ^ seal.lsnMask).littleEndian, toByteOffset: 8, as: Int64.self)
    }

    // MARK: Sizes

    /// The body of a put (or, without a value, of a remove or touch).
    @inline(__always)
    package static func bodyBytes(key: Int, value: Int, expiry: WallTime) -> Int {
        LogFormat.bodyHeadBytes &+ (expiry == .distantFuture ? 0 : LogFormat.expiryBytes) &+ key &+ value
    }

    /// One entry of a batch.
    package static func batchEntryBytes(key: Int, value: Int, expiry: WallTime) -> Int {
        LogFormat.batchEntryHeadBytes + (expiry == .distantFuture ? 0 : LogFormat.expiryBytes) + key + value
    }

    /// The body of a batch whose entries come to `entryBytes`.
    package static func batchBodyBytes(entryBytes: Int) -> Int {
        LogFormat.bodyHeadBytes + LogFormat.batchCountBytes + entryBytes
    }

    /// A record with this body, as it lies in a file.
    @inline(__always)
    package static func recordBytes(body: Int) -> Int { LogFormat.aligned(LogFormat.recordHeadBytes &+ body) }

    /// What was written of the body so far.
    var bodyBytes: Int { offset - LogFormat.recordHeadBytes }

    // MARK: Bodies

    /// The whole body of a put, remove or touch.
    @inline(__always)
    package mutating func write(_ kind: RecordKind, key: RawSpan, value: RawSpan, expiry: WallTime) {
        let isTimed = expiry != .distantFuture
        store(kind.rawValue)
        store(UInt8(isTimed ? 1 : 0))
        store(UInt16(truncatingIfNeeded: key.byteCount))
        if isTimed { store(expiry.milliseconds) }
        store(key)
        store(value)
    }

    /// The beginning of a batch's body.
    package mutating func beginBatch(count: Int) {
        store(RecordKind.batch.rawValue)
        store(UInt8(0))
        store(UInt16(0))
        store(UInt32(truncatingIfNeeded: count))
    }

    /// The next entry of a batch.
    package mutating func add(key: RawSpan, value: RawSpan, expiry: WallTime) {
        let isTimed = expiry != .distantFuture
        store(UInt16(truncatingIfNeeded: key.byteCount))
        store(UInt16(isTimed ? 1 : 0))
        store(UInt32(truncatingIfNeeded: value.byteCount))
        if isTimed { store(expiry.milliseconds) }
        store(key)
        store(value)
    }

    /// The whole body of a mark or an end.
    package mutating func write(_ kind: RecordKind, number: Int64) {
        store(kind.rawValue)
        store(UInt8(0))
        store(UInt16(0))
        store(number)
    }

    /// Seals the record: length, checksum, and zeros up to where the next one begins.
    @inline(__always)
    package consuming func finish() {
        let body = offset &- LogFormat.recordHeadBytes
        unsafe start.storeBytes(of: UInt32(truncatingIfNeeded: body).littleEndian, toByteOffset: 4, as: UInt32.self)
        let sum = unsafe nt_crc32c(checksumStart, start + 4, offset &- 4)
        unsafe start.storeBytes(of: sum.littleEndian, as: UInt32.self)
        let end = LogFormat.aligned(offset)
        while offset < end { store(UInt8(0)) }
    }

    @inline(__always)
    private mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        unsafe start.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
        offset &+= MemoryLayout<Number>.size
    }

    @inline(__always)
    private mutating func store(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { source in
            if let base = source.baseAddress {
                unsafe (start + offset).copyMemory(from: base, byteCount: source.count)
            }
        }
        offset &+= bytes.byteCount
    }
}
