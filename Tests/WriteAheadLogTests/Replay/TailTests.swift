import LogSimulation
import Testing
import WriteAheadLog

/// How the end of the last segment is told from damage.
@Suite struct TailTests {
    private let first = LogFormat.segmentName(1)

    /// A log of three groups, the last of which no mark calls durable.
    private func threeGroups() throws -> (SimulatedLogStorage, [Int]) {
        let run = try LogRun()
        var ends: [Int] = []
        for group in 0..<3 {
            for index in 0..<4 { try run.put("key \(group) \(index)", "value") }
            run.sync()
            ends.append(endOfRecords(run.storage))
        }
        return (run.killed(), ends)
    }

    /// Where the first segment is zero for good.
    private func endOfRecords(_ storage: SimulatedLogStorage) -> Int {
        let bytes = storage.disk.contents(first) ?? []
        return LogFormat.aligned((bytes.lastIndex { $0 != 0 } ?? 0) + 1)
    }

    @Test func aLogThatEndsCleanlyHasNoTail() throws {
        let run = try LogRun(try threeGroups().0)
        #expect(run.report.tail == nil)
        #expect(run.report.records == 12)
    }

    @Test func aRecordThatWasTornIsCutAndReported() throws {
        let (storage, ends) = try threeGroups()
        // In the last record of the last group.
        storage.disk.flipBit(first, ends[2] - 12, bit: 3)
        let run = try LogRun(storage)
        #expect(run.report.records == 11)
        #expect(run.entries.texts["key 2 3"] == nil)
        let tail = try #require(run.report.tail)
        #expect(tail.file == first)
        #expect(tail.offset + tail.bytes == ends[2])
        #expect(tail.records == 0)
        #expect(run.recovered.lastLSN == 11)
    }

    @Test func wholeRecordsBehindATornOneAreCountedAndTheirLSNsNotUsedAgain() throws {
        let (storage, ends) = try threeGroups()
        // In the first record of the last group, behind its mark.
        storage.disk.flipBit(first, ends[1] + LogFormat.markBytes + 20, bit: 0)
        let run = try LogRun(storage)
        #expect(run.report.records == 8)
        let tail = try #require(run.report.tail)
        #expect(tail.records == 3)
        #expect(tail.bytes == ends[2] - ends[1] - LogFormat.markBytes)
        #expect(run.recovered.lastLSN == 8)
        #expect(run.recovered.greatestLSN == 12)
        let lsn = try run.put("new", "1")
        #expect(lsn == 13)
        run.sync()

        // What was cut stays cut: the next segment says where the first one ends.
        let next = try LogRun(run.killed())
        #expect(next.report.tail == nil)
        #expect(next.report.records == 9)
        #expect(next.entries.texts["key 2 3"] == nil)
        #expect(next.entries.texts["new"] == "1")
    }

    @Test func aHoleBeforeRecordsThatWereOnDiskIsDamage() throws {
        let (storage, ends) = try threeGroups()
        // The third group's mark says that the second was on disk.
        storage.disk.flipBit(first, ends[0] + LogFormat.markBytes + 20, bit: 0)
        let error = #expect(throws: LogRecoveryError.self) { try LogRun(storage) }
        guard case .damaged(_, let damage, let losses)? = error else {
            Issue.record("damage is told")
            return
        }
        #expect(damage.file == first)
        #expect(damage.offset == ends[0] + LogFormat.markBytes)
        #expect(damage.flaw == .checksum)
        #expect(losses.map(\.lostLSNs) == [5..<6])
        #expect(error?.description.contains("1 changes, LSN 5 to 5") == true)
    }

    @Test func zerosWhereRecordsWereOnDiskAreDamage() throws {
        let (storage, ends) = try threeGroups()
        var contents = try #require(storage.disk.contents(first))
        for index in ends[0]..<ends[1] { contents[index] = 0 }
        storage.disk.setContents(first, contents)
        let error = #expect(throws: LogRecoveryError.self) { try LogRun(storage) }
        guard case .damaged(_, let damage, let losses)? = error else {
            Issue.record("damage is told")
            return
        }
        #expect(damage.flaw == .missingRecords(through: 8))
        #expect(losses.map(\.lostLSNs) == [5..<9])
    }

