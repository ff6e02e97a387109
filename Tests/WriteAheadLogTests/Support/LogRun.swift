//! One run of a log over a simulated storage, driven by the test: no threads.

import LogSimulation
import Timing
import WriteAheadLog

struct LogRun {
    let storage: SimulatedLogStorage
    let directory: LogDirectory
    let log: WriteAheadLog
    let entries: ReplayedEntries
    let recovered: RecoveredLog
    let report: RecoveryReport

    /// Small enough for a test to fill several.
    static let segmentBytes = 4_096

    /// Opens, recovers and begins a run.
    init(
        _ storage: SimulatedLogStorage = SimulatedLogStorage(), workers: Int = 1, salvage: Bool = false,
        segmentBytes: Int = Self.segmentBytes, clock: Clock = .manual(ManualTime()),
        configure: (inout LogConfiguration) -> Void = { _ in }
    ) throws {
        self.storage = storage
        directory = try LogDirectory.open(storage)
        entries = ReplayedEntries()
        (recovered, report) = try LogRecovery(directory, clock: clock).run(
            into: entries, workers: workers, salvage: salvage)
        var configuration = LogConfiguration()
        configuration.segmentBytes = segmentBytes
        configure(&configuration)
        log = try WriteAheadLog(
            storage, configuration: configuration, after: recovered, firstLSN: recovered.greatestLSN + 1, clock: clock)
    }

    @discardableResult
    func put(_ key: String, _ value: String) throws -> Int64 {
        try log.appendPut(unsafe bytes(key).span.bytes, value: unsafe bytes(value).span.bytes, expiry: .distantFuture)
    }

    @discardableResult
    func remove(_ key: String) throws -> Int64 { try log.appendRemove(unsafe bytes(key).span.bytes) }

    /// Appends puts as one record.
    @discardableResult
    func putAll(_ pairs: [(String, String)]) throws -> Int64 {
        let size = pairs.reduce(0) {
            $0 + LogBatch.bytes(key: $1.0.utf8.count, value: $1.1.utf8.count, expiry: .distantFuture)
        }
        return try log.appendBatch(count: pairs.count, entryBytes: size) { batch in
            for (key, value) in pairs {
                batch.add(unsafe bytes(key).span.bytes, value: unsafe bytes(value).span.bytes, expiry: .distantFuture)
            }
        }
    }

    /// Writes what was appended, and syncs it.
    func sync() {
        log.commit()
        log.syncInBackground()
    }

    /// The process ends without a word; what the kernel has stays.
    func killed() -> SimulatedLogStorage { SimulatedLogStorage(storage.stop()) }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
