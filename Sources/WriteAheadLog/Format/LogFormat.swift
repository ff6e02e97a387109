//! The format of what is on disk, as constants. `LogFormat.md` says it in prose, with an example byte by byte.
//!
//! All integers are little-endian. A directory holds
//!
//!     FORMAT                       text: "needletail-data 1 <directory id, 16 hex digits>\n"
//!     LOCK                         empty; locked by the process that uses the directory
//!     <number, 20 digits>.log      a segment of the log
//!     <LSN, 20 digits>.snapshot    all entries as of that LSN
//!     spare-<number>.log           a segment that waits to be used; its content means nothing
//!     *.tmp                        unfinished; removed at the next start
//!
//! A file begins with a header:
//!
//!     offset  0  magic             8   "NDLTLOG\n" or "NDLTSNP\n"
//!             8  format version    4   2; 1 had no seal (RecordSeal.swift)
//!            12  CRC32C            4   of bytes 16 to 63, going on from that of bytes 0 to 11
//!            16  directory id      8   random, the same in all files of a directory
//!            24  number            8   a segment's: one more than the segment's before; a snapshot's: 0
//!            32  previous LSN      8   a segment's: the log's last LSN before it; a snapshot's: the LSN that it is as of
//!            40  created           8   microseconds since 1970; a segment's: or the LSN before its run's first, if greater
//!            48  size              8   a segment's: of the file, from its beginning on; a snapshot's: 0
//!            56  reserved          8   zero
//!
//! and goes on with records, each at a multiple of 8 bytes:
//!
//!     offset  0  CRC32C            4   of the directory's id, and bytes 4 to the end of the body, padding excluded
//!             4  body length       4   bytes after these 16; at least 4
//!             8  LSN               8   and the directory's id, exclusive or
//!            16  kind              1   `RecordKind`
//!            17  flags             1   1: an expiry follows
//!            18  key length        2
//!            20  body's rest           by kind
//!             .  padding        0-7   zero
//!
//!     put      [expiry 8] key, value up to the body's end
//!     remove   key
//!     touch    [expiry 8] key                      without expiry: never
//!     batch    count 4, then each: key length 2, flags 2, value length 4, [expiry 8], key, value
//!     mark     durable LSN 8                      all records up to that LSN were on disk when this was written
//!     end      record count 8                     a snapshot's last record
//!
//! In a segment every record but a mark has the LSN that follows the one before; the first follows the header's previous
//! LSN by any distance (a run's first LSN is at least the time in microseconds). A mark has the LSN of the record
//! before it. Each write to a segment begins with a mark and ends with 16 zero bytes, which the next write overwrites: so a
//! segment ends cleanly where a zero length stands. In a snapshot records are puts in any order, each with its entry's
//! version as LSN.
//!
//! A segment is on disk as a whole before the next one is begun. So damage is where a record does not hold although
//! a later mark or segment says that it was on disk; what is broken behind that is a tail that a crash tore.

/// Magic numbers and sizes.
package enum LogFormat {
    /// Of a directory as a whole: which files there are.
    package static let directoryVersion: UInt32 = 1
    /// Of a file that is written.
    package static let version: UInt32 = 2
    static let versionsRead: ClosedRange<UInt32> = 1...version
    /// The first version whose records are sealed.
    static let versionSealed: UInt32 = 2
    /// Greater than any LSN: in microseconds, some 146,000 years.
    package static let lsnMax = Int64.max >> 1
    /// "NDLTLOG\n" and "NDLTSNP\n", read as little-endian integers.
    package static let segmentMagic: UInt64 = 0x0A47_4F4C_544C_444E
    package static let snapshotMagic: UInt64 = 0x0A50_4E53_544C_444E
    package static let fileHeaderBytes = 64
    /// Checksum, length and LSN.
    package static let recordHeadBytes = 16
    /// Kind, flags and key length, which every body begins with.
    package static let bodyHeadBytes = 4
    package static let alignment = 8
    package static let expiryBytes = 8
    /// A batch's count, and what each of its entries begins with.
    package static let batchCountBytes = 4
    package static let batchEntryHeadBytes = 8
    /// A mark or an end, whole.
    package static let markBytes = 32
    /// The shortest record: there is none where less is left of a file.
    package static let recordBytesMin = 24
    /// Zeros behind each write.
    package static let terminatorBytes = 16
    /// The longest body: a length is 32 bits and more than a batch in the longest frame ever is.
    package static let bodyBytesMax = 1 << 31

    package static let formatFile = "FORMAT"
    package static let lockFile = "LOCK"

    /// `bytes`, rounded up to where the next record begins.
    package static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) & ~(alignment - 1) }

    package static func segmentName(_ number: UInt64) -> String { "\(digits(number)).log" }
    package static func snapshotName(_ lsn: Int64) -> String { "\(digits(UInt64(lsn))).snapshot" }
    package static func spareName(_ number: Int) -> String { "spare-\(number).log" }
    /// What a file is called until it is whole.
    package static func temporaryName(_ name: String) -> String { name + temporarySuffix }
    package static let temporarySuffix = ".tmp"
    package static func isSpare(_ name: String) -> Bool { name.hasPrefix("spare-") && name.hasSuffix(".log") }

    /// The number of the segment of this name; nil if it is no segment's.
    package static func segmentNumber(_ name: String) -> UInt64? {
        number(name, before: ".log").flatMap { 1...UInt64.max / 2 ~= $0 ? $0 : nil }
    }

    /// The LSN of the snapshot of this name; nil if it is no snapshot's.
    package static func snapshotLSN(_ name: String) -> Int64? {
        number(name, before: ".snapshot").flatMap { $0 <= UInt64(lsnMax) ? Int64($0) : nil }
    }

    private static func number(_ name: String, before suffix: String) -> UInt64? {
        guard name.utf8.count == 20 + suffix.utf8.count, name.hasSuffix(suffix) else { return nil }
        let digits = name.utf8.prefix(20)
        guard digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        return UInt64(Substring(digits))
    }

    private static func digits(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 20 - text.utf8.count)) + text
    }
}

/// What a record says.
package enum RecordKind: UInt8, Sendable {
    case put = 1
    case remove = 2
    case touch = 3
    case batch = 4
    case mark = 5
    case end = 6
}
