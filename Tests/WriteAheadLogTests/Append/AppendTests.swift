//! What is appended, and what comes of it in a segment.

import LogSimulation
import NeedletailTelemetry
import Testing
import Timing
import WriteAheadLog

@Suite struct AppendTests {
    @Test func lsnsFollowOneAnother() throws {
        let log = try TestLog()
        #expect(log.log.appendedLSN == 100)
        #expect(try log.put("a") == 101)
        #expect(try log.remove("a") == 102)
        #expect(try log.touch("a", expiry: .distantFuture) == 103)
        #expect(try log.batch([("a", [], .distantFuture), ("b", [], .distantFuture)]) == 104)
        #expect(log.log.appendedLSN == 104)
    }

    @Test func lsnsGoOnBehindTheGreatestThatWasSeen() throws {
        var recovered = RecoveredLog()
        recovered.lastLSN = 200
        recovered.greatestLSN = 300
        recovered.lastSegment = 6
        recovered.directoryID = 77
        let log = try TestLog(after: recovered)
        #expect(try log.put("a") == 301)
        log.log.commit()
        let segment = try #require(log.segments().first)
        #expect(segment.number == 7 && segment.previousLSN == 200 && segment.directoryID == 77)
        #expect(segment.records.first == .mark(lsn: 200, durable: 200))
    }

    @Test func everyKindOfRecordIsWrittenAsTheFormatSays() throws {
        let log = try TestLog()
        let expiry = WallTime(milliseconds: 1_234_567)
        try log.put("key", [1, 2, 3])
        try log.put("timed", [4], expiry: expiry)
        try log.put("", [])
        _ = try log.remove("key")
        _ = try log.touch("timed", expiry: .distantFuture)
        _ = try log.touch("timed", expiry: expiry)
        _ = try log.batch([("a", [1], .distantFuture), ("bcd", [], expiry)])
        log.log.commit()
        #expect(
            try log.records() == [
                .put(lsn: 101, key: "key", value: [1, 2, 3], expiry: nil),
                .put(lsn: 102, key: "timed", value: [4], expiry: 1_234_567),
                .put(lsn: 103, key: "", value: [], expiry: nil),
                .remove(lsn: 104, key: "key"),
                .touch(lsn: 105, key: "timed", expiry: nil),
                .touch(lsn: 106, key: "timed", expiry: 1_234_567),
                .batch(
                    lsn: 107,
                    [
                        .init(key: "a", value: [1], expiry: nil), .init(key: "bcd", value: [], expiry: 1_234_567),
                    ]),
            ])
    }

    @Test func everyWriteBeginsWithAMarkOfWhatIsOnDisk() throws {
        let log = try TestLog()
        try log.put("a")
        log.log.commit()
        try log.put("b")
        log.log.commit()
        log.log.syncInBackground()
        try log.put("c")
        log.log.commit()
        let marks = try log.segments()[0].records.filter(\.isMark)
        #expect(marks == [.mark(lsn: 0, durable: 0), .mark(lsn: 101, durable: 0), .mark(lsn: 102, durable: 102)])
    }

    @Test func nothingIsWrittenBeforeACommitAndNothingTwice() throws {
        let log = try TestLog()
        try log.put("a")
        #expect(try log.records().isEmpty)
        log.log.commit()
        let writes = log.storage.faults.calls(.write)
        log.log.commit()
        log.log.commit()
        #expect(log.storage.faults.calls(.write) == writes)
        #expect(try log.records().count == 1)
    }

    @Test func levelsRiseOneAfterAnother() throws {
        let log = try TestLog()
        let line = log.makeLine()
        let lsn = try log.put("a")
        #expect(log.log.loggedLSN == 100 && log.log.syncedLSN == 100)
        log.log.commit()
        #expect(log.log.loggedLSN == lsn && log.log.syncedLSN == 100)
        line.wait(lsn, .synced)
        line.endTurn()
        log.log.commit()
        #expect(log.log.syncedLSN == lsn)
    }

    @Test func aCommitSyncsOnlyWhatSomebodyWaitsFor() throws {
        let log = try TestLog()
        let line = log.makeLine()
        let syncs = log.storage.faults.calls(.sync)
        line.wait(try log.put("a"), .logged)
        line.endTurn()
        log.log.commit()
        #expect(log.storage.faults.calls(.sync) == syncs)
        line.wait(try log.put("b"), .synced)
        line.wait(try log.put("c"), .synced)
        line.endTurn()
        log.log.commit()
        log.log.commit()
        #expect(log.storage.faults.calls(.sync) == syncs + 1)
    }

    @Test func theBackgroundSyncsWhatNobodyWaitsFor() throws {
        let log = try TestLog()
        #expect(!log.log.syncInBackground())
        let lsn = try log.put("a")
        #expect(!log.log.syncInBackground())
        log.log.commit()
        #expect(log.log.syncInBackground())
        #expect(log.log.syncedLSN == lsn)
        #expect(!log.log.syncInBackground())
    }

    @Test func tooMuchWaitingIsRefusedUntilItIsWritten() throws {
        let log = try TestLog(bufferBytesMax: 10_000)
        // One record is always taken.
        try log.put("large", bytes: 20_000)
        let error = #expect(throws: LogRefusal.self) { try log.put("a") }
        #expect(error == .overloaded(bytesWaiting: 20_032))
        #expect(log.log.appendedLSN == 101)
        log.log.commit()
        try log.put("a", bytes: 5_000)
        try log.put("a", bytes: 4_800)
        #expect(throws: LogRefusal.self) { try log.put("a", bytes: 200) }
        log.log.commit()
        try log.put("a", bytes: 200)
        log.log.commit()
        #expect(try log.records().map(\.lsn) == [101, 102, 103, 104])
    }

    @Test func recordsOfEveryLengthAreWhole() throws {
        let log = try TestLog(segmentBytes: 1 << 20)
        for count in 0..<300 {
            try log.put(String(repeating: "k", count: count % 17), [UInt8](repeating: UInt8(count & 255), count: count))
            if count % 7 == 0 { log.log.commit() }
        }
        log.log.commit()
        let records = try log.records()
        for count in 0..<300 {
            #expect(
                records[count]
                    == .put(
                        lsn: Int64(101 + count), key: String(repeating: "k", count: count % 17),
                        value: [UInt8](repeating: UInt8(count & 255), count: count), expiry: nil))
        }
    }

    @Test func figuresCountWhatWasWritten() throws {
        let log = try TestLog()
        let line = log.makeLine()
        try log.put("a")
        line.wait(try log.put("b"), .synced)
        line.endTurn()
        log.log.commit()
        let figures = log.log.figures
        #expect(figures.recordsAppended == 2)
        #expect(figures.bytesAppended == 32 + 2 * 24 + 16)
        #expect(figures.batchRecords.count == 1)
        #expect(figures.syncDurations.count == 1)
    }
}
