import LogSimulation
import Testing
import Timing
import WriteAheadLog

@Suite struct LogSnapshotTests {
    private func filled(_ count: Int = 200) throws -> LogRun {
        let run = try LogRun()
        for index in 0..<count {
            try run.put("key \(index % 50)", "value \(index)")
            run.sync()
        }
        return run
    }

    @Test func aSnapshotStandsForTheSegmentsBeforeIt() throws {
        let run = try filled()
        let entries = try run.wouldRecover().entries
        #expect(run.storage.disk.names.filter { $0.hasSuffix(".log") }.count > 3)

        let result = try #require(try run.snapshot(entries))
        #expect(result.entries == 50)
        #expect(result.lsn == run.log.appendedLSN)
        try run.put("later", "1")
        run.sync()

        let next = try LogRun(run.killed())
        #expect(next.report.snapshotLSN == result.lsn)
        #expect(next.report.records == 51)
        #expect(next.entries.entries.count == 51)
        for (key, entry) in entries { #expect(next.entries.entries[key] == entry) }
        // The one that was begun for the snapshot, and the new run's; the others are spares or gone.
        #expect(next.storage.disk.names.filter { $0.hasPrefix("0") && $0.hasSuffix(".log") }.count == 2)
    }

    @Test func anotherSnapshotTakesThePlaceOfTheFirst() throws {
        let run = try filled()
        let first = try #require(try run.snapshot(try run.wouldRecover().entries))
        try run.remove("key 1")
        run.sync()
        let second = try #require(try run.snapshot(try run.wouldRecover().entries))
        #expect(second.lsn > first.lsn)
        #expect(run.storage.disk.names.filter { $0.hasSuffix(".snapshot") }.count == 1)
        #expect(try LogRun(run.killed()).entries.entries.count == 49)
    }

    @Test func nothingIsTakenWhereNothingWasWritten() throws {
        let run = try filled()
        let first = try #require(try run.snapshot(try run.wouldRecover().entries))
        #expect(try run.snapshot([:], after: first.lsn) == nil)
    }

    @Test func changesMeanwhileAreInTheLogAndTakeTheUpperHand() throws {
        let run = try filled(60)
        let before = try run.wouldRecover().entries
        var slices = 0
        try run.snapshot(before) {
            slices += 1
            _ = try? run.put("key \(slices)", "meanwhile \(slices)")
            _ = try? run.remove("key \(slices + 20)")
        }
        let after = try LogRun(run.killed()).entries.texts
        #expect(slices > 10)
        for index in 1...slices {
            #expect(after["key \(index + 20)"] == nil)
            if index <= 20 { #expect(after["key \(index)"] == "meanwhile \(index)") }
        }
    }

    @Test func aSnapshotDoesNotCountBeforeTheLogIsOnDiskThatFar() throws {
        let run = try filled(60)
        let entries = try run.wouldRecover().entries
        var snapshot = LogSnapshot(
            run.log, run.directory, source: ModelSource(entries) { _ = try? run.put("new", "1") }, after: nil)
        while try snapshot.step() != .waiting {}
        run.log.commit()
        while true {
            let step = try snapshot.step()
            if step == .waiting { break }
            try #require(step == .more)
        }
        #expect(!run.storage.disk.names.contains { $0.hasSuffix(".snapshot") })
        run.log.commit()
        guard case .done(_?) = try snapshot.step() else {
            Issue.record("the log is on disk, so the snapshot is done")
            return
        }
        #expect(run.log.syncedLSN == run.log.appendedLSN)
    }

    @Test func aDiskThatFailsASnapshotFailsNothingElse() throws {
        let run = try filled()
        let entries = try run.wouldRecover().entries
        var snapshot = LogSnapshot(run.log, run.directory, source: ModelSource(entries), after: nil)
        while try snapshot.step() == .waiting { run.log.commit() }
        run.storage.plan(.failure(code: SimulatedFaults.noSpace), .write)
        #expect(throws: LogStorageError.self) {
            while true {
                if try snapshot.step() == .waiting { run.log.commit() }
            }
        }
        #expect(!run.storage.disk.names.contains { $0.hasSuffix(".tmp") })
        #expect(run.log.currentRefusal == nil)
        try run.put("later", "1")
        run.sync()
        #expect(try run.wouldRecover().entries.count == 51)
        #expect(try run.snapshot(entries) != nil)
    }

    @Test func aCrashAfterAnyStepLeavesWhatWasThere() throws {
        let run = try filled()
        let entries = try run.wouldRecover().entries
        let start = run.storage.disk
        var generator = SimulationGenerator(seed: 7)
        var instant = 0
        var isDone = false
        while !isDone {
            instant += 1
            let storage = SimulatedLogStorage(start)
            let again = try LogRun(storage)
            var snapshot = LogSnapshot(
                again.log, again.directory, source: ModelSource(entries), after: nil)
            for _ in 0..<instant where !isDone {
                switch try snapshot.step() {
                case .waiting: again.log.commit()
                case .done: isDone = true
                case .more: break
                }
            }
            for _ in 0..<20 {
                var disk = storage.disk
                disk.crash(&generator)
                #expect(try LogRun(SimulatedLogStorage(disk)).entries.entries == entries)
            }
        }
        #expect(instant >= 4)
    }

    /// Between any two calls to the disk.
    @Test func aDiskThatFailsAtAnyCallOfASnapshotLosesNothing() throws {
        let run = try filled()
        let entries = try run.wouldRecover().entries
        let start = run.storage.disk
        var generator = SimulationGenerator(seed: 8)
        let operations: [LogStorageError.Operation] = [
            .create, .open, .write, .sync, .rename, .syncDirectory, .remove, .list, .allocate,
        ]
        for operation in operations {
            for call in 1...4 {
                let storage = SimulatedLogStorage(start)
                let again = try LogRun(storage)
                storage.plan(.failure(code: SimulatedFaults.ioError), operation, call: call)
                _ = try? again.snapshot(entries)
                for _ in 0..<10 {
                    var disk = storage.disk
                    disk.crash(&generator)
                    #expect(try LogRun(SimulatedLogStorage(disk)).entries.entries == entries)
                }
            }
        }
    }
}
