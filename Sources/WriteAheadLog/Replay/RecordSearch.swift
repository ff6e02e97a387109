//! Looks for records where a file does not say any more where they begin: behind damage and torn ends.
//!
//! Every multiple of 8 bytes is tried, inside of values, too. What is found has the checksum of this directory's records and
//! an LSN of those that are looked for, so that what a segment held in an earlier use is passed by, and what a client had
//! stored to look like a record (RecordSeal.swift).

/// What is behind a place where the records of a file break off.
struct RemainderSurvey: Hashable {
    /// Records with later LSNs, marks excluded.
    var records = 0
    /// Where the first of them is, and its LSN.
    var firstOffset: Int?
    var firstLSN: Int64?
    /// The greatest of their LSNs.
    var greatestLSN: Int64 = 0
    /// Up to which LSN all records were on disk, as the marks among them say.
    var durableLSN: Int64 = 0
    /// Bytes from the place on that look like a write that was torn; 0 if the records end cleanly.
    var bytes = 0
}

/// A search through one file.
struct RecordSearch {
    let window: FileWindow
    /// The LSNs that are looked for.
    let lsns: ClosedRange<Int64>

    struct Found {
        let offset: Int
        let head: RecordHead
        /// A mark's or an end's.
        let number: Int64?
    }

    /// What is at one place.
    private enum Sight {
        case nothing
        case record(Found)
        /// What may be a record of this length, and is not shown as a whole.
        case hidden(bytes: Int)
    }

    /// What is skipped at once if it is zero.
    private static let pageBytes = 4_096

    /// The first record at or behind `offset`, a mark included.
    func first(from offset: Int) throws(LogStorageError) -> Found? {
        var offset = LogFormat.aligned(offset)
        windows: while window.fileBytes - offset >= LogFormat.recordBytesMin {
            try window.show(Self.pageBytes, from: offset)
            let (base, shown) = (window.range.lowerBound, window.range.upperBound)
            let records = window.records
            while shown - offset >= LogFormat.recordBytesMin {
                let page = (offset - base)..<(offset - base + Self.pageBytes)
                if offset % Self.pageBytes == 0, page.upperBound <= shown - base, records.isZero(page) {
                    offset += Self.pageBytes
                    continue
                }
                switch look(at: offset, records, base, of: lsns) {
                case .record(let found): return found
                case .nothing: offset += LogFormat.alignment
                case .hidden(let bytes):
                    try window.show(bytes, from: offset)
                    continue windows
                }
            }
        }
        return nil
    }

    @inline(__always)
    private func look(
        at offset: Int, _ records: RecordDecoder, _ base: Int, of lsns: ClosedRange<Int64>
    ) -> Sight {
        let index = offset - base
        guard records.bodyBytes(at: index) != 0 else { return .nothing }
        let head = records.head(at: index)
        // A mark stands before the record that follows its LSN.
        let lsn = head.kind == RecordKind.mark.rawValue ? head.lsn &+ 1 : head.lsn
        guard head.isPlausible, lsns.contains(lsn), head.recordBytes <= window.fileBytes - offset else {
            return .nothing
        }
        if head.recordBytes > records.count - index { return .hidden(bytes: head.recordBytes) }
        guard records.holds(head, at: index) else { return .nothing }
        let isNumbered = head.kind >= RecordKind.mark.rawValue
        return .record(
            Found(offset: offset, head: head, number: isNumbered ? records.number(of: head, at: index) : nil))
    }

    /// What is behind `offset`, where the next record was expected.
    func survey(from offset: Int) throws(LogStorageError) -> RemainderSurvey {
        var survey = RemainderSurvey()
        var next = offset
        while let found = try first(from: next) {
            next = found.offset + found.head.recordBytes
            survey.bytes = next - offset
            survey.greatestLSN = max(survey.greatestLSN, found.head.lsn)
            if found.head.kind == RecordKind.mark.rawValue {
                // Nothing is on disk that was not written.
                survey.durableLSN = max(survey.durableLSN, min(found.number ?? 0, found.head.lsn))
            } else {
                survey.records += 1
                if survey.firstOffset == nil {
                    survey.firstOffset = found.offset
                    survey.firstLSN = found.head.lsn
                }
            }
        }
        survey.bytes = max(survey.bytes, try tornBytes(from: offset))
        return survey
    }

    /// How much looks like the rest of a write: up to 16 zeros, or to an older record.
    private func tornBytes(from start: Int) throws(LogStorageError) -> Int {
        var offset = start
        while window.fileBytes - offset >= LogFormat.recordBytesMin {
            try window.show(LogFormat.recordBytesMin, from: offset)
            let (base, records) = (window.range.lowerBound, window.records)
            let index = offset - base
            guard records.count - index >= LogFormat.recordBytesMin,
                !records.isZero(index..<(index + LogFormat.terminatorBytes))
            else { break }
            if case .record = look(at: offset, records, base, of: 0...(lsns.lowerBound - 1)) { break }
            offset += LogFormat.alignment
        }
        return offset - start
    }
}
