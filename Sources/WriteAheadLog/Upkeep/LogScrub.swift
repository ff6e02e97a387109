//! Reads what is not written any more once again, to find damage while there is still something to restore from: the
//! newest snapshot and the closed segments, file by file, a window at a time.

/// A file that is read again.
struct ScrubbedFile: Sendable, Hashable {
    var name: String
    var role: RecordWalk.Role
    /// A segment's: the LSN before it.
    var previousLSN: Int64
}

/// One pass over the files of a log, in small steps.
struct LogScrub {
    private let storage: any LogStorage
    private let directoryID: UInt64
    private var files: [ScrubbedFile]
    private var current: (ScrubbedFile, RecordWalk)?
    private let window = FileWindow()
    private var counter = RecordCounter()
    private var blocks: [Range<Int>] = []

    /// What a step came to.
    struct Step {
        var bytes = 0
        var damage: LogDamage?
        var isDone = false
    }

    /// - Parameter files: what to read, in any order.
    init(_ storage: any LogStorage, directoryID: UInt64, _ files: [ScrubbedFile]) {
        self.storage = storage
        self.directoryID = directoryID
        self.files = files.reversed()
    }

    /// Leaves out files that are not there any more.
    mutating func keep(_ isThere: (String) -> Bool) {
        files.removeAll { !isThere($0.name) }
        if let (file, _) = current, !isThere(file.name) { current = nil }
    }

    /// Reads a little.
    mutating func step() throws(LogStorageError) -> Step {
        guard case (let file, var walk)? = current else {
            guard let next = files.popLast() else { return Step(isDone: true) }
            return try begin(next)
        }
        current = nil
        let start = walk.offset
        blocks.removeAll(keepingCapacity: true)
        let stop = walk.advance(over: window, blocks: &blocks)
        if let broken = counter.take(blocks, of: window) {
            return Step(bytes: broken.offset - start, damage: damage(file, broken.offset, broken.flaw))
        }
        let bytes = walk.offset - start
        if case .hidden(let count) = stop {
            try window.show(count, from: walk.offset)
            if window.range.upperBound - walk.offset >= count {
                current = (file, walk)
                return Step(bytes: bytes)
            }
        }
        let missing: LogFlaw =
            if case .segment(let lsn?) = file.role { .missingRecords(through: lsn) } else { .missingEnd }
        return Step(bytes: bytes, damage: stop.flaw(orElse: missing).map { damage(file, walk.offset, $0) })
    }

    private mutating func begin(_ file: ScrubbedFile) throws(LogStorageError) -> Step {
        let isSegment = file.role != .snapshot
        let opened = try storage.open(file.name, .read)
        let start = try opened.start(LogFormat.fileHeaderBytes)
        let seal: RecordSeal
        do throws(FileHeader.Problem) {
            let magic = isSegment ? LogFormat.segmentMagic : LogFormat.snapshotMagic
            let header = try FileHeader(unsafe start.span.bytes, magic: magic)
            guard header.directoryID == directoryID else { return Step(damage: damage(file, 0, .directory)) }
            seal = header.recordSeal
        } catch {
            return Step(damage: damage(file, 0, .header(error)))
        }
        try window.look(at: opened, seal)
        current = (file, RecordWalk(file.role, after: file.previousLSN, fileBytes: window.fileBytes))
        return Step(bytes: LogFormat.fileHeaderBytes)
    }

    private func damage(_ file: ScrubbedFile, _ offset: Int, _ flaw: LogFlaw) -> LogDamage {
        LogDamage(file: file.name, offset: offset, flaw: flaw)
    }
}
