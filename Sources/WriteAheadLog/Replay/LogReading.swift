//! Reads a log from its files: the newest snapshot, then the segments from its LSN on, in order, to the end. What is
//! checked, and what is done where something does not hold, is decided here; what becomes of the records is the sink's.
//!
//! A segment before the last ends where the next one's header says. Where the last one ends, its records break off; a mark
//! behind that place which says that later records had been on disk shows that it is damage and no torn tail.
//!
//! Always true: nothing is changed on disk; records reach the sink in the order of their LSNs, none twice.

/// What a reading found.
struct LogFindings {
    var snapshotLSN: Int64?
    var snapshotBytes = 0
    /// The last LSN that was read, the snapshot's included.
    var lastLSN: Int64 = 0
    /// The greatest LSN that was seen, in a tail that was cut too.
    var greatestLSN: Int64 = 0
    /// All segments that hold something, or did.
    var segments: [ClosedSegment] = []
    /// The numbers of all segments that there are.
    var numbers: [UInt64] = []
    /// A last segment that was about to be begun when a crash came.
    var unusedSegment: UInt64?
    /// Where the last segment's records end.
    var openEnd: OpenEnd?
    var tail: LogTail?
    var damages: [LogDamage] = []
    /// The files that were read, in order.
    var files: [FileFindings] = []
}

/// The end of a segment after which no other was begun.
struct OpenEnd {
    var file: String
    var previousLSN: Int64
    var lastLSN: Int64
    var offset: Int
    var recordSeal: RecordSeal
}

/// What was found in one file.
struct FileFindings {
    var name: String
    /// Up to where it holds records.
    var bytes: Int
    var records: Int64
    var lastLSN: Int64
}

/// Why a reading ended early.
enum LogReadingFailure: Error {
    case storage(LogStorageError)
    case damage(LogDamage)

    /// Calls the file system.
    static func raise<Result>(_ call: () throws(LogStorageError) -> Result) throws(Self) -> Result {
        do { return try call() } catch { throw .storage(error) }
    }
}

/// One reading of a directory.
struct LogReading<Sink: RecordSink> {
    private let storage: any LogStorage
    private let directoryID: UInt64
    /// Whether damage is passed by and noted, instead of ending the reading.
    private let isSalvaging: Bool
    private let progress: (RecoveryProgress) -> Void
    private let window: FileWindow
    private var blocks: [Range<Int>] = []
    /// How far the clock may have been put back between a run's beginning and its first segment: a day, in microseconds;
    /// and more than all LSNs that a crash can have cut off.
    private static var clockMicrosMax: Int64 { 86_400_000_000 }
    private var reading = RecoveryProgress()
    /// Bytes of the files that were read to their end.
    private var bytesBefore = 0
    private var lastRead: LogInventory.Entry?
    private(set) var sink: Sink
    private(set) var findings = LogFindings()

    init(
        _ storage: any LogStorage, directoryID: UInt64, isSalvaging: Bool, sink: Sink,
        progress: @escaping (RecoveryProgress) -> Void = { _ in }
    ) {
        self.storage = storage
        self.directoryID = directoryID
        self.isSalvaging = isSalvaging
        self.sink = sink
        window = FileWindow(readers: sink.readers)
        self.progress = progress
    }

    mutating func run() throws(LogReadingFailure) {
        let (storage, directoryID) = (storage, directoryID)
        let inventory = try LogReadingFailure.raise { () throws(LogStorageError) in
            try LogInventory(storage, directoryID: directoryID)
        }
        findings.numbers = inventory.segments.map(\.number)
        let snapshot = inventory.snapshots.last
        let needed = inventory.neededSegments
        reading.bytesTotal = needed.reduce(snapshot?.bytes ?? 0) { $0 + $1.bytes }
        sink.expect(inventory.expectedFiles)
        if let snapshot { try readSnapshot(snapshot) }
        for entry in inventory.segments.dropLast(needed.count) {
            findings.segments.append(
                ClosedSegment(
                    number: entry.number, previousLSN: entry.header?.previousLSN ?? 0, lastLSN: findings.lastLSN,
                    bytes: entry.bytes))
        }
        if !isSalvaging, let damage = firstMissing(needed) { throw .damage(damage) }
        for index in needed.indices {
            try readSegment(needed[index], before: needed[(index + 1)...].first)
        }
        findings.greatestLSN = max(findings.greatestLSN, findings.lastLSN)
    }

