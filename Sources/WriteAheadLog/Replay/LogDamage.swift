/// Why a file, or a record in it, is not what it should be.
package enum LogFlaw: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file does not begin with the header of such a file.
    case header(FileHeader.Problem)
    /// The file is of another directory.
    case directory
    /// The file's header says another number than its name: a segment's number, or a snapshot's LSN.
    case number(UInt64)
    /// The file is shorter than it was made.
    case cut(bytes: Int, of: Int)
    /// A record's checksum does not hold.
    case checksum
    /// A record would reach beyond the end of the file.
    case length
    /// A record is of a kind that cannot stand there.
    case kind
    /// A record's body is not what its kind says.
    case body
    /// A record does not have the LSN that follows.
    case sequence(expected: Int64, found: Int64)
    /// The records end before this LSN.
    case missingRecords(through: Int64)
    /// A snapshot's records end without the count of them that stands last.
    case missingEnd
    /// A snapshot has more or fewer records than it says.
    case count
    /// There is no such file, but later ones.
    case missingFile

    package var description: String {
        switch self {
        case .header(.short): "the file is shorter than a header"
        case .header(.magic): "the file does not begin as such a file does"
        case .header(.version(let version)): "the file is of format version \(version)"
        case .header(.lsn(let lsn)): "the header names the LSN \(lsn), which no log has"
        case .header(.checksum): "the header's checksum does not hold"
        case .directory: "the file belongs to another data directory"
        case .number(let number): "the header names the number \(number)"
        case .cut(let bytes, let whole): "the file has \(bytes) bytes of \(whole)"
        case .checksum: "a record's checksum does not hold"
        case .length: "a record would reach beyond the end of the file"
        case .kind: "a record is of a kind that cannot stand there"
        case .body: "a record's body is not what its kind says"
        case .sequence(let expected, let found): "a record has the LSN \(found) where \(expected) was expected"
        case .missingRecords(let lsn): "the records end before LSN \(lsn)"
        case .missingEnd: "the snapshot breaks off"
        case .count: "the snapshot has more or fewer records than it says"
        case .missingFile: "the file is missing"
        }
    }
}

/// A place where what was on disk is not there any more, and what is lost with it.
package struct LogDamage: Error, Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// Where in the file, bytes.
    package var offset: Int
    package var flaw: LogFlaw
    /// Bytes that cannot be read as records.
    package var bytes = 0
    /// The LSNs of the changes that are lost: no more than these. Nil where they are not known, as in a snapshot, whose
    /// records have the LSNs of older changes.
    package var lostLSNs: Range<Int64>?

    package var description: String { "\(file), offset \(offset): \(flaw)" }

    /// What is lost without what cannot be read, as a sentence.
    package var loss: String {
        guard let lostLSNs else {
            return "\(file): an unknown number of entries, \(bytes) bytes from offset \(offset) on"
        }
        let changes = lostLSNs.count
        guard changes > 0 else { return "\(file): no change, but \(bytes) bytes from offset \(offset) on" }
        // The LSNs of two runs of a server are far from each other: a million a second.
        let count = changes < 1_000_000 ? "\(changes)" : "some"
        return
            "\(file): \(count) changes, LSN \(lostLSNs.lowerBound) to \(lostLSNs.upperBound - 1), \(bytes) bytes from offset "
            + "\(offset) on"
    }
}

/// The end of the last segment, as a crash left it: what had been written and not yet synced.
package struct LogTail: Sendable, Hashable {
    package var file: String
    /// Where the last good record ends.
    package var offset: Int
    /// Bytes that look as if they belonged to writes that did not end.
    package var bytes: Int
    /// Whole records among them.
    package var records: Int
}
