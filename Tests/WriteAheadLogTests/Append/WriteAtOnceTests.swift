//! Groups that wait for no sync are written where they were made, unless the log's thread has to.

import LogSimulation
import NeedletailThreads
import Testing
import Timing
import WriteAheadLog

@Suite struct WriteAtOnceTests {
    @Test func aGroupThatWaitsForNoSyncIsWrittenInItsOwnTurn() throws {
        let log = try TestLog()
        let (line, other) = (log.makeLine(), log.makeLine())
        other.wait(try log.put("of another"), .synced)
        let lsns = [try log.put("a"), try log.put("b")]
        for lsn in lsns { line.wait(lsn, .logged) }
        let (writes, syncs) = (log.storage.faults.calls(.write), log.storage.faults.calls(.sync))
        line.endTurn()
        #expect(line.answers.map(\.lsn) == lsns)
        #expect(log.storage.faults.calls(.write) == writes + 1)
        #expect(log.storage.faults.calls(.sync) == syncs)
        #expect(line.wakeCount == 0)
        #expect(log.log.loggedLSN == lsns[1])
        #expect(log.log.syncedLSN < lsns[0])
        #expect(try log.records().map(\.lsn) == [101, 102, 103])
        // The other's is written now, and waits for its sync.
        other.endTurn()
        log.log.commit()
        #expect(other.drain() == [101])
    }

    @Test func aGroupWithASyncIsLeftToTheLogsThread() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .logged)
        line.wait(try log.put("b"), .synced)
        line.endTurn()
        #expect(line.answers.isEmpty)
        log.log.commit()
        #expect(line.wakeCount == 1)
        #expect(Set(line.drain()) == [101, 102])
    }

    @Test func whatDoesNotFitTheSegmentIsLeftToTheLogsThread() throws {
        let log = try TestLog(segmentBytes: 4_096)
        let line = log.makeLine()
        line.wait(try log.put("a", bytes: 3_000), .logged)
        line.endTurn()
        #expect(line.drain() == [101])
        line.wait(try log.put("b", bytes: 3_000), .logged)
        line.endTurn()
        #expect(line.answers.isEmpty && log.segmentNames.count == 1)
        log.log.commit()
        #expect(line.drain() == [102])
        #expect(try log.records().map(\.lsn) == [101, 102])
        #expect(log.segmentNames.count == 2)
    }

    @Test func aWriteThatFailsIsTheLogsEnd() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .logged)
        log.storage.plan(.failure(code: SimulatedFaults.ioError), .write)
        line.endTurn()
        let answer = try #require(line.answers.first)
        #expect(answer.refusal != nil)
        #expect(log.log.loggedLSN < 101)
        log.log.commit()
        #expect(log.log.loggedLSN < 101)
        #expect(throws: LogRefusal.self) { try log.put("b") }
    }

    @Test func nobodyWritesAtOnceWhileASyncRuns() throws {
        let log = try TestLog()
        let line = log.makeLine()
        try log.put("a")
        log.log.commit()
        let latch = SyncLatch()
        log.storage.latch = latch
        let syncing = DedicatedThread("test-sync") { log.log.syncInBackground() }
        #expect(latch.waitForSync(until: Clock.system.now().advanced(byMilliseconds: 30_000)))
        line.wait(try log.put("b"), .logged)
        line.endTurn()
        #expect(line.answers.isEmpty)
        latch.open()
        syncing.join()
        log.log.commit()
        #expect(line.drain() == [102])
        #expect(log.log.syncedLSN == 101)
    }
}
