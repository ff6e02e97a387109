//! What the simulation of the engine over its log found (Tests/MemoryEngineTests/Simulation), each fault alone.

import LogSimulation
import Testing
import WriteAheadLog

@Suite struct FoundBySimulationTests {
    @Test func afterAFailedSyncTheMarkIsWrittenAgainToo() throws {
        for seed in 0..<20 as Range<UInt64> {
            let run = try LogRun()
            try run.put("a", "1")
            run.sync()
            // A write of its own, which begins with a mark, and which the kernel forgets to bring to the disk.
            try run.put("b", "2")
            run.log.commit()
            run.storage.faults = SimulatedFaults(seed: seed)
            run.storage.plan(.failure(code: SimulatedFaults.ioError), .sync)
            run.log.syncInBackground()
            let second = try LogRun(run.killed())
            #expect(second.entries.texts == ["a": "1", "b": "2"])
            var generator = SimulationGenerator(seed: seed)
            let third = try LogRun(second.storage.crashed(&generator))
            #expect(third.entries.texts == ["a": "1", "b": "2"])
        }
    }

    @Test func aRunWhoseFirstWriteWasTornIsATail() throws {
        let run = try TestLog()
        try run.put("a")
        run.log.commit()
        try run.put("b")
        run.log.commit()
        // The second write's mark does not speak for the first, although no LSN lies between that and the run's beginning.
        let marks = try run.segments()[0].records.filter(\.isMark)
        #expect(marks == [.mark(lsn: 0, durable: 0), .mark(lsn: 101, durable: 0)])
    }

    @Test func aHeaderOfWhichOnlyTheMagicNumberWasWrittenIsNoDamage() throws {
        let run = try LogRun()
        try run.put("a", "1")
        run.sync()
        let storage = run.killed()
        let name = LogFormat.segmentName(2)
        storage.disk.setContents(name, Array("NDLTLOG\n".utf8) + [UInt8](repeating: 0, count: 4_088))
        let next = try LogRun(storage)
        #expect(next.entries.texts == ["a": "1"])
        #expect(next.report.losses.isEmpty)
    }
}
