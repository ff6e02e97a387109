//! What files a directory holds, and what their headers say: all that is known of a log before a record is read.

/// The files of a directory.
struct LogInventory {
    struct Entry {
        let name: String
        /// A segment's number; 0 for a snapshot.
        let number: UInt64
        let bytes: Int
        /// Nil if it does not hold.
        let header: FileHeader?
        /// What the header says, also where it is another file's; nil if it cannot be read.
        let stated: FileHeader?
        /// The format version that stands there, whether or not the header can be read.
        let statedVersion: UInt32
        let flaw: LogFlaw?

        /// Of its records, as far as can be known.
        func recordSeal(_ directoryID: UInt64) -> RecordSeal {
            if let stated { return stated.recordSeal }
            return statedVersion < LogFormat.versionSealed && statedVersion != 0
                ? .none : RecordSeal(directoryID: directoryID)
        }

        /// Whether its records, if there are any, are this log's.
        var isOurs: Bool {
            switch flaw {
            case .directory, .header(.version): false
            default: true
            }
        }
    }

    /// Segments in the order of their numbers.
    private(set) var segments: [Entry] = []
    /// Snapshots in the order of their LSNs.
    private(set) var snapshots: [Entry] = []

    init(_ storage: any LogStorage, directoryID: UInt64) throws(LogStorageError) {
        for name in try storage.list().sorted() {
            if let number = LogFormat.segmentNumber(name) {
                segments.append(
                    try Self.look(storage, name, number, LogFormat.segmentMagic, directoryID, expected: number))
            } else if let lsn = LogFormat.snapshotLSN(name) {
                snapshots.append(
                    try Self.look(storage, name, 0, LogFormat.snapshotMagic, directoryID, expected: UInt64(lsn)))
            }
        }
    }

    /// The segments that hold more than the newest snapshot does, as far as their headers say.
    var neededSegments: [Entry] {
        let snapshotLSN = snapshots.last.flatMap { LogFormat.snapshotLSN($0.name) } ?? 0
        let first = segments.lastIndex { entry in entry.header.map { $0.previousLSN <= snapshotLSN } ?? false }
        return Array(segments[(first ?? 0)...])
    }

    /// What is known of the records that are to be read: first of the snapshot's, if there is one.
    var expectedFiles: [ExpectedFile] {
        let needed = neededSegments
        let segments = needed.indices.map { index in
            // Nobody knows how much of the last one is used: it has its size from the beginning.
            guard let next = needed[(index + 1)...].first else { return ExpectedFile(bytes: needed[index].bytes / 2) }
            guard let start = needed[index].header?.previousLSN, let end = next.header?.previousLSN,
                case (let leap, false) = end.subtractingReportingOverflow(start), leap >= 0
            else { return ExpectedFile(bytes: needed[index].bytes) }
            // Of the first segment of a run it says little: there LSNs begin anew.
            return ExpectedFile(bytes: needed[index].bytes, recordsMax: Int(leap))
        }
        return (snapshots.last.map { [ExpectedFile(bytes: $0.bytes)] } ?? []) + segments
    }

    private static func look(
        _ storage: any LogStorage, _ name: String, _ number: UInt64, _ magic: UInt64, _ directoryID: UInt64,
        expected: UInt64
    ) throws(LogStorageError) -> Entry {
        let file = try storage.open(name, .read)
        let bytes = try file.size()
        let start = try file.start(LogFormat.fileHeaderBytes)
        do throws(FileHeader.Problem) {
            let header = try FileHeader(unsafe start.span.bytes, magic: magic)
            let named = number == 0 ? UInt64(bitPattern: header.previousLSN) : header.number
            let flaw: LogFlaw? =
                if header.directoryID != directoryID {
                    .directory
                } else if named != expected {
                    .number(named)
                } else {
                    nil
                }
            if flaw == nil, bytes < header.fileBytes {
                let cut = LogFlaw.cut(bytes: bytes, of: header.fileBytes)
                return Entry(
                    name: name, number: number, bytes: bytes, header: header, stated: header,
                    statedVersion: header.formatVersion, flaw: cut)
            }
            return Entry(
                name: name, number: number, bytes: bytes, header: flaw == nil ? header : nil, stated: header,
                statedVersion: header.formatVersion, flaw: flaw)
        } catch {
            return Entry(
                name: name, number: number, bytes: bytes, header: nil, stated: nil,
                statedVersion: FileHeader.version(start), flaw: .header(error))
        }
    }
}
