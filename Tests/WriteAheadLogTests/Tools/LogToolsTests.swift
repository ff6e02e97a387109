import LogSimulation
import Synchronization
import Testing
import Timing
import WriteAheadLog

@Suite struct LogToolsTests {
    private func filled() throws -> LogRun {
        let run = try LogRun()
        for index in 0..<150 {
            try run.put("key \(index % 40)", "value \(index)")
            run.sync()
            if index == 80 { try run.snapshot(run.wouldRecover().entries) }
        }
        return run
    }

    // MARK: Verifying

    @Test func aLogThatHoldsIsVerifiedWhileItIsWritten() throws {
        let run = try filled()
        let found = try LogVerification.run(run.storage)
        #expect(found.damages.isEmpty)
        #expect(found.tail == nil)
        #expect(found.records == 40 + 69)
        #expect(found.lastLSN == run.log.appendedLSN)
        #expect(found.files.first?.name.hasSuffix(".snapshot") == true)
        #expect(found.files.count > 2)
    }

    @Test func eachPlaceThatDoesNotHoldIsFound() throws {
        let storage = try filled().killed()
        let names = storage.disk.names.filter { LogFormat.segmentNumber($0) != nil || LogFormat.snapshotLSN($0) != nil }
        for name in names { storage.disk.flipBit(name, LogFormat.fileHeaderBytes + LogFormat.markBytes + 20, bit: 2) }
        let found = try LogVerification.run(storage)
        #expect(found.damages.map(\.file).sorted() == names.sorted())
        #expect(storage.faults.calls(.write) == 0)
    }

    @Test func whatIsNoDataDirectoryIsNotVerified() throws {
        #expect(throws: LogToolError.self) { try LogVerification.run(SimulatedLogStorage()) }
    }

    // MARK: Dumping

    @Test func aDumpHasEveryChangeInOrder() throws {
        let run = try LogRun()
        let expiry = WallTime(milliseconds: 2_000_000_000_000)
        try run.put("a", "1")
        _ = try run.log.appendTouch(unsafe bytes("a").span.bytes, expiry: expiry)
        try run.putAll([("b", "2"), ("c", "3")])
        try run.remove("b")
        run.sync()
        let changes = Mutex<[DumpedChange]>([])
        #expect(try LogDump.run(run.storage) { change in changes.withLock { $0.append(change) } } == [])
        let dumped = changes.withLock { $0 }
        #expect(dumped.map(\.lsn) == [1, 2, 3, 3, 4])
        #expect(dumped.map(\.change) == [.put, .touch, .put, .put, .remove])
        #expect(dumped.map { String(decoding: $0.key, as: UTF8.self) } == ["a", "a", "b", "c", "b"])
        #expect(dumped.map { String(decoding: $0.value, as: UTF8.self) } == ["1", "", "2", "3", ""])
        #expect(dumped[1].expiry == expiry)
        #expect(dumped[0].file == LogFormat.segmentName(1))
    }

    // MARK: Copying

    @Test func aCopyHoldsWhatTheLogHolds() throws {
        let run = try filled()
        let entries = try run.wouldRecover().entries
        let copy = SimulatedLogStorage()
        let found = try LogBackup.copy(from: run.storage, to: copy)
        #expect(found.records == 40 + 69)
        var generator = SimulationGenerator(seed: 4)
        #expect(try LogRun(copy.crashed(&generator)).entries.entries == entries)
        // The log goes on undisturbed.
        try run.put("later", "1")
        run.sync()
        #expect(try LogRun(run.killed()).entries.entries.count == 41)
    }

    /// Between any two files more is written, and snapshots are taken.
    @Test(arguments: 0..<12) func aCopyMadeWhileServingIsConsistent(moment: Int) throws {
        let run = try filled()
        let before = run.log.syncedLSN
        let opened = Mutex(0)
        let source = MeddledStorage(storage: run.storage) { _ in
            let count = opened.withLock {
                $0 += 1
                return $0
            }
            for index in 0..<5 { _ = try? run.put("meanwhile \(count) \(index)", "1") }
            run.sync()
            if count == moment * 2 { _ = try? run.snapshot(run.wouldRecover().entries) }
        }
        let copy = SimulatedLogStorage()
        let found = try LogBackup.copy(from: source, to: copy)
        #expect(found.lastLSN >= before)
        let entries = try LogRun(copy).entries.entries
        // A prefix: of what came meanwhile, all up to some LSN.
        let last = entries.values.map(\.version).max() ?? 0
        let all = try run.wouldRecover().entries
        #expect(entries == all.filter { $0.value.version <= last })
    }

    @Test func aCopyGoesIntoAnEmptyDirectoryOnly() throws {
        let run = try filled()
        let other = SimulatedLogStorage()
        other.disk.setContents("photo.jpg", [1])
        #expect(throws: LogToolError.notEmpty(path: other.path)) { try LogBackup.copy(from: run.storage, to: other) }
        #expect(other.disk.names == ["photo.jpg"])
    }

    @Test func aCopyThatFailsLeavesNoDataDirectory() throws {
        let run = try filled()
        for operation in [LogStorageError.Operation.write, .sync, .create, .rename, .syncDirectory, .truncate] {
            let copy = SimulatedLogStorage()
            copy.plan(.failure(code: SimulatedFaults.noSpace), operation)
            #expect(throws: LogToolError.self) { try LogBackup.copy(from: run.storage, to: copy) }
            #expect(!copy.disk.names.contains { $0 == "FORMAT" || $0.hasPrefix("0") })
        }
    }

    /// Whichever call fails, also the last ones, the directory can be copied into once more.
    @Test func whatIsLeftOfACopyThatFailsIsNotInTheWayOfTheNext() throws {
        let run = try filled()
        for operation in [LogStorageError.Operation.write, .sync, .create, .rename, .syncDirectory] {
            var failures = 0
            for call in 0..<100 {
                let copy = SimulatedLogStorage()
                copy.plan(.failure(code: SimulatedFaults.noSpace), operation, call: call + 1)
                guard (try? LogBackup.copy(from: run.storage, to: copy)) == nil else { break }
                failures += 1
                #expect(!copy.disk.names.contains("FORMAT"), "\(operation) \(call)")
                #expect(throws: Never.self) { try LogBackup.copy(from: run.storage, to: copy) }
            }
            #expect(failures > 0)
        }
    }

    @Test func aDamagedLogIsNotCopied() throws {
        let storage = try filled().killed()
        let name = try #require(storage.disk.names.first { LogFormat.segmentNumber($0) != nil })
        storage.disk.flipBit(name, LogFormat.fileHeaderBytes + LogFormat.markBytes + 20, bit: 2)
        let copy = SimulatedLogStorage()
        #expect(throws: LogToolError.self) { try LogBackup.copy(from: storage, to: copy) }
        #expect(throws: LogToolError.self) { try LogBackup.restore(from: storage, to: copy) }
        #expect(!copy.disk.names.contains("FORMAT"))
    }

    @Test func aBackupIsRestored() throws {
        let run = try filled()
        let entries = try run.wouldRecover().entries
        let (backup, restored) = (SimulatedLogStorage(), SimulatedLogStorage())
        try LogBackup.copy(from: run.storage, to: backup)
        try LogBackup.restore(from: backup, to: restored)
        #expect(try LogRun(restored).entries.entries == entries)
    }
}