    // MARK: Snapshots

    private mutating func readSnapshot(_ entry: LogInventory.Entry) throws(LogReadingFailure) {
        findings.snapshotLSN = LogFormat.snapshotLSN(entry.name)
        findings.lastLSN = findings.snapshotLSN ?? 0
        findings.snapshotBytes = entry.bytes
        try look(at: entry)
        if let flaw = entry.flaw {
            try note(LogDamage(file: entry.name, offset: 0, flaw: flaw, bytes: entry.isOurs ? 0 : entry.bytes))
            guard entry.isOurs else { return }
        }
        var walk = RecordWalk(.snapshot, after: 0, fileBytes: window.fileBytes)
        while true {
            let stop = try pass(&walk)
            guard let flaw = stop.flaw(orElse: .missingEnd) else { break }
            // Entries that were changed while it was taken have later versions.
            let latest = latestLSN(max(findings.lastLSN, entry.stated?.createdMicros ?? .max))
            let found = try search(from: walk.offset, flaw, of: 1...latest)
            try note(
                LogDamage(
                    file: entry.name, offset: walk.offset, flaw: flaw,
                    bytes: (found?.offset ?? window.fileBytes) - walk.offset))
            guard let found else { break }
            walk.resume(at: found.offset)
        }
        end(walk, of: entry)
    }

    // MARK: Segments

    /// What shows before anything is read that a segment is missing or is none.
    private func firstMissing(_ needed: [LogInventory.Entry]) -> LogDamage? {
        var previous: LogInventory.Entry?
        for entry in needed {
            if let gap = gap(between: previous, and: entry) { return gap }
            if entry.header == nil, entry.name != needed.last?.name || entry.bytes < LogFormat.fileHeaderBytes {
                return LogDamage(file: entry.name, offset: 0, flaw: entry.flaw ?? .kind)
            }
            previous = entry
        }
        return nil
    }

    /// The segments that are missing between two, or between the snapshot and the first.
    private func gap(between previous: LogInventory.Entry?, and entry: LogInventory.Entry) -> LogDamage? {
        let isNext =
            if let previous { entry.number == previous.number + 1 } else {
                (entry.header?.previousLSN ?? 0) <= findings.lastLSN
            }
        if isNext { return nil }
        let last = max(entry.header?.previousLSN ?? findings.lastLSN, findings.lastLSN)
        return LogDamage(
            file: LogFormat.segmentName(entry.number &- 1), offset: 0, flaw: .missingFile,
            lostLSNs: (findings.lastLSN + 1)..<(last + 1))
    }

    private mutating func readSegment(
        _ entry: LogInventory.Entry, before next: LogInventory.Entry?
    ) throws(LogReadingFailure) {
        let previous = lastRead
        if let gap = gap(between: previous, and: entry) { try note(gap) }
        lastRead = entry
        try look(at: entry)
        let isFollowed = next.map { $0.number == entry.number + 1 } ?? false
        let limit = isFollowed ? next?.header?.previousLSN : nil
        var walk = RecordWalk(
            .segment(through: limit), after: entry.header?.previousLSN ?? findings.lastLSN, fileBytes: window.fileBytes)
        if entry.header == nil {
            if next == nil, try isUnused(entry) { return }
            // What another directory or version wrote is not of this log.
            guard entry.isOurs else {
                try note(LogDamage(file: entry.name, offset: 0, flaw: entry.flaw ?? .kind, bytes: entry.bytes))
                return
            }
            guard try resume(&walk, entry, entry.flaw ?? .kind, through: limit ?? .max) else {
                return end(walk, of: entry, limit)
            }
        }
        try readRecords(&walk, entry, limit)
        if next == nil, case .cut? = entry.flaw, let flaw = entry.flaw {
            try note(LogDamage(file: entry.name, offset: entry.bytes, flaw: flaw))
        }
        end(walk, of: entry, limit)
    }

