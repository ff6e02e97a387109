//! What makes the bytes of a record those of one data directory.
//!
//! Where records are looked for at any place of a file (RecordSearch.swift), values are looked at, too, and what a client had
//! stored may look like a record: in an old segment that is used again, or in a record that a crash tore. So what a record
//! is recognised by depends on the directory's id, which is random and which no client is told: its LSN, which has to be one
//! of a few that can follow, and its checksum.

internal import CIntrinsics

/// The seal of one directory's records.
struct RecordSeal: Sendable, Hashable {
    /// Records of files of version 1, which had none.
    static let none = RecordSeal(lsnMask: 0, checksumStart: 0)

    /// What an LSN is combined with (exclusive or) in a file.
    let lsnMask: Int64
    /// What a record's checksum goes on from.
    let checksumStart: UInt32

    private init(lsnMask: Int64, checksumStart: UInt32) {
        self.lsnMask = lsnMask
        self.checksumStart = checksumStart
    }

    init(directoryID: UInt64) {
        lsnMask = Int64(bitPattern: directoryID)
        checksumStart = unsafe withUnsafeBytes(of: directoryID.littleEndian) { bytes in
            unsafe bytes.baseAddress.map { unsafe nt_crc32c(0, $0, bytes.count) } ?? 0
        }
    }
}
