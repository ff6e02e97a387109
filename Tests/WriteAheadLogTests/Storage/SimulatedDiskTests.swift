//! The twin's faults: what tests of the log rely on happening.

import LogSimulation
import NeedletailThreads
import Testing
import Timing
import WriteAheadLog

@Suite struct SimulatedDiskTests {
    private let storage = SimulatedLogStorage()

    /// What is left after many crashes of one state.
    private func crashes(_ count: Int = 400, of name: String = "f") -> [[UInt8]?] {
        (0..<UInt64(count)).map { seed in
            var generator = SimulationGenerator(seed: seed)
            var disk = storage.disk
            disk.crash(&generator)
            return disk.contents(name)
        }
    }

    private func file(_ bytes: [UInt8]) throws -> any LogFile {
        let file = try storage.open("f", .create)
        try file.write(bytes, at: 0)
        try file.syncData()
        try storage.syncDirectory()
        return file
    }

    @Test func whatWasSyncedSurvives() throws {
        let bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
        _ = try file(bytes)
        #expect(crashes().allSatisfy { $0 == bytes })
    }

    @Test func ofUnsyncedWritesAnySectorsSurvive() throws {
        let old = [UInt8](repeating: 1, count: 2_048)
        try file(old).write([UInt8](repeating: 2, count: 2_048), at: 0)
        let left = crashes().compactMap { $0 }
        #expect(left.contains(old))
        #expect(left.contains([UInt8](repeating: 2, count: 2_048)))
        // A later sector without an earlier one.
        #expect(left.contains { $0.prefix(512).allSatisfy { $0 == 1 } && $0.suffix(512).allSatisfy { $0 == 2 } })
        // Within one sector both.
        #expect(left.contains { Set($0.prefix(512)).count == 2 })
        #expect(left.allSatisfy { $0.count == 2_048 && $0.allSatisfy { 1...2 ~= $0 } })
    }

    @Test func unsyncedSizesMayBeLost() throws {
        let file = try file([1])
        try file.allocate(1_000)
        #expect(Set(crashes().map { $0?.count }) == [1, 1_000])
        try file.syncData()
        #expect(Set(crashes().map { $0?.count }) == [1_000])
    }

    @Test func unsyncedNamesMayBeLost() throws {
        try storage.open("new", .create).syncData()
        #expect(Set(crashes(of: "new").map { $0 == nil }) == [true, false])
        try storage.syncDirectory()
        try storage.rename("new", to: "newer")
        #expect(Set(crashes(of: "new").map { $0 == nil }) == [true, false])
        #expect(Set(crashes(of: "newer").map { $0 == nil }) == [true, false])
        try storage.syncDirectory()
        #expect(Set(crashes(of: "newer").map { $0 == nil }) == [false])
        try storage.remove("newer")
        #expect(Set(crashes(of: "newer").map { $0 == nil }) == [true, false])
    }

    @Test func aRenamedFileHasOneNameAfterACrash() throws {
        _ = try file([1])
        try storage.rename("f", to: "g")
        try storage.rename("g", to: "h")
        for seed in 0..<200 as Range<UInt64> {
            var generator = SimulationGenerator(seed: seed)
            var disk = storage.disk
            disk.crash(&generator)
            #expect(disk.names.count == 1)
        }
    }

    @Test func theSameSeedCrashesTheSameWay() throws {
        try file([UInt8](repeating: 1, count: 9_000)).write([UInt8](repeating: 2, count: 9_000), at: 0)
        #expect(crashes(50) == crashes(50))
    }

    @Test func afterAStopNothingWorks() throws {
        let file = try file([1])
        let lock = try storage.lock("LOCK")
        var generator = SimulationGenerator(seed: 1)
        let next = storage.crashed(&generator)
        let error = #expect(throws: LogStorageError.self) { try file.write([1], at: 0) }
        #expect(error?.code == SimulatedLogStorage.stoppedCode)
        #expect(throws: LogStorageError.self) { try storage.list() }
        // The next run has locks of its own.
        #expect(try next.lock("LOCK") != nil)
        #expect(try next.open("f", .read).contents() == [1])
        withExtendedLifetime(lock) {}
    }

    @Test func everythingStopsInTheMiddleOfACall() throws {
        let file = try file([1, 1, 1])
        storage.faults.planStop(call: 2)
        try file.write([2], at: 0)
        let error = #expect(throws: LogStorageError.self) { try file.write([3, 3, 3], at: 0) }
        #expect(error?.code == SimulatedLogStorage.stoppedCode && storage.isStopped)
        #expect(throws: LogStorageError.self) { try file.size() }
        #expect(storage.disk.contents("f")?.allSatisfy { 1...3 ~= $0 } == true)
    }

