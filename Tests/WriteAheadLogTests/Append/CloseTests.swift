import LogSimulation
import Testing
import WriteAheadLog

@Suite struct CloseTests {
    @Test func aClosedLogHasEverythingOnDiskAndSaysSo() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .synced)
        let last = try log.put("b")
        #expect(log.log.close() == nil)
        #expect(log.log.syncedLSN == last)
        #expect(line.drain() == [101])
        #expect(throws: LogRefusal.closed) { try log.put("c") }
        var generator = SimulationGenerator(seed: 1)
        let disk = log.storage.crashed(&generator).disk
        let segment = try SegmentReader(try #require(disk.contents(log.segmentNames[0])))
        #expect(segment.records.last == .mark(lsn: last, durable: last))
        #expect(segment.records.filter { !$0.isMark }.map(\.lsn) == [101, 102])
    }

    @Test func closingAnUnusedLogIsFine() throws {
        let log = try TestLog()
        #expect(log.log.close() == nil)
        #expect(try log.records().isEmpty)
    }

    @Test func closingALogThatFailedSaysSo() throws {
        let log = try TestLog()
        try log.put("a")
        log.storage.plan(.failure(code: SimulatedFaults.ioError), .sync)
        guard case .failed = log.log.close() else {
            Issue.record("it should have failed")
            return
        }
        #expect(log.log.syncedLSN == 100)
    }

    @Test func closingWithoutRoomSaysSo() throws {
        let log = try TestLog(segmentBytes: 4_096, capacity: 4_096)
        try log.put("a", bytes: 5_000)
        guard case .full = log.log.close() else {
            Issue.record("it should have been full")
            return
        }
        #expect(throws: LogRefusal.self) { try log.put("b") }
    }

    @Test func theLastMarkIsLeftOutWhereItDoesNotFit() throws {
        let log = try TestLog(segmentBytes: 64 + 32 + (20 + 1 + 1_003) + 16)
        try log.put("a", bytes: 1_003)
        #expect(log.log.close() == nil)
        #expect(try log.records().map(\.lsn) == [101])
        #expect(log.segmentNames.count == 1)
    }
}
