//! The segments of a log that is written: the current one, those before it, and spares.
//!
//! Threads: writing is for whoever holds the log's `writing`. The catalogue (which segments there are, which spares) is shared with the
//! upkeep thread, under `lock`.
//!
//! Always true: a segment was synced as a whole before the next one was begun; a segment's header is on disk, and its name in
//! the directory, before its first record is written.

internal import NeedletailThreads
internal import Timing

/// One segment that is not written any more.
package struct ClosedSegment: Sendable, Hashable {
    package let number: UInt64
    /// The log's last LSN before the segment.
    package let previousLSN: Int64
    /// The segment's last LSN; `previousLSN` if it has none.
    package let lastLSN: Int64
    /// The file's size.
    package let bytes: Int

    package var name: String { LogFormat.segmentName(number) }

    package init(number: UInt64, previousLSN: Int64, lastLSN: Int64, bytes: Int) {
        self.number = number
        self.previousLSN = previousLSN
        self.lastLSN = lastLSN
        self.bytes = bytes
    }
}

final class SegmentWriter: @unchecked Sendable {
    private let storage: any LogStorage
    private let directoryID: UInt64
    private let segmentBytes: Int
    private let sparesMax: Int
    private let clock: Clock
    private let runLSN: Int64

    // Under the log's `writing`.
    private(set) var number: UInt64
    private var previousLSN: Int64
    private(set) var lastLSN: Int64
    private var offset = 0
    private var capacity = 0
    /// Up to here the current segment's blocks were written before; all of them in one that was a spare.
    private var blocksWritten = 0

    /// Of a segment that was no spare, so much is written with zeros at a time, and before less than `aheadBytesMin` is left:
    /// some hundred groups later.
    private static let aheadBytes = 256 << 10
    private static let aheadBytesMin = 64 << 10

    // Under `lock`.
    private let lock = Lock()
    private var current: (any LogFile)?
    private var closed: [ClosedSegment]
    private var spares: [String] = []
    private var spareCount = 0

    /// Begins the first segment of a run.
    /// - Parameter runLSN: the run's first record has the LSN after it.
    init(
        _ storage: any LogStorage, _ configuration: LogConfiguration, after recovered: RecoveredLog, runLSN: Int64,
        clock: Clock
    ) throws(LogStorageError) {
        self.storage = storage
        directoryID = recovered.directoryID
        self.clock = clock
        self.runLSN = runLSN
        segmentBytes = configuration.segmentBytes
        sparesMax = configuration.sparesMax
        number = recovered.lastSegment
        previousLSN = recovered.lastLSN
        lastLSN = recovered.lastLSN
        closed = recovered.segments
        try begin(holding: 0)
    }

    // MARK: Writing

    /// Bytes of the current segment that are used.
    var bytesUsed: Int { offset }
    /// Whether the current segment has no record yet.
    var isEmpty: Bool { lastLSN == previousLSN }

    /// Whether the current segment has room for this many bytes.
    func fits(_ bytes: Int) -> Bool { offset + bytes <= capacity }

    /// Writes records, mark before and terminator behind, to the current segment.
    /// - Precondition: they fit.
    func write(_ chunk: LogChunk) throws(LogStorageError) {
        try file.write(chunk.bytes, at: offset)
        offset += chunk.bytes.byteCount - LogFormat.terminatorBytes
        lastLSN = chunk.lastLSN
    }

    /// To be called before a sync. In space that is only allocated each sync also changes and writes the file's metadata, one
    /// more wait for the disk; so this one takes zeros along for the records to come, unless the blocks were written before.
    func writeAhead() {
        guard blocksWritten < capacity, blocksWritten - offset < Self.aheadBytesMin else { return }
        let start = max(blocksWritten, offset + LogFormat.terminatorBytes)
        let end = min(start + Self.aheadBytes, capacity)
        do throws(LogStorageError) {
            if start < end { try file.writeZeros(from: start, to: end) }
            blocksWritten = end
        } catch {
            // Nobody's records: what is wrong with the disk, the next write or sync tells.
            blocksWritten = capacity
        }
    }

    /// Writes a mark alone, if there is room.
    /// - Parameter durableLSN: records up to this one are on disk.
    func writeMark(durableLSN: Int64) throws(LogStorageError) {
        guard fits(LogFormat.markBytes + LogFormat.terminatorBytes) else { return }
        let chunk = LogChunk(holding: 0, sealedWith: RecordSeal(directoryID: directoryID))
        chunk.seal(previousLSN: lastLSN, durableLSN: durableLSN)
        try file.write(chunk.bytes, at: offset)
        offset += LogFormat.markBytes
    }