    @Test func aFailedSyncIsNotMadeGoodByALaterOne() throws {
        let file = try file([UInt8](repeating: 1, count: 512))
        try file.write([UInt8](repeating: 2, count: 512), at: 0)
        var lost = 0
        for seed in 0..<50 as Range<UInt64> {
            let copy = SimulatedLogStorage(storage.disk, faults: SimulatedFaults(seed: seed))
            let file = try copy.open("f", .write)
            copy.plan(.failure(code: SimulatedFaults.ioError), .sync)
            let error = #expect(throws: LogStorageError.self) { try file.syncData() }
            #expect(error?.operation == .sync && error?.code == SimulatedFaults.ioError)
            try file.syncData()
            #expect(try file.contents().first == 2)
            var generator = SimulationGenerator(seed: seed)
            if copy.crashed(&generator).disk.contents("f")?.first == 1 { lost += 1 }
        }
        #expect(0 < lost && lost < 50)
    }

    @Test func aSyncThatLiesKeepsNothing() throws {
        let file = try file([1])
        try file.write([2], at: 0)
        storage.plan(.lie, .sync)
        try file.syncData()
        #expect(Set(crashes()) == [[1], [2]])
    }

    @Test func theNthCallFails() throws {
        let file = try file([1])
        storage.plan(.failure(code: 5), .size, call: 3)
        _ = try file.size()
        _ = try file.size()
        #expect(throws: LogStorageError.self) { try file.size() }
        #expect(try file.size() == 1)
        #expect(storage.faults.calls(.size) == 4)
    }

    @Test func aWriteThatFailsMayBeWrittenInPart() throws {
        let file = try file([0, 0, 0, 0])
        var found = Set<[UInt8]>()
        for _ in 0..<100 {
            try file.write([0, 0, 0, 0], at: 0)
            storage.plan(.failure(code: 5), .write)
            #expect(throws: LogStorageError.self) { try file.write([1, 1, 1, 1], at: 0) }
            found.insert(try file.contents())
        }
        #expect(found == [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])
    }

    @Test func callsFailByChance() throws {
        let file = try file([1])
        storage.faults.failuresPerMillion[.size] = 500_000
        let failures = (0..<1_000).filter { _ in (try? file.size()) == nil }.count
        #expect(400...600 ~= failures)
        storage.faults.clear()
        #expect(try file.size() == 1)
    }

    @Test func aFullDiskTakesNothingUntilSomethingGoes() throws {
        storage.capacity = 1_000
        let file = try storage.open("f", .create)
        try file.allocate(600)
        let other = try storage.open("g", .create)
        let allocation = #expect(throws: LogStorageError.self) { try other.allocate(401) }
        #expect(allocation?.operation == .allocate && allocation?.isOutOfSpace == true)
        #expect(try other.size() == 0)
        try other.allocate(300)
        // Within what was allocated there is room.
        try file.write([UInt8](repeating: 1, count: 600), at: 0)
        #expect(throws: LogStorageError.self) { try file.write([UInt8](repeating: 2, count: 200), at: 590) }
        #expect(try file.size() == 700)
        try storage.remove("g")
        try file.write([UInt8](repeating: 2, count: 200), at: 590)
        #expect(storage.disk.usedBytes == 790)
    }

    @Test func bitsFlipOnDisk() throws {
        let file = try file([0, 0, 0])
        storage.disk.flipBit("f", 1, bit: 7)
        #expect(try file.contents() == [0, 128, 0])
        #expect(crashes(5).allSatisfy { $0 == [0, 128, 0] })
        storage.disk.cut("f", to: 2)
        #expect(try file.contents() == [0, 128])
    }

    @Test func aDiskIsAValue() throws {
        let file = try file([1])
        let before = storage.disk
        try file.write([2], at: 0)
        #expect(before.contents("f") == [1])
        let second = SimulatedLogStorage(before)
        try second.open("f", .write).write([3], at: 0)
        #expect(try file.contents() == [2])
    }

    @Test func aSyncCanBeHeld() throws {
        let latch = SyncLatch()
        let file = try file([1])
        storage.latch = latch
        let thread = DedicatedThread("sync") { try? file.syncData() }
        #expect(latch.waitForSync(until: Clock.system.now().advanced(byMilliseconds: 30_000)))
        #expect(storage.faults.calls(.sync) == 1)
        latch.open()
        thread.join()
        #expect(storage.faults.calls(.sync) == 2)
    }
}
