import LogSimulation
import Testing
import WriteAheadLog

/// Files that are not what they were.
@Suite struct DamageTests {
    /// Several segments, a snapshot in between.
    private static func grown() throws -> (SimulatedLogStorage, [[UInt8]: ReplayedEntry]) {
        let run = try LogRun(segmentBytes: 1_024)
        for index in 0..<30 {
            try run.put("key \(index % 9)", "value \(index)")
            if index.isMultiple(of: 3) { run.sync() }
        }
        run.sync()
        try run.snapshot(run.wouldRecover().entries)
        for index in 30..<100 {
            switch index % 5 {
            case 0: try run.remove("key \(index % 7)")
            case 1: try run.putAll([("key \(index % 9)", "batch \(index)"), ("both \(index)", "x")])
            default: try run.put("key \(index % 9)", "value \(index)")
            }
            if index.isMultiple(of: 4) { run.sync() }
        }
        _ = run.log.close()
        let entries = try run.wouldRecover().entries
        return (run.killed(), entries)
    }

    private func segments(_ storage: SimulatedLogStorage) -> [String] {
        storage.disk.names.filter { LogFormat.segmentNumber($0) != nil }
    }

    private func damage(_ storage: SimulatedLogStorage) -> LogDamage? {
        do {
            _ = try LogRun(SimulatedLogStorage(storage.disk), segmentBytes: 1_024)
        } catch LogRecoveryError.damaged(_, let first, _) {
            return first
        } catch {
            Issue.record(error)
        }
        return nil
    }

    @Test func aSegmentThatIsMissingIsNamed() throws {
        let (storage, _) = try Self.grown()
        let names = segments(storage)
        #expect(names.count > 3)
        try storage.remove(names[1])
        #expect(damage(storage)?.file == names[1])
        #expect(damage(storage)?.flaw == .missingFile)
    }

    @Test func theFirstSegmentAfterTheSnapshotIsMissed() throws {
        let (storage, _) = try Self.grown()
        try storage.remove(segments(storage)[0])
        #expect(damage(storage)?.flaw == .missingFile)
    }

    @Test func aSnapshotThatIsMissingIsMissed() throws {
        let (storage, _) = try Self.grown()
        let snapshot = try #require(storage.disk.names.first { $0.hasSuffix(".snapshot") })
        try storage.remove(snapshot)
        #expect(damage(storage)?.flaw == .missingFile)
    }

    @Test func aSegmentOfAnotherDirectoryIsNotRead() throws {
        let (storage, _) = try Self.grown()
        let (other, _) = try Self.grown()
        let names = segments(storage)
        for name in names { storage.disk.setContents(name, try #require(other.disk.contents(name))) }
        #expect(damage(storage)?.flaw == .directory)
        let run = try LogRun(storage, salvage: true, segmentBytes: 1_024)
        #expect(run.report.losses.count == names.count)
        #expect(run.report.records == 9)
    }

    @Test func segmentsInEachOthersPlaceAreNotRead() throws {
        let (storage, _) = try Self.grown()
        let names = segments(storage)
        let first = try #require(storage.disk.contents(names[0]))
        storage.disk.setContents(names[1], first)
        #expect(damage(storage)?.flaw == .number(try #require(LogFormat.segmentNumber(names[0]))))
    }

    @Test func salvagingADamagedSnapshotKeepsItsOtherEntries() throws {
        let (storage, _) = try Self.grown()
        for name in segments(storage) { try storage.remove(name) }
        let snapshot = try #require(storage.disk.names.first { $0.hasSuffix(".snapshot") })
        storage.disk.flipBit(snapshot, LogFormat.fileHeaderBytes + 17, bit: 0)
        #expect(damage(storage) != nil)
        let run = try LogRun(storage, salvage: true, segmentBytes: 1_024)
        #expect(run.report.records == 8)
        #expect(run.report.losses.count == 1)
    }

    /// One bit of each byte of each file. What is read is right and whole, but for the end of the last segment that no
    /// mark vouches for: here the last mark itself.
    @Test(arguments: [1, 2]) func aFlippedBitIsFoundOrDoesNotMatter(workers: Int) throws {
        let (storage, entries) = try Self.grown()
        let disk = storage.disk
        var refused = 0
        for name in disk.names where name != "LOCK" && !LogFormat.isSpare(name) {
            for offset in 0..<(disk.contents(name)?.count ?? 0) {
                // All eight in turn; with threads fewer, as they cost time.
                if workers > 1, !offset.isMultiple(of: 37) { continue }
                var copy = disk
                copy.flipBit(name, offset, bit: offset % 8)
                do {
                    let run = try LogRun(SimulatedLogStorage(copy), workers: workers, segmentBytes: 1_024)
                    #expect(run.entries.entries == entries, "\(name) \(offset)")
                } catch is LogRecoveryError {
                    refused += 1
                } catch is LogOpenError {
                    #expect(name == "FORMAT")
                }
            }
        }
        #expect(refused > (workers > 1 ? 50 : 2_000))
    }

    @Test func aFileThatWasCutIsRefused() throws {
        let (storage, entries) = try Self.grown()
        let disk = storage.disk
        let names = segments(storage)
        for name in disk.names where name != "LOCK" && !LogFormat.isSpare(name) {
            for size in 0..<(disk.contents(name)?.count ?? 0) {
                var copy = disk
                copy.cut(name, to: size)
                do {
                    let run = try LogRun(SimulatedLogStorage(copy), segmentBytes: 1_024)
                    // Before the last, what follows the last record is not missed.
                    #expect(run.entries.entries == entries)
                    #expect(names.dropLast().contains(name), "\(name) \(size)")
                } catch is LogRecoveryError {
                } catch is LogOpenError {
                    #expect(name == "FORMAT")
                }
            }
        }
    }

    @Test func salvagingAnythingGivesNoWrongValue() throws {
        let (storage, _) = try Self.grown()
        let disk = storage.disk
        for name in disk.names where name != "LOCK" && name != "FORMAT" {
            for offset in stride(from: 0, to: disk.contents(name)?.count ?? 0, by: 5) {
                var copy = disk
                copy.flipBit(name, offset, bit: 6)
                let run = try LogRun(SimulatedLogStorage(copy), salvage: true, segmentBytes: 1_024)
                for (key, value) in run.entries.texts {
                    let isWritten =
                        value == "x" || value.hasPrefix("value ") || value.hasPrefix("batch ") && key.hasPrefix("key ")
                    #expect(isWritten)
                }
                // One place costs one record, of the snapshot's 9 and the log's 70.
                #expect(run.report.records >= 78)
            }
        }
    }
}
