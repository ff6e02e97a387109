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

    // MARK: Groups whose owner waits for nothing

    /// Segments that have room for a group.
    private func makeLog() throws -> TestLog { try TestLog(segmentBytes: 8 << 20, bufferBytesMax: 4 << 20) }

    @Test func whatHasJoinedIsWrittenInOneCall() throws {
        let log = try makeLog()
        let line = log.makeLine()
        let (writes, syncs) = (log.storage.faults.calls(.write), log.storage.faults.calls(.sync))
        let lsns = try ["a", "b", "c"].map { try log.put($0) }
        for lsn in lsns { #expect(line.line.join(lsn)) }
        #expect(log.storage.faults.calls(.write) == writes && log.log.loggedLSN < lsns[0])
        #expect(line.line.finishGroup())
        #expect(log.storage.faults.calls(.write) == writes + 1)
        #expect(log.storage.faults.calls(.sync) == syncs)
        #expect(log.log.loggedLSN == lsns[2])
        #expect(line.line.count == 0 && line.wakeCount == 0)
        #expect(line.line.finishGroup(), "there is no group now")
        #expect(log.storage.faults.calls(.write) == writes + 1)
        #expect(try log.records().map(\.lsn) == lsns)
    }

    @Test func othersAreToldOfWhatAGroupHasWritten() throws {
        let log = try makeLog()
        let (line, other) = (log.makeLine(), log.makeLine())
        let lsn = try log.put("of another")
        other.wait(lsn, .logged)
        #expect(line.line.join(try log.put("a")))
        #expect(line.line.finishGroup())
        #expect(other.wakeCount == 1)
        #expect(other.drain() == [lsn])
    }

    @Test func nobodyElseWritesOrJoinsMeanwhile() throws {
        let log = try makeLog()
        let (line, other) = (log.makeLine(), log.makeLine())
        #expect(line.line.join(try log.put("a")))
        let lsn = try log.put("b")
        #expect(!other.line.join(lsn))
        other.wait(lsn, .logged)
        other.endTurn()
        #expect(log.log.loggedLSN < 101)
        #expect(line.line.finishGroup())
        #expect(other.answers.isEmpty && other.drain() == [lsn])
        #expect(other.line.join(try log.put("c")))
        #expect(other.line.finishGroup())
    }

    @Test func muchIsLeftToTheLogsThread() throws {
        let log = try makeLog()
        let line = log.makeLine()
        let first = try log.put("a", bytes: 200 << 10)
        #expect(line.line.join(first))
        let second = try log.put("b", bytes: 100 << 10)
        #expect(!line.line.join(second))
        let large = try log.put("c", bytes: 2 << 20)
        #expect(line.line.finishGroup())
        #expect(log.log.loggedLSN == second, "the large one has a chunk of its own")
        #expect(!line.line.join(try log.put("d")))
        log.log.commit()
        #expect(log.log.loggedLSN > large)
        #expect(try log.records().map(\.lsn) == [101, 102, 103, 104])
    }

    @Test func aSegmentThatMightNotHoldAGroupTakesNone() throws {
        let log = try TestLog(segmentBytes: 1 << 20, bufferBytesMax: 4 << 20)
        let line = log.makeLine()
        #expect(!line.line.join(try log.put("a")))
        #expect(line.line.finishGroup())
        log.log.commit()
        #expect(try log.records().map(\.lsn) == [101])
    }

    @Test func aGroupThatCannotBeWrittenSaysSo() throws {
        let log = try makeLog()
        let (line, other) = (log.makeLine(), log.makeLine())
        other.wait(try log.put("of another"), .synced)
        let own = try log.put("a")
        line.wait(own, .synced)
        #expect(line.line.join(try log.put("b")))
        log.storage.plan(.failure(code: SimulatedFaults.ioError), .write)
        #expect(!line.line.finishGroup())
        #expect(other.wakeCount == 1 && line.wakeCount == 1, "those who wait hear of it, too")
        line.line.drain()
        #expect(line.answers.count == 1 && line.answers[0].lsn == own && line.answers[0].refusal != nil)
        #expect(throws: LogRefusal.self) { try log.put("c") }
    }

    @Test func aGroupWithoutSpaceSaysSoAndIsWrittenWhenThereIsSome() throws {
        let log = try makeLog()
        let line = log.makeLine()
        #expect(line.line.join(try log.put("a")))
        log.storage.plan(.failure(code: SimulatedFaults.noSpace), .write)
        #expect(!line.line.finishGroup())
        log.log.commit()
        #expect(try log.records().map(\.lsn) == [101])
        #expect(line.line.join(try log.put("b")))
        #expect(line.line.finishGroup())
    }

    /// A thread that sleeps for the right to write would find it taken again whenever it woke up.
    @Test func groupsLetTheLogsThreadWrite() throws {
        let log = try makeLog()
        let line = log.makeLine()
        #expect(line.line.join(try log.put("a")))
        let committing = DedicatedThread("test-commit") { log.log.commit() }
        let end = Clock.system.now().advanced(byMilliseconds: 30_000)
        while !log.log.isClaimed, Clock.system.now() < end { Signal.yield() }
        #expect(log.log.isClaimed)
        #expect(line.line.finishGroup())
        while log.log.isClaimed, Clock.system.now() < end { #expect(!line.line.join(try log.put("b"))) }
        committing.join()
        #expect(line.line.join(try log.put("c")))
        #expect(line.line.finishGroup())
    }
}
