//! Replays records on several cores: each worker first checks and decodes some blocks of the window, and sorts their
//! changes by who applies them; when all are done, each applies what is its own, block by block, so in the order of LSNs.
//!
//! Threads: `take` is called by the crew's owner. In the first part of a round a block is one worker's; in the second all of
//! them are read by all.

/// Records go into a target.
struct ReplaySink<Target: ReplayTarget>: RecordSink {
    private let target: Target
    private let crew: ReplayCrew
    private var sheets: [ReplaySheet] = []
    private(set) var records = 0
    private(set) var changes = 0
    /// What is to come; nil once the target was told.
    private var expected: [ExpectedFile]?
    /// Whether the first of these files is a snapshot.
    private var hasSnapshot = false

    init(_ target: Target, workers: Int) {
        self.target = target
        crew = ReplayCrew(workers)
    }

    var readers: Int { crew.count }

    mutating func expect(_ files: [ExpectedFile]) { expected = files }

    mutating func begin(_ file: String) {
        if LogFormat.snapshotLSN(file) != nil { hasSnapshot = true }
    }

    /// Tells the target what to expect, by the changes of one block: what the snapshot has, or the log if that has more.
    /// Not both together, for much of the log overwrites what the snapshot has.
    private mutating func tell(_ block: Range<Int>, _ sheet: ReplaySheet) {
        guard let files = expected, sheet.changeCount > 0, sheet.scan.records > 0 else { return }
        expected = nil
        let (records, changes) = (sheet.scan.records, sheet.changeCount)
        let counts = files.map { min($0.recordsMax, $0.bytes / max(1, block.count / records)) }
        let snapshots = hasSnapshot ? 1 : 0
        let expectedRecords = max(
            counts.prefix(snapshots).reduce(0, +), counts.dropFirst(snapshots).reduce(0, +))
        target.begin(expecting: Int(Double(expectedRecords) * Double(changes) / Double(records)))
    }

    mutating func take(_ blocks: [Range<Int>], of window: FileWindow) -> BrokenRecord? {
        while sheets.count < blocks.count { sheets.append(ReplaySheet(workers: crew.count)) }
        let (sheets, target, count) = (sheets, target, crew.count)
        if count == 1 {
            // While they are in the cache.
            for (block, sheet) in zip(blocks, sheets) {
                sheet.fill(block, window, target)
                tell(block, sheet)
                sheet.apply(to: target, worker: 0)
                if let broken = note(sheet) { return broken }
            }
            return nil
        }
        crew.run { worker in
            for index in stride(from: worker, to: blocks.count, by: count) {
                sheets[index].fill(blocks[index], window, target)
            }
        }
        for (block, sheet) in zip(blocks, sheets) { tell(block, sheet) }
        let holding = sheets[..<blocks.count].firstIndex { $0.scan.broken != nil } ?? blocks.count - 1
        crew.run { worker in
            for sheet in sheets[...holding] { sheet.apply(to: target, worker: worker) }
        }
        for sheet in sheets[...holding] {
            if let broken = note(sheet) { return broken }
        }
        return nil
    }

    private mutating func note(_ sheet: ReplaySheet) -> BrokenRecord? {
        records += sheet.scan.records
        changes += sheet.changeCount
        return sheet.scan.broken
    }
}

/// What is in one block: kept from window to window for its memory.
private final class ReplaySheet: @unchecked Sendable {
    /// For one worker all changes; for several those of each.
    private var lanes: [[LogRecord]]
    private var decoded: [LogRecord] = []
    private(set) var scan = BlockScan()
    private(set) var changeCount = 0

    init(workers: Int) { lanes = Array(repeating: [], count: workers) }

    /// Checks, decodes and sorts a block.
    func fill(_ block: Range<Int>, _ window: FileWindow, _ target: some ReplayTarget) {
        decoded.removeAll(keepingCapacity: true)
        scan = window.records.scan(block, from: window.range.lowerBound, into: &decoded)
        changeCount = decoded.count
        var changes = decoded.mutableSpan
        target.place(&changes, workers: lanes.count)
        guard lanes.count > 1 else {
            swap(&decoded, &lanes[0])
            return
        }
        // Taken out for as long: the runtime checks every access to an object's property for exclusivity, here one a record.
        var lanes = lanes
        self.lanes = []
        for worker in lanes.indices { lanes[worker].removeAll(keepingCapacity: true) }
        for change in decoded { lanes[change.worker].append(change) }
        self.lanes = lanes
    }

    func apply(to target: some ReplayTarget, worker: Int) {
        let lane = lanes[worker]
        if !lane.isEmpty { target.apply(lane.span, worker: worker, of: lanes.count) }
    }
}
