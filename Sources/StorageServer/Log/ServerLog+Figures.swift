//! The log's figures, for `/stats`, the page and `/metrics`.

internal import NeedletailTelemetry
internal import WriteAheadLog

extension ServerLog {
    /// What `/stats` says of the log.
    func report() -> ServerReport.Log {
        guard let running else { return ServerReport.Log(state: "loading") }
        let (log, statistics) = (running.log, running.threads.statistics)
        let refusal = log.currentRefusal
        return ServerReport.Log(
            state: refusal.stateName, reason: refusal?.description, appendedLSN: log.appendedLSN,
            syncedLSN: log.syncedLSN, segments: statistics.segments, segmentBytes: statistics.segmentBytes,
            snapshots: statistics.snapshots, snapshotRunning: statistics.isTakingSnapshot,
            lastSnapshotSeconds: statistics.lastSnapshotSeconds, lastSnapshotBytes: statistics.lastSnapshotBytes,
            snapshotsFailed: statistics.snapshotsFailed, damageFound: statistics.damages)
    }

    /// The log's metrics; none before it is written.
    func families() -> [MetricFamily] {
        guard let running else { return [] }
        let (log, statistics) = (running.log, running.threads.statistics)
        let state = log.currentRefusal.stateName
        // Until a snapshot is written, the one that was loaded is there.
        let snapshotBytes = statistics.snapshots == 0 ? running.loadedSnapshotBytes : statistics.lastSnapshotBytes
        return [
            MetricFamily(
                "log_appended_bytes_total", .counter, "Bytes written to the log.",
                value: Double(log.figures.bytesAppended)),
            MetricFamily(
                "log_appended_records_total", .counter, "Changes written to the log.",
                value: Double(log.figures.recordsAppended)),
            // Versions are counted up by one for each record.
            MetricFamily(
                "log_queue_records", .gauge, "Changes that wait to be written to the log.",
                value: Double(max(log.appendedLSN - log.loggedLSN, 0))),
            MetricFamily(
                "log_queue_bytes", .gauge, "Bytes of changes that wait to be written to the log.",
                value: Double(log.queuedBytes)),
            MetricFamily(
                "log_unsynced_records", .gauge, "Changes that are not on disk yet.",
                value: Double(max(log.appendedLSN - log.syncedLSN, 0))),
            MetricFamily(
                latencies: "log_sync_duration_seconds", "How long the disk took to sync the log.",
                log.figures.syncDurations),
            MetricFamily(
                counts: "log_batch_records", "Changes that were written to the log together.",
                log.figures.batchRecords),
            MetricFamily("log_segments", .gauge, "Files of the log.", value: Double(statistics.segments)),
            MetricFamily(
                "log_bytes", .gauge, "Bytes of the data directory, by what holds them.",
                [
                    .init([("kind", "segments")], Double(statistics.segmentBytes)),
                    .init([("kind", "snapshot")], Double(snapshotBytes)),
                ]),
            MetricFamily(
                "log_state", .gauge, "1 for the state that the log is in.",
                LogRefusal?.stateNames.map { .init([("state", $0)], $0 == state ? 1 : 0) }),
            MetricFamily(
                "log_snapshots_total", .counter, "Snapshots, by whether they were written.",
                [
                    .init([("status", "ok")], Double(statistics.snapshots)),
                    .init([("status", "failed")], Double(statistics.snapshotsFailed)),
                ]),
            MetricFamily(
                "log_scrubbed_bytes_total", .counter, "Bytes of the data directory that were read again.",
                value: Double(statistics.scrubbedBytes)),
            MetricFamily(
                "log_damage_found_total", .counter, "Places on disk that were found damaged.",
                value: Double(statistics.damages)),
        ] + (DiskSpace(of: directoryPath)?.families ?? [])
    }
}

extension LogRefusal? {
    /// What `log_state` and `/stats` call the states. A log that is overloaded takes changes again at once: it is ok.
    fileprivate static var stateNames: [String] { ["ok", "full", "failed", "closed"] }

    fileprivate var stateName: String {
        switch self {
        case nil, .overloaded: "ok"
        case .full: "full"
        case .failed: "failed"
        case .closed: "closed"
        }
    }
}
