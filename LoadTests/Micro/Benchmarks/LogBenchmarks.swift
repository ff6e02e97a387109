//! The log: what a writer and the committing thread do for records, in turn on one thread, and what recovery does with them.

internal import CIntrinsics
internal import MemoryEngine
internal import NIOCore
internal import Timing
internal import WriteAheadLog

enum LogBenchmarks {
    static let all = [
        append, appendBatch, checksum("100", bytes: 100, counted: 10_000),
        checksum("4096", bytes: 4_096, counted: 1_000), replay,
    ]

    /// Records that one commit takes: as many as 50 connections would wait with, and then some.
    private static let recordsPerCommit = 100
    private static let countedRecords = 10_000

    /// An operation is a record of a put, and its share of a commit of 100.
    private static let append = MicroBenchmark(
        "log.append", cycle: recordsPerCommit, countedOperations: countedRecords
    ) {
        let log = try makeLog(MemoryLogStorage(bytesKeptMax: headBytesKept))
        let key = MicroSample.key(7)
        let value = MicroSample.value(7)
        return { operations in
            for operation in 1...operations {
                _ = try log.appendPut(
                    key.readableBytesSpan, value: value.readableBytesSpan, expiry: .distantFuture)
                if operation % recordsPerCommit == 0 { log.commit() }
            }
            return try checkWritten(log)
        }
    }

    private static let countedBatches = 100

    /// An operation is a batch of 100 puts in one record, and its commit.
    private static let appendBatch = MicroBenchmark("log.append-batch-100", countedOperations: countedBatches) {
        let log = try makeLog(MemoryLogStorage(bytesKeptMax: headBytesKept))
        let keys = (0..<MicroSample.keysPerCall).map(MicroSample.key)
        let value = MicroSample.value(7)
        let entryBytes =
            keys.count
            * LogBatch.bytes(key: MicroSample.keySize, value: MicroSample.valueSize, expiry: .distantFuture)
        return { operations in
            for _ in 0..<operations {
                _ = try log.appendBatch(count: keys.count, entryBytes: entryBytes) { batch in
                    for key in keys {
                        batch.add(key.readableBytesSpan, value: value.readableBytesSpan, expiry: .distantFuture)
                    }
                }
                log.commit()
            }
            return try checkWritten(log)
        }
    }

    private static func checksum(_ name: String, bytes count: Int, counted: Int) -> MicroBenchmark {
        MicroBenchmark("log.crc32c-\(name)", countedOperations: counted) {
            let bytes = [UInt8](repeating: 7, count: count)
            return { operations in
                unsafe bytes.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress else { return 0 }
                    var sum: UInt32 = 0
                    for _ in 0..<operations { sum = unsafe nt_crc32c(sum, start, bytes.count) }
                    return Int(sum)
                }
            }
        }
    }

    /// An operation is a record that is read, checked, decoded and put into a store, which is empty at first.
    private static let replay = MicroBenchmark(
        "log.replay", cycle: MicroSample.entryCount, countedOperations: MicroSample.entryCount
    ) {
        let storage = MemoryLogStorage(bytesKeptMax: .max)
        let log = try makeLog(storage)
        let value = MicroSample.value(7)
        for key in FilledTable.sampleKeys {
            _ = try log.appendPut(key.readableBytesSpan, value: value.readableBytesSpan, expiry: .distantFuture)
        }
        if let refusal = log.close() { throw refusal }
        let directory = try LogDirectory.open(storage)
        return { operations in
            var records = 0
            for _ in 0..<(operations / MicroSample.entryCount) {
                let engine = MemoryEngine(configuration: FilledTable.configuration)
                let (_, report) = try LogRecovery(directory, clock: clock).run(
                    into: MemoryReplay(into: engine, now: FilledTable.now))
                records += report.entries
            }
            guard records == operations else { throw MicroFailure("\(records) of \(operations) records came back") }
            return records
        }
    }

    /// A segment's header and its first record.
    private static let headBytesKept = 4_096
    /// Small: what is replayed is read to its end.
    private static let segmentBytes = 4 << 20
    private static let clock = Clock.manual(ManualTime())

    private static func makeLog(_ storage: MemoryLogStorage) throws -> WriteAheadLog {
        var configuration = LogConfiguration()
        configuration.segmentBytes = segmentBytes
        var recovered = RecoveredLog()
        recovered.directoryID = try LogDirectory.open(storage).id
        return try WriteAheadLog(
            storage, configuration: configuration, after: recovered, firstLSN: 1 << 40, clock: clock)
    }

    private static func checkWritten(_ log: WriteAheadLog) throws -> Int {
        guard log.loggedLSN == log.appendedLSN else { throw MicroFailure("the log was not written") }
        return Int(log.loggedLSN)
    }
}

/// A piece of work did not do what it is measured for.
struct MicroFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
