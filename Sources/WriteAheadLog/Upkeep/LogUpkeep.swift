//! What a log needs and nobody waits for: syncing what has been unsynced for long, making the next segment ready, taking
//! snapshots, and reading old files again.
//!
//! No thread of its own: `turn` does one small step of what is due and says when it wants to be called next. `LogThreads`
//! calls it; so do tests, with time in their hands.

package import Timing

package struct LogUpkeep<Source: SnapshotSource> {
    /// How long to wait before what failed is tried again, milliseconds.
    static var retryMillis: Int64 { 60_000 }
    /// How often it is looked whether the log has come as far as a snapshot needs, milliseconds.
    static var waitMillis: Int64 { 5 }

    private let log: WriteAheadLog
    private let directory: LogDirectory
    private let desk: UpkeepDesk
    private let makeSource: () -> Source
    private let report: (UpkeepEvent) -> Void

    private var nextSync = MonotonicTime(nanoseconds: .min)
    private var snapshot: LogSnapshot<Source>?
    private var snapshotStart = MonotonicTime(nanoseconds: 0)
    /// When the running snapshot may go on: however often `turn` is called, it writes no faster than it may.
    private var nextStep = MonotonicTime(nanoseconds: 0)
    private var nextSnapshot: MonotonicTime?
    /// Nil: the next one is taken in any case.
    private var snapshotLSN: Int64?
    private var snapshotBytes: Int
    /// Before this time none is tried because of the log's size.
    private var sizeCountsFrom = MonotonicTime(nanoseconds: .min)
    private var spare: SpareMaker?
    private var nextSpare = MonotonicTime(nanoseconds: .min)
    private var scrub: LogScrub?
    private var nextScrub: MonotonicTime?
    /// What was written when the current segment was first seen, and how many had been begun.
    private var segmentStart: (bytes: UInt64, segments: UInt64) = (0, 0)

    package init(
        _ log: WriteAheadLog, _ directory: LogDirectory, after recovered: RecoveredLog, _ desk: UpkeepDesk,
        source: @escaping () -> Source, report: @escaping (UpkeepEvent) -> Void
    ) {
        self.log = log
        self.directory = directory
        self.desk = desk
        makeSource = source
        self.report = report
        snapshotLSN = recovered.isSalvaged ? nil : recovered.snapshotLSN ?? 0
        snapshotBytes = recovered.snapshotBytes
        if recovered.isSalvaged { desk.wantSnapshot() }
        if let lsn = recovered.snapshotLSN { retire(through: lsn) }
    }

    /// Does what is due, a little of it.
    /// - Returns: when to call again; `now` if there is more.
    package mutating func turn(_ now: MonotonicTime) -> MonotonicTime {
        let configuration = log.configuration
        if now >= nextSync {
            log.syncInBackground()
            nextSync = now.advanced(byMilliseconds: max(1, configuration.syncIntervalMillis / 2))
        }
        watchSegments()
        var next = nextSync
        if snapshot == nil, isSnapshotDue(now) { beginSnapshot(now) }
        if snapshot != nil {
            if now >= nextStep { nextStep = stepSnapshot(now) }
            next = min(next, nextStep)
        } else if let nextSnapshot {
            next = min(next, nextSnapshot)
        }
        next = min(next, stepSpare(now))
        if configuration.scrubIntervalMillis > 0 { next = min(next, stepScrub(now)) }
        return max(now, next)
    }

    /// Ends what is begun. The log is not affected.
    package mutating func abandon() {
        snapshot?.abandon()
        spare?.abandon()
    }

    // MARK: Segments

    /// Bytes of the current segment that are used, about.
    private var bytesInSegment: Int { Int(log.figures.bytesAppended &- segmentStart.bytes) }

    private mutating func watchSegments() {
        let begun = log.figures.segmentsBegun
        if begun != segmentStart.segments { segmentStart = (log.figures.bytesAppended, begun) }
        let closed = log.segments.closedSegments
        desk.note {
            $0.segments = closed.count + 1
            $0.segmentBytes = closed.reduce(log.configuration.segmentBytes) { $0 + $1.bytes }
        }
    }

    private func retire(through lsn: Int64) {
        do throws(LogStorageError) {
            try log.segments.retire(through: lsn)
        } catch {
            report(.failed(error))
        }
    }

    /// A spare is made when a quarter of the current segment is used: an idle server keeps none.
    private mutating func stepSpare(_ now: MonotonicTime) -> MonotonicTime {
        let size = log.configuration.segmentBytes
        do throws(LogStorageError) {
            if var maker = spare {
                spare = nil
                if let name = try maker.step() { log.segments.add(spare: name) } else { spare = maker }
            } else if bytesInSegment > size / 4, now >= nextSpare, !log.segments.hasSpare,
                let name = log.segments.nameForSpare()
            {
                spare = try SpareMaker(directory.storage, name: name, size: size)
            }
        } catch {
            report(.failed(error))
            nextSpare = now.advanced(byMilliseconds: Self.retryMillis)
        }
        return spare == nil ? MonotonicTime(nanoseconds: .max) : now
    }

    // MARK: Snapshots

    private mutating func isSnapshotDue(_ now: MonotonicTime) -> Bool {
        if desk.takeWish() {
            // Who asks gets one, also where nothing was written since the last.
            snapshotLSN = nil
            return true
        }
        guard let due = nextSnapshot else {
            nextSnapshot = now.advanced(byMilliseconds: log.configuration.snapshotIntervalMillis)
            return false
        }
        if now >= due { return true }
        let bytes = log.segments.closedSegments.reduce(bytesInSegment) { $0 + $1.bytes }
        return bytes >= max(log.configuration.snapshotBytes, snapshotBytes) && now >= sizeCountsFrom
    }

    private mutating func beginSnapshot(_ now: MonotonicTime) {
        snapshot = LogSnapshot(log, directory, source: makeSource(), after: snapshotLSN)
        (snapshotStart, nextStep) = (now, now)
        nextSnapshot = now.advanced(byMilliseconds: log.configuration.snapshotIntervalMillis)
        desk.note { $0.isTakingSnapshot = true }
    }

    private mutating func stepSnapshot(_ now: MonotonicTime) -> MonotonicTime {
        let before = snapshot?.bytes ?? 0
        do throws(LogStorageError) {
            switch try snapshot?.step() {
            case .more:
                let bytes = Double((snapshot?.bytes ?? 0) - before)
                let seconds = bytes / Double(log.configuration.snapshotBytesPerSecond)
                return now.advanced(by: .nanoseconds(Int64(seconds * 1e9)))
            case .waiting: return now.advanced(byMilliseconds: Self.waitMillis)
            case .done(let result?):
                endSnapshot(result, now)
                retire(through: result.lsn)
            case .done(nil), nil:
                // What a retirement that failed left behind is not for another snapshot to remove.
                sizeCountsFrom = now.advanced(byMilliseconds: Self.retryMillis)
                if let snapshotLSN { retire(through: snapshotLSN) }
            }
        } catch {
            sizeCountsFrom = now.advanced(byMilliseconds: Self.retryMillis)
            desk.note { $0.snapshotsFailed += 1 }
            report(.failedSnapshot(error))
        }
        snapshot = nil
        desk.note { $0.isTakingSnapshot = false }
        return now
    }

    private mutating func endSnapshot(_ result: LogSnapshotResult, _ now: MonotonicTime) {
        let seconds = Double(now.nanoseconds(since: snapshotStart)) / 1e9
        snapshotLSN = result.lsn
        snapshotBytes = result.bytes
        desk.note {
            $0.snapshots += 1
            $0.lastSnapshotSeconds = seconds
            $0.lastSnapshotBytes = result.bytes
        }
        report(.tookSnapshot(lsn: result.lsn, entries: Int(result.entries), bytes: result.bytes, seconds: seconds))
    }

    // MARK: Scrubbing

    private mutating func stepScrub(_ now: MonotonicTime) -> MonotonicTime {
        let interval = log.configuration.scrubIntervalMillis
        guard let due = nextScrub else {
            let first = now.advanced(byMilliseconds: interval)
            nextScrub = first
            return first
        }
        guard now >= due else { return due }
        var current = scrub ?? LogScrub(directory.storage, directoryID: directory.id, scrubbedFiles)
        let names = Set(scrubbedFiles.map(\.name))
        // A segment that was retired may be written again by now.
        current.keep(names.contains)
        var pauseMillis: Int64 = 0
        do throws(LogStorageError) {
            let step = try current.step()
            desk.note { $0.scrubbedBytes += step.bytes }
            if let damage = step.damage {
                desk.note { $0.damages += 1 }
                report(.foundDamage(damage))
            }
            scrub = step.isDone ? nil : current
            if step.isDone {
                desk.note { $0.scrubs += 1 }
                pauseMillis = interval
            } else {
                pauseMillis = Int64(step.bytes) * 1_000 / Int64(log.configuration.scrubBytesPerSecond)
            }
        } catch {
            report(.failed(error))
            scrub = nil
            pauseMillis = Self.retryMillis
        }
        let next = now.advanced(byMilliseconds: pauseMillis)
        nextScrub = next
        return next
    }

    private var scrubbedFiles: [ScrubbedFile] {
        let segments = log.segments.closedSegments.map {
            ScrubbedFile(name: $0.name, role: .segment(through: $0.lastLSN), previousLSN: $0.previousLSN)
        }
        guard let snapshotLSN, snapshotLSN > 0 else { return segments }
        return [ScrubbedFile(name: LogFormat.snapshotName(snapshotLSN), role: .snapshot, previousLSN: 0)] + segments
    }
}