    @Test func salvagingGivesUpOnlyWhatCannotBeRead() throws {
        let (storage, ends) = try threeGroups()
        storage.disk.flipBit(first, ends[0] + LogFormat.markBytes + 20, bit: 0)
        let run = try LogRun(storage, salvage: true)
        #expect(run.report.records == 11)
        #expect(run.report.losses.map(\.lostLSNs) == [5..<6])
        #expect(run.recovered.isSalvaged)
        #expect(run.entries.texts["key 1 0"] == nil)
        #expect(run.entries.entries.count == 11)

        // A snapshot makes the next start free of it.
        run.sync()
        #expect(try run.snapshot(run.entries.entries) != nil)
        #expect(try LogRun(run.killed()).entries.entries == run.entries.entries)
    }

    @Test func aCleanEndSaysThatAllOfItWasOnDisk() throws {
        let run = try LogRun()
        for index in 0..<4 { try run.put("key \(index)", "value") }
        #expect(run.log.close() == nil)
        let storage = run.killed()
        storage.disk.flipBit(first, LogFormat.fileHeaderBytes + LogFormat.markBytes + 20, bit: 0)
        #expect(throws: LogRecoveryError.self) { try LogRun(storage) }
    }

    @Test func oldRecordsInASegmentUsedAgainAreNotTakenForNewOnes() throws {
        let run = try LogRun()
        for index in 0..<150 {
            try run.put("old \(index)", "value")
            run.sync()
        }
        let entries = try run.wouldRecover().entries
        try run.snapshot(entries)
        #expect(run.storage.disk.names.contains { $0.hasPrefix("spare-") })
        for index in 0..<90 {
            try run.put("new \(index)", "value")
            run.sync()
        }
        // The last segment was one of the old ones.
        let storage = run.killed()
        let last = try #require(storage.disk.names.last { $0.hasPrefix("0") && $0.hasSuffix(".log") })
        #expect((storage.disk.contents(last) ?? []).firstRange(of: bytes("old ")) != nil)
        let next = try LogRun(storage)
        #expect(next.report.tail == nil)
        #expect(next.entries.entries.count == 240)
    }

    @Test func whatWasReadIsOnDiskAfterwards() throws {
        // Logged, and never synced: the killed process leaves it with the kernel.
        let run = try LogRun()
        try run.put("a", "1")
        run.log.commit()
        let next = try LogRun(run.killed())
        #expect(next.entries.texts == ["a": "1"])
        var generator = SimulationGenerator(seed: 1)
        for _ in 0..<20 {
            var disk = next.storage.disk
            disk.crash(&generator)
            #expect(try LogRun(SimulatedLogStorage(disk)).entries.texts == ["a": "1"])
        }
    }

    @Test func whatAFailedSyncForgotIsOnDiskAfterTheNextStart() throws {
        let run = try LogRun()
        try run.put("a", "1")
        run.log.commit()
        run.storage.plan(.failure(code: SimulatedFaults.ioError), .sync)
        run.log.syncInBackground()
        #expect(run.log.currentRefusal != nil)
        let next = try LogRun(run.killed())
        #expect(next.entries.texts == ["a": "1"])
        var generator = SimulationGenerator(seed: 1)
        for _ in 0..<20 {
            var disk = next.storage.disk
            disk.crash(&generator)
            #expect(try LogRun(SimulatedLogStorage(disk)).entries.texts == ["a": "1"])
        }
    }

    @Test func startsWithoutAWriteDoNotFillTheDisk() throws {
        var storage = SimulatedLogStorage()
        for _ in 0..<5 {
            let run = try LogRun(storage)
            _ = run.log.close()
            storage = run.killed()
        }
        #expect(storage.disk.names.filter { $0.hasSuffix(".log") } == [first])
    }
}
