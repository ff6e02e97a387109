import LogSimulation
import Testing
import Timing
import WriteAheadLog

/// The upkeep of a log, with time in the test's hand and no thread.
@Suite struct LogUpkeepTests {
    private final class Rig {
        let time = ManualTime()
        let run: LogRun
        let desk = UpkeepDesk()
        var events: [UpkeepEvent] = []
        private var upkeep: LogUpkeep<ModelSource>?

        init(
            _ storage: SimulatedLogStorage = SimulatedLogStorage(), salvage: Bool = false,
            configure: (inout LogConfiguration) -> Void = { _ in }
        ) throws {
            run = try LogRun(storage, salvage: salvage, clock: .manual(time), configure: configure)
        }

        /// Lets time pass, in which both threads do all that they want to.
        func pass(milliseconds: Int64) throws {
            let run = run
            var upkeep =
                upkeep
                ?? LogUpkeep(
                    run.log, run.directory, after: run.recovered, desk,
                    source: { ModelSource((try? run.wouldRecover().entries) ?? run.entries.entries) },
                    report: { [unowned self] in events.append($0) })
            let clock = Clock.manual(time)
            let end = clock.now().advanced(byMilliseconds: milliseconds)
            while true {
                let next = upkeep.turn(clock.now())
                run.log.commit()
                if next > end { break }
                let wait = (next.nanoseconds(since: clock.now()) + 999_999) / 1_000_000
                time.advance(byMilliseconds: wait)
            }
            time.advance(byMilliseconds: max(0, end.nanoseconds(since: clock.now()) / 1_000_000))
            self.upkeep = upkeep
        }

        var snapshots: [String] { run.storage.disk.names.filter { $0.hasSuffix(".snapshot") } }
    }

    @Test func nothingStaysUnsyncedForLong() throws {
        let rig = try Rig()
        let lsn = try rig.run.put("a", "1")
        rig.run.log.commit()
        #expect(rig.run.log.syncedLSN < lsn)
        try rig.pass(milliseconds: rig.run.log.configuration.syncIntervalMillis)
        #expect(rig.run.log.syncedLSN == lsn)
    }

    @Test func theNextSegmentIsReadyBeforeItIsNeeded() throws {
        let rig = try Rig()
        try rig.pass(milliseconds: 1_000)
        #expect(!rig.run.storage.disk.names.contains { $0.hasPrefix("spare-") })
        for index in 0..<30 { try rig.run.put("key \(index)", "a value of some length") }
        try rig.pass(milliseconds: 1_000)
        #expect(rig.run.storage.disk.names.contains("spare-1.log"))
        #expect(rig.run.storage.disk.contents("spare-1.log")?.count == LogRun.segmentBytes)
    }

    @Test func aFullDiskCostsTheSpareAndNothingElse() throws {
        let rig = try Rig()
        try rig.pass(milliseconds: 10)
        for index in 0..<30 { try rig.run.put("key \(index)", "a value of some length") }
        rig.run.sync()
        rig.run.storage.capacity = rig.run.storage.disk.usedBytes
        try rig.pass(milliseconds: 1_000)
        #expect(!rig.run.storage.disk.names.contains { $0.hasSuffix(".tmp") || $0.hasPrefix("spare-") })
        #expect(rig.run.log.currentRefusal == nil)
    }

    @Test func aSnapshotIsTakenOnRequest() throws {
        let rig = try Rig()
        try rig.run.put("a", "1")
        try rig.pass(milliseconds: 1_000)
        #expect(rig.snapshots.isEmpty)
        rig.desk.wantSnapshot()
        try rig.pass(milliseconds: 1_000)
        #expect(rig.snapshots.count == 1)
        #expect(rig.desk.statistics.snapshots == 1)
        #expect(!rig.desk.statistics.isTakingSnapshot)
        guard case .tookSnapshot(_, entries: 1, _, _)? = rig.events.first else {
            Issue.record("a snapshot is reported")
            return
        }
    }

    @Test func aSnapshotIsTakenByAgeIfAnythingWasWritten() throws {
        let rig = try Rig()
        let hour = rig.run.log.configuration.snapshotIntervalMillis
        try rig.pass(milliseconds: hour + 1_000)
        #expect(rig.snapshots.isEmpty)
        try rig.run.put("a", "1")
        try rig.pass(milliseconds: hour)
        #expect(rig.snapshots.count == 1)
        try rig.pass(milliseconds: 3 * hour)
        #expect(rig.desk.statistics.snapshots == 1)
    }

    @Test func aSnapshotIsTakenWhenTheLogIsLarge() throws {
        let rig = try Rig { $0.snapshotBytes = 4 * LogRun.segmentBytes }
        try rig.pass(milliseconds: 10)
        for index in 0..<400 {
            try rig.run.put("key \(index % 3)", "value")
            rig.run.sync()
            if index == 100 {
                try rig.pass(milliseconds: 10)
                #expect(rig.snapshots.isEmpty)
            }
        }
        try rig.pass(milliseconds: 10)
        #expect(rig.desk.statistics.snapshots == 1)
        try rig.pass(milliseconds: 10)
        #expect(rig.desk.statistics.snapshots == 1)
        // The current one and two spares.
        #expect(rig.run.storage.disk.names.filter { $0.hasSuffix(".log") }.count <= 3)
    }