    private mutating func readRecords(
        _ walk: inout RecordWalk, _ entry: LogInventory.Entry, _ limit: Int64?
    ) throws(LogReadingFailure) {
        while true {
            let stop = try pass(&walk)
            var missing = limit
            if limit == nil {
                let remainder = try survey(walk, entry)
                if remainder.durableLSN <= walk.lastLSN {
                    cut(entry, walk, remainder)
                    return
                }
                missing = remainder.durableLSN
            }
            guard let flaw = stop.flaw(orElse: .missingRecords(through: missing ?? walk.lastLSN)) else { return }
            guard try resume(&walk, entry, flaw, through: limit ?? .max) else { return }
        }
    }

    /// Passes a hole by.
    /// - Returns: false if there is nothing behind it.
    private mutating func resume(
        _ walk: inout RecordWalk, _ entry: LogInventory.Entry, _ flaw: LogFlaw, through limit: Int64
    ) throws(LogReadingFailure) -> Bool {
        let first = walk.lastLSN + 1
        let found =
            try limit < first
            ? nil
            : search(
                from: walk.offset, flaw,
                of: first...(limit == .max ? greatestLSN(behind: walk, in: entry) : limit))
        let next = found.map { $0.head.kind == RecordKind.mark.rawValue ? $0.head.lsn + 1 : $0.head.lsn }
        try note(
            LogDamage(
                file: entry.name, offset: walk.offset, flaw: flaw,
                bytes: (found?.offset ?? window.fileBytes) - walk.offset,
                lostLSNs: limit == .max && next == nil ? nil : first..<(next ?? max(first, limit + 1))))
        guard let found else { return false }
        walk.resume(at: found.offset)
        return true
    }

    /// Whether a last segment without a header is one that was about to be begun.
    private mutating func isUnused(_ entry: LogInventory.Entry) throws(LogReadingFailure) -> Bool {
        guard entry.isOurs, entry.bytes >= LogFormat.fileHeaderBytes else { return false }
        // Where the header does not even say which: with any.
        let seals = entry.stated == nil ? [RecordSeal.none, RecordSeal(directoryID: directoryID)] : [nil]
        for seal in seals {
            try look(at: entry, sealedWith: seal)
            let walk = RecordWalk(.segment(through: nil), after: findings.lastLSN, fileBytes: window.fileBytes)
            let remainder = try survey(walk, entry)
            guard remainder.records == 0, remainder.durableLSN <= findings.lastLSN else { return false }
        }
        findings.unusedSegment = entry.number
        return true
    }

    /// Notes what a crash left behind the last record.
    private mutating func cut(_ entry: LogInventory.Entry, _ walk: RecordWalk, _ remainder: RemainderSurvey) {
        let offset = walk.offset
        findings.openEnd = OpenEnd(
            file: entry.name, previousLSN: entry.header?.previousLSN ?? findings.lastLSN, lastLSN: walk.lastLSN,
            offset: offset, recordSeal: entry.recordSeal(directoryID))
        findings.greatestLSN = max(findings.greatestLSN, remainder.greatestLSN)
        guard remainder.bytes > 0 else { return }
        findings.tail = LogTail(
            file: entry.name, offset: offset, bytes: remainder.bytes, records: remainder.records)
    }

    // MARK: Any file

    /// - Parameter seal: of the records that are looked for; nil: that which the file's records have, as it says.
    private mutating func look(
        at entry: LogInventory.Entry, sealedWith seal: RecordSeal? = nil
    ) throws(LogReadingFailure) {
        let (storage, window, seal) = (storage, window, seal ?? entry.recordSeal(directoryID))
        try LogReadingFailure.raise { () throws(LogStorageError) in
            try window.look(at: storage.open(entry.name, .read), seal)
        }
        sink.begin(entry.name)
    }

