//! After a failed write or sync nothing is acknowledged any more.

import LogSimulation
import NeedletailThreads
import Testing
import Timing
import WriteAheadLog

@Suite struct FailedDiskTests {
    private static let failure = SimulatedFaults.Outcome.failure(code: SimulatedFaults.ioError)

    private func expectFailed(_ log: TestLog, _ operation: LogStorageError.Operation) {
        guard case .failed(let error) = log.log.currentRefusal else {
            Issue.record("\(String(describing: log.log.currentRefusal)) should be a failure")
            return
        }
        #expect(error.operation == operation)
        #expect(throws: LogRefusal.failed(error)) { try log.put("later") }
    }

    @Test func afterAFailedSyncNothingIsAcknowledged() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .synced)
        line.endTurn()
        log.storage.plan(Self.failure, .sync)
        log.log.commit()
        expectFailed(log, .sync)
        #expect(line.wakeCount == 1)
        line.line.drain()
        #expect(line.answers.map { $0.refusal == nil } == [false])
        let (writes, syncs) = (log.storage.faults.calls(.write), log.storage.faults.calls(.sync))
        log.log.commit()
        #expect(!log.log.syncInBackground())
        #expect(log.log.syncedLSN == 100)
        #expect(log.storage.faults.calls(.write) == writes && log.storage.faults.calls(.sync) == syncs)
        expectFailed(log, .sync)
    }

    @Test func aFailedSyncInTheBackgroundIsTheEndToo() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .synced)
        log.log.commit()
        log.storage.plan(Self.failure, .sync)
        #expect(!log.log.syncInBackground())
        #expect(line.wakeCount == 1)
        expectFailed(log, .sync)
        #expect(log.log.syncedLSN == 100)
    }

    @Test func afterAFailedWriteNothingIsAcknowledged() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .logged)
        log.storage.plan(Self.failure, .write)
        log.log.commit()
        expectFailed(log, .write)
        line.line.drain()
        #expect(line.answers.map { $0.refusal == nil } == [false])
        log.log.commit()
        #expect(log.log.loggedLSN == 100)
    }

    @Test(arguments: [LogStorageError.Operation.allocate, .sync, .syncDirectory, .rename, .write])
    func aSegmentThatCannotBeBegunIsTheEnd(operation: LogStorageError.Operation) throws {
        let log = try TestLog(segmentBytes: 4_096)
        try log.put("a", bytes: 3_000)
        log.log.commit()
        log.log.syncInBackground()
        try log.put("b", bytes: 3_000)
        guard operation != .rename || log.storage.faults.calls(.rename) > 0 else { return }
        log.storage.plan(Self.failure, operation)
        log.log.commit()
        expectFailed(log, operation)
        #expect(log.log.syncedLSN == 101 && log.log.loggedLSN == 101)
        #expect(try log.segments().flatMap(\.records).filter { !$0.isMark }.map(\.lsn) == [101])
    }

    @Test func aSyncBesideOneThatFailsAcknowledgesNothing() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .synced)
        log.log.commit()
        line.endTurn()
        // The upkeep's sync is under way, and will fail; the commit's comes after it and would succeed.
        let latch = SyncLatch()
        log.storage.latch = latch
        log.storage.plan(Self.failure, .sync)
        let upkeep = DedicatedThread("upkeep") { log.log.syncInBackground() }
        #expect(latch.waitForSync(until: Clock.system.now().advanced(byMilliseconds: 30_000)))
        log.storage.latch = nil
        let committing = DedicatedThread("commit") { log.log.commit() }
        latch.open()
        upkeep.join()
        committing.join()
        #expect(log.log.syncedLSN == 100)
        expectFailed(log, .sync)
    }
}