    /// However often it is called for other things meanwhile.
    @Test func aSnapshotIsWrittenNoFasterThanAllowed() throws {
        let rig = try Rig { $0.snapshotBytesPerSecond = 10_000 }
        let value = String(repeating: "x", count: 1_000)
        for index in 0..<200 {
            try rig.run.put("key \(index)", value)
            rig.run.sync()
        }
        rig.desk.wantSnapshot()
        try rig.pass(milliseconds: 10_000)
        #expect(rig.snapshots.isEmpty, "200 KB take 20 s")
        try rig.pass(milliseconds: 15_000)
        #expect(rig.snapshots.count == 1)
    }

    @Test func aSalvagedLogTakesASnapshotAtOnce() throws {
        let run = try LogRun()
        for index in 0..<5 {
            try run.put("key \(index)", "value")
            run.sync()
        }
        let storage = run.killed()
        storage.disk.flipBit(LogFormat.segmentName(1), LogFormat.fileHeaderBytes + LogFormat.markBytes + 17, bit: 1)
        let rig = try Rig(storage, salvage: true)
        #expect(rig.run.report.losses.count == 1)
        try rig.pass(milliseconds: 1_000)
        #expect(rig.snapshots.count == 1)
        #expect(try LogRun(rig.run.killed()).entries.entries.count == 4)
    }

    @Test func aSnapshotThatFailsIsReportedAndTriedAgain() throws {
        let rig = try Rig()
        try rig.run.put("a", "1")
        try rig.pass(milliseconds: 1_000)
        rig.run.storage.plan(.failure(code: SimulatedFaults.noSpace), .rename)
        rig.desk.wantSnapshot()
        try rig.pass(milliseconds: 1_000)
        #expect(rig.desk.statistics.snapshotsFailed + rig.desk.statistics.snapshots == 1)
        rig.desk.wantSnapshot()
        try rig.pass(milliseconds: 1_000)
        #expect(rig.snapshots.count == 1)
    }

    @Test func whatASnapshotMadeNeedlessGoesAtTheNextStart() throws {
        let run = try LogRun()
        for index in 0..<200 {
            try run.put("key \(index)", "value")
            run.sync()
        }
        run.storage.plan(.failure(code: SimulatedFaults.ioError), .rename, call: 3)
        _ = try? run.snapshot(run.wouldRecover().entries)
        let storage = run.killed()
        let before = storage.disk.names.filter { LogFormat.segmentNumber($0) != nil }.count
        let rig = try Rig(storage)
        try rig.pass(milliseconds: 10)
        #expect(storage.disk.names.filter { LogFormat.segmentNumber($0) != nil }.count < before)
        #expect(rig.run.entries.entries.count == 200)
    }

    @Test func readingAgainFindsWhatChangedOnDisk() throws {
        let rig = try Rig { $0.scrubIntervalMillis = 10_000 }
        try rig.pass(milliseconds: 10)
        for index in 0..<200 {
            try rig.run.put("key \(index)", "value")
            rig.run.sync()
            if index == 60 {
                rig.desk.wantSnapshot()
                try rig.pass(milliseconds: 100)
            }
        }
        try rig.pass(milliseconds: 15_000)
        #expect(rig.desk.statistics.scrubs == 1)
        #expect(rig.desk.statistics.damages == 0)

        let names = rig.run.storage.disk.names
        let snapshot = try #require(names.first { $0.hasSuffix(".snapshot") })
        let segment = try #require(names.first { LogFormat.segmentNumber($0) != nil })
        rig.run.storage.disk.flipBit(snapshot, 200, bit: 0)
        rig.run.storage.disk.flipBit(segment, 200, bit: 0)
        try rig.pass(milliseconds: 10_000)
        #expect(rig.desk.statistics.damages == 2)
        let found = rig.events.compactMap { if case .foundDamage(let damage) = $0 { damage.file } else { nil } }
        #expect(found.sorted() == [segment, snapshot].sorted())
        #expect(rig.run.log.currentRefusal == nil)
    }

    @Test func readingAgainIsNoFasterThanAllowed() throws {
        let rig = try Rig {
            $0.scrubIntervalMillis = 1_000
            $0.scrubBytesPerSecond = 1_000
        }
        for index in 0..<200 {
            try rig.run.put("key \(index)", "value")
            rig.run.sync()
        }
        try rig.pass(milliseconds: 5_000)
        #expect(rig.desk.statistics.scrubbedBytes > 0)
        #expect(rig.desk.statistics.scrubbedBytes < 9_000)
    }
}