    /// Goes on as far as records hold.
    private mutating func pass(_ walk: inout RecordWalk) throws(LogReadingFailure) -> RecordWalk.Stop {
        while true {
            let start = walk
            blocks.removeAll(keepingCapacity: true)
            let stop = walk.advance(over: window, blocks: &blocks)
            if !blocks.isEmpty, let broken = sink.take(blocks, of: window) {
                walk = start
                _ = walk.advance(over: window, to: broken.offset, blocks: &blocks)
                return .broken(broken.flaw)
            }
            reading.bytesDone = bytesBefore + walk.offset
            reading.records = sink.records
            progress(reading)
            guard case .hidden(let count) = stop else { return stop }
            let (window, offset) = (window, walk.offset)
            try LogReadingFailure.raise { () throws(LogStorageError) in try window.show(count, from: offset) }
            // The file has become shorter meanwhile.
            if window.range.upperBound - offset < count { return .ended }
        }
    }

    private func search(
        from offset: Int, _ flaw: LogFlaw, of lsns: ClosedRange<Int64>
    ) throws(LogReadingFailure) -> RecordSearch.Found? {
        // What was written so would be found again at its own place.
        let start = flaw == .body || flaw == .kind ? offset + LogFormat.alignment : offset
        return try LogReadingFailure.raise { () throws(LogStorageError) in
            try RecordSearch(window: window, lsns: lsns).first(from: start)
        }
    }

    /// What is behind the walk in a last segment.
    private func survey(
        _ walk: RecordWalk, _ entry: LogInventory.Entry
    ) throws(LogReadingFailure) -> RemainderSurvey {
        try LogReadingFailure.raise { () throws(LogStorageError) in
            try RecordSearch(window: window, lsns: (walk.lastLSN + 1)...greatestLSN(behind: walk, in: entry))
                .survey(from: walk.offset)
        }
    }

    /// No record behind the walk has a greater LSN: within a segment each has the next one. The first of a run follows the
    /// greatest that was ever given out, also to what a crash cut off, or is the time at which the run began, which is
    /// about when its first segment was made.
    private func greatestLSN(behind walk: RecordWalk, in entry: LogInventory.Entry) -> Int64 {
        let last =
            walk.recordCount > 0 ? walk.lastLSN : latestLSN(max(walk.lastLSN, entry.stated?.createdMicros ?? .max))
        let count = Int64(walk.fileBytes - walk.offset) / Int64(LogFormat.recordBytesMin)
        return max(walk.lastLSN + 1, min(last + count, LogFormat.lsnMax))
    }

    /// An LSN, or a time, and as much as the clock may have been put back.
    private func latestLSN(_ lsn: Int64) -> Int64 {
        min(lsn, LogFormat.lsnMax - Self.clockMicrosMax) + Self.clockMicrosMax
    }

    /// Notes damage, or ends the reading with it.
    private mutating func note(_ damage: LogDamage) throws(LogReadingFailure) {
        guard isSalvaging else { throw .damage(damage) }
        findings.damages.append(damage)
    }

    private mutating func end(_ walk: RecordWalk, of entry: LogInventory.Entry, _ limit: Int64?) {
        let last = max(limit ?? walk.lastLSN, walk.lastLSN)
        findings.segments.append(
            ClosedSegment(
                number: entry.number, previousLSN: entry.header?.previousLSN ?? findings.lastLSN, lastLSN: last,
                bytes: entry.bytes))
        findings.lastLSN = max(findings.lastLSN, last)
        end(walk, of: entry)
    }

    private mutating func end(_ walk: RecordWalk, of entry: LogInventory.Entry) {
        findings.files.append(
            FileFindings(name: entry.name, bytes: walk.offset, records: walk.recordCount, lastLSN: findings.lastLSN))
        bytesBefore += entry.bytes
    }
}
