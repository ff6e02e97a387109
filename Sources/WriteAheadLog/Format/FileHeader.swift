//! The first 64 bytes of a segment or snapshot. LogFormat.swift has the layout.

internal import CIntrinsics

/// What a file says of itself.
package struct FileHeader: Sendable, Hashable {
    package var magic: UInt64
    package var formatVersion = LogFormat.version
    package var directoryID: UInt64
    /// A segment's number; 0 for a snapshot.
    package var number: UInt64
    /// A segment's: the log's last LSN before it. A snapshot's: the LSN that it is as of.
    package var previousLSN: Int64
    /// Microseconds since 1970.
    package var createdMicros: Int64
    /// A segment's size, which it has from its beginning on: a shorter file was cut. 0 for a snapshot.
    package var fileBytes: Int

    package init(
        magic: UInt64, directoryID: UInt64, number: UInt64, previousLSN: Int64, createdMicros: Int64, fileBytes: Int = 0
    ) {
        self.magic = magic
        self.directoryID = directoryID
        self.number = number
        self.previousLSN = previousLSN
        self.createdMicros = createdMicros
        self.fileBytes = fileBytes
    }

    /// Why bytes are no header.
    package enum Problem: Error, Sendable, Hashable {
        case short
        case magic
        case version(UInt32)
        /// It names an LSN that no log has.
        case lsn(Int64)
        case checksum
    }

    /// Reads a header.
    /// - Parameter magic: what the file should be.
    package init(_ bytes: RawSpan, magic: UInt64) throws(Problem) {
        guard bytes.byteCount >= LogFormat.fileHeaderBytes else { throw .short }
        func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as: Number.Type) -> Number {
            unsafe Number(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
        }
        self.magic = load(0, as: UInt64.self)
        guard self.magic == magic else { throw .magic }
        guard load(12, as: UInt32.self) == Self.checksum(bytes) else { throw .checksum }
        formatVersion = load(8, as: UInt32.self)
        // No format has this version: the rest was not written.
        guard formatVersion != 0 else { throw .checksum }
        guard LogFormat.versionsRead.contains(formatVersion) else { throw .version(formatVersion) }
        directoryID = load(16, as: UInt64.self)
        number = load(24, as: UInt64.self)
        previousLSN = load(32, as: Int64.self)
        guard 0...LogFormat.lsnMax ~= previousLSN else { throw .lsn(previousLSN) }
        createdMicros = load(40, as: Int64.self)
        fileBytes = Int(truncatingIfNeeded: load(48, as: Int64.self))
    }

    /// The format version in bytes that may be no header; 0 if they are too few.
    static func version(_ bytes: [UInt8]) -> UInt32 {
        bytes.count < 12 ? 0 : (0..<4).reduce(0) { $0 | UInt32(bytes[8 + $1]) << UInt32(8 * $1) }
    }

    /// Of the file's records.
    var recordSeal: RecordSeal {
        formatVersion < LogFormat.versionSealed ? .none : RecordSeal(directoryID: directoryID)
    }

    package var encoded: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: LogFormat.fileHeaderBytes)
        func store<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
            for index in 0..<MemoryLayout<Number>.size {
                bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * Number(index)))
            }
        }
        store(magic, at: 0)
        store(formatVersion, at: 8)
        store(directoryID, at: 16)
        store(number, at: 24)
        store(UInt64(bitPattern: previousLSN), at: 32)
        store(UInt64(bitPattern: createdMicros), at: 40)
        store(UInt64(truncatingIfNeeded: fileBytes), at: 48)
        store(unsafe Self.checksum(bytes.span.bytes), at: 12)
        return bytes
    }

    /// Of everything but itself.
    private static func checksum(_ bytes: RawSpan) -> UInt32 {
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            let first = unsafe nt_crc32c(0, start, 12)
            return unsafe nt_crc32c(first, start + 16, LogFormat.fileHeaderBytes - 16)
        }
    }
}
