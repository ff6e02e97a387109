//! Brings a log's content back, and leaves the directory so that a log can go on after it.
//!
//! What was read becomes durable before it is called recovered: `UnsureTail`.

package import Timing

/// Recovery of one directory.
package struct LogRecovery {
    private let directory: LogDirectory
    private let clock: Clock

    package init(_ directory: LogDirectory, clock: Clock = .system) {
        self.directory = directory
        self.clock = clock
    }

    /// Replays everything into a target. Where this throws, the target holds a part, and is of no use.
    /// - Parameters:
    ///   - workers: on how many threads, the calling one included.
    ///   - salvage: whether to go on where there is damage. What is lost is in the report; the caller takes a snapshot soon, so
    ///     that the next start does not meet the same damage.
    ///   - progress: called now and then, on this thread.
    package func run(
        into target: some ReplayTarget, workers: Int = 1, salvage: Bool = false,
        progress: @escaping (RecoveryProgress) -> Void = { _ in }
    ) throws(LogRecoveryError) -> (RecoveredLog, RecoveryReport) {
        let start = clock.now()
        var last = RecoveryProgress()
        var reading = LogReading(
            directory.storage, directoryID: directory.id, isSalvaging: salvage,
            sink: ReplaySink(target, workers: workers)
        ) {
            last = $0
            progress($0)
        }
        do throws(LogReadingFailure) {
            try reading.run()
        } catch {
            throw explain(error)
        }
        target.end()
        let findings = reading.findings
        var report = RecoveryReport()
        report.records = reading.sink.records
        report.entries = reading.sink.changes
        report.bytes = last.bytesDone
        report.snapshotLSN = findings.snapshotLSN
        report.tail = findings.tail
        report.losses = findings.damages
        let recovered: RecoveredLog
        do throws(LogStorageError) {
            recovered = try settle(findings)
        } catch {
            throw .storage(error)
        }
        report.seconds = Double(clock.now().nanoseconds(since: start)) / 1e9
        return (recovered, report)
    }

    /// What would be lost without what is damaged.
    private func explain(_ failure: LogReadingFailure) -> LogRecoveryError {
        switch failure {
        case .storage(let error): return .storage(error)
        case .damage(let first):
            var estimate = LogReading(
                directory.storage, directoryID: directory.id, isSalvaging: true, sink: RecordCounter())
            do throws(LogReadingFailure) {
                try estimate.run()
            } catch {
                return .damaged(path: directory.storage.path, first: first, losses: [first])
            }
            return .damaged(path: directory.storage.path, first: first, losses: estimate.findings.damages)
        }
    }

    // MARK: Leaving the directory in order

    private func settle(_ findings: LogFindings) throws(LogStorageError) -> RecoveredLog {
        var recovered = RecoveredLog()
        recovered.directoryID = directory.id
        recovered.lastLSN = findings.lastLSN
        recovered.greatestLSN = findings.greatestLSN
        recovered.snapshotLSN = findings.snapshotLSN
        recovered.snapshotBytes = findings.snapshotBytes
        recovered.isSalvaged = !findings.damages.isEmpty
        recovered.segments = findings.segments
        var numbers = findings.numbers
        if let end = findings.openEnd { try UnsureTail(directory.storage, end).makeDurable() }
        var unused: [UInt64] = []
        if let number = findings.unusedSegment { unused.append(number) }
        // A segment without a record would only take space.
        if let last = findings.segments.last, last.previousLSN == last.lastLSN, last.number == numbers.last,
            findings.greatestLSN == findings.lastLSN, findings.damages.isEmpty
        {
            recovered.segments.removeLast()
            unused.append(last.number)
        }
        numbers.removeAll(where: unused.contains)
        recovered.lastSegment = numbers.last ?? unused.min().map { $0 - 1 } ?? 0
        if !unused.isEmpty {
            for number in unused { try directory.storage.remove(LogFormat.segmentName(number)) }
            try directory.storage.syncDirectory()
        }
        return recovered
    }
}
