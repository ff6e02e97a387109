import LogSimulation
import Synchronization
import Testing
import Timing
import WriteAheadLog

@Suite struct LogThreadsTests {
    @Test func whatWasAppendedIsOnDiskAfterTheEnd() throws {
        let run = try LogRun()
        let threads = LogThreads(run.log, run.directory, after: run.recovered, source: { NoEntries() })
        for index in 0..<100 { try run.put("key \(index)", "value") }
        #expect(threads.stop() == nil)
        #expect(run.log.syncedLSN == run.log.appendedLSN)
        #expect(try LogRun(run.killed()).entries.entries.count == 100)
    }
}

struct NoEntries: SnapshotSource {
    func settle() {}

    func nextSlice(_ entry: (RawSpan, RawSpan, Int64, WallTime) -> Void) -> Bool { false }
}