    /// Begins the next segment, large enough for this many bytes of records.
    /// - Precondition: the current one is synced.
    func begin(holding bytes: Int) throws(LogStorageError) {
        let next = number + 1
        let name = LogFormat.segmentName(next)
        let needed = max(segmentBytes, LogFormat.fileHeaderBytes + bytes)
        let (file, isUsed) = try make(name, needed)
        do {
            try write(header(next, needed), to: file)
            try file.syncData()
            try storage.syncDirectory()
        } catch {
            // Half made. It must not be there after a crash either: the log may go on in the segment before.
            try storage.remove(name)
            try storage.syncDirectory()
            throw error
        }
        lock.lock()
        defer { lock.unlock() }
        if current != nil {
            closed.append(
                ClosedSegment(number: number, previousLSN: previousLSN, lastLSN: lastLSN, bytes: capacity))
        }
        current = file
        number = next
        previousLSN = lastLSN
        offset = LogFormat.fileHeaderBytes
        capacity = needed
        blocksWritten = isUsed ? needed : 0
    }

    /// - Returns: the file, and whether all of its blocks were written before.
    private func make(
        _ name: String, _ bytes: Int
    ) throws(LogStorageError) -> (file: any LogFile, isUsed: Bool) {
        if bytes == segmentBytes, let spare = takeSpare() {
            do {
                // One that was restored from a backup has holes.
                try storage.open(spare, .write).allocate(bytes)
                try storage.rename(spare, to: name)
            } catch {
                add(spare: spare)
                throw error
            }
            do {
                return (try storage.open(name, .write), true)
            } catch {
                try storage.remove(name)
                try storage.syncDirectory()
                throw error
            }
        }
        // It has its size on disk before it has its name: a segment that is shorter was cut.
        let temporary = LogFormat.temporaryName(name)
        do {
            let file = try storage.open(temporary, .create)
            try file.allocate(bytes)
            try file.syncData()
            try storage.rename(temporary, to: name)
        } catch {
            try? storage.remove(temporary)
            throw error
        }
        return (try storage.open(name, .write), false)
    }

    private func header(_ number: UInt64, _ bytes: Int) -> FileHeader {
        FileHeader(
            magic: LogFormat.segmentMagic, directoryID: directoryID, number: number, previousLSN: lastLSN,
            createdMicros: max(clock.wallNow().milliseconds * 1_000, runLSN), fileBytes: bytes)
    }

    private func write(_ header: FileHeader, to file: any LogFile) throws(LogStorageError) {
        // With the terminator behind it: a used file has old records there.
        let bytes = header.encoded + [UInt8](repeating: 0, count: LogFormat.terminatorBytes)
        try file.write(unsafe bytes.span.bytes, at: 0)
    }

    private var file: any LogFile {
        guard let current else { preconditionFailure("a log has a segment") }
        return current
    }

    // MARK: From the upkeep thread

    /// The segment that is written now.
    var currentFile: any LogFile {
        lock.lock()
        defer { lock.unlock() }
        return file
    }

    /// The segments before the current one, in their order.
    var closedSegments: [ClosedSegment] {
        lock.lock()
        defer { lock.unlock() }
        return closed
    }

    /// Gives up the segments that hold nothing beyond `lsn`: a few are kept as spares, the others removed.
    func retire(through lsn: Int64) throws(LogStorageError) {
        let retired = closedSegments.prefix { $0.lastLSN <= lsn }
        guard !retired.isEmpty else { return }
        var fresh: [String] = []
        for segment in retired {
            if segment.bytes == segmentBytes, let spare = nameForSpare(beside: fresh.count) {
                try storage.rename(segment.name, to: spare)
                fresh.append(spare)
            } else {
                try storage.remove(segment.name)
            }
            forgetFirst()
        }
        // A spare is used only when it cannot be a segment again after a crash.
        try storage.syncDirectory()
        for spare in fresh { add(spare: spare) }
    }

    private func forgetFirst() {
        lock.lock()
        defer { lock.unlock() }
        closed.removeFirst()
    }

    /// A name for a file that is to become a spare; nil if there are enough.
    /// - Parameter count: files that are about to become spares.
    func nameForSpare(beside count: Int = 0) -> String? {
        lock.lock()
        defer { lock.unlock() }
        guard spares.count + count < sparesMax else { return nil }
        spareCount += 1
        return LogFormat.spareName(spareCount)
    }

    /// Has a file of the size of a segment, zeros or an old segment, be used for one.
    func add(spare: String) {
        lock.lock()
        defer { lock.unlock() }
        spares.append(spare)
    }

    var hasSpare: Bool {
        lock.lock()
        defer { lock.unlock() }
        return !spares.isEmpty
    }

    private func takeSpare() -> String? {
        lock.lock()
        defer { lock.unlock() }
        return spares.popLast()
    }
}
