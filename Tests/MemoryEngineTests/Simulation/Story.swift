//! Life after life of one store on one disk, with a crash, a kill or a good end between them, and whatever goes wrong with
//! disks in them. All of it follows from a seed.
//!
//! What must hold after each: the state is that after some change of the history, with its values, versions and expiries,
//! and all before it; no acknowledged change comes after it; no LSN is given out twice; no crash looks like damage.

import LogSimulation
import StorageEngine
import Timing
import WriteAheadLog

@testable import MemoryEngine

struct Story {
    /// Crashes, kills and other ends so far.
    private(set) var ends = 0
    /// Snapshots that were taken in all lives.
    private(set) var snapshots = 0
    private(set) var trace = Trace()
    private var generator: SimulationGenerator
    private var disk = SimulatedDisk()
    private var history = History()
    /// What must be there after the next recovery.
    private var keptLSN: Int64 = 0
    /// What must be there also if the machine crashes first.
    private var keptOnDiskLSN: Int64 = 0
    private var now: Int64 = 0
    /// The planted bug: one sync of each life does nothing.
    private let skipsSync: Bool

    init(seed: UInt64, skipsSync: Bool = false) {
        generator = SimulationGenerator(seed: seed)
        self.skipsSync = skipsSync
    }

    mutating func run(ends: Int) throws {
        while self.ends < ends {
            let life = try begin()
            try live(life)
            try end(life)
        }
        // The last state can be recovered too.
        _ = try begin()
    }

    // MARK: The beginning of a life

    /// Recovers, which may take several tries.
    private mutating func begin() throws -> Life {
        for attempt in 0... {
            // LSNs that nobody knows of any more are behind the clock.
            now += .random(in: 50...200, using: &generator)
            let storage = SimulatedLogStorage(disk, faults: SimulatedFaults(seed: generator.next()))
            if attempt < 2, Int.random(in: 0..<4, using: &generator) == 0 { plant(storage, calls: 40) }
            do {
                let shards = [1, 4].randomElement(using: &generator) ?? 1
                // Recovery by two threads comes to the same.
                let life = try Life(storage, now: now, shards: shards, workers: ends % 8 == 7 ? 2 : 1)
                storage.faults.clear()
                storage.capacity = .max
                try check(life)
                return life
            } catch is LogStorageError {
                stop(storage)
            } catch LogRecoveryError.storage {
                stop(storage)
            } catch LogOpenError.storage {
                stop(storage)
            }
        }
        preconditionFailure("never")
    }

    /// A life that did not come to begin: nothing more may be lost by it.
    private mutating func stop(_ storage: SimulatedLogStorage) {
        trace.note(10)
        disk = storage.stop()
        disk.capacity = .max
        if Bool.random(using: &generator) { crash() }
    }

    private mutating func crash() {
        disk.crash(&generator)
        keptLSN = keptOnDiskLSN
        ends += 1
    }

    private mutating func check(_ life: Life) throws {
        let lsn = life.recovered.lastLSN
        trace.note(11, lsn)
        guard lsn >= keptLSN else { throw Violation(description: "LSN \(keptLSN) was kept, but \(lsn) is the last") }
        try history.cut(through: lsn)
        // What was recovered is there for good.
        keptLSN = lsn
        keptOnDiskLSN = lsn
        try life.check(history)
    }

    // MARK: A life and its end

    private mutating func live(_ life: Life) throws {
        if skipsSync {
            life.storage.plan(.lie, .sync, call: .random(in: 1...3, using: &generator))
        } else if Int.random(in: 0..<3, using: &generator) > 0 {
            plant(life.storage, calls: 30)
        }
        for _ in 0..<Int.random(in: 1...120, using: &generator) {
            if life.storage.isStopped { break }
            if life.storage.capacity != .max, Int.random(in: 0..<20, using: &generator) == 0 {
                life.storage.capacity = .max
            }
            try life.turn(&history, &generator, &trace)
        }
    }

    private mutating func end(_ life: Life) throws {
        let way = Int.random(in: 0..<10, using: &generator)
        now = life.store.now.milliseconds - Store().now.milliseconds
        if way == 0, !life.storage.isStopped, life.close(), let last = history.changes.last { keptOnDiskLSN = last.lsn }
        snapshots += life.snapshots
        disk = life.storage.stop()
        disk.capacity = .max
        trace.note(12, Int64(way), life.loggedLSN, life.syncedLSN)
        keptOnDiskLSN = max(keptOnDiskLSN, kept(life.syncedLSN))
        keptLSN = max(keptOnDiskLSN, kept(life.loggedLSN))
        if way < 3 {
            // The process alone.
            ends += 1
        } else {
            crash()
        }
    }

    /// The last change up to an LSN; a log's marks begin where no change is.
    private func kept(_ lsn: Int64) -> Int64 { history.changes.last { $0.lsn <= lsn }?.lsn ?? 0 }

    /// Has something go wrong within about so many calls.
    private mutating func plant(_ storage: SimulatedLogStorage, calls: Int) {
        let call = Int.random(in: 1...calls, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            storage.faults.planStop(call: call)
        case 1:
            let operations: [LogStorageError.Operation] = [
                .write, .write, .sync, .sync, .syncDirectory, .allocate, .rename, .create, .open, .remove, .read,
            ]
            let operation = operations.randomElement(using: &generator) ?? .sync
            let code = Bool.random(using: &generator) ? SimulatedFaults.ioError : SimulatedFaults.noSpace
            storage.plan(.failure(code: code), operation, call: (call + 2) / 3)
        case 2:
            storage.capacity = disk.usedBytes + .random(in: 0...30_000, using: &generator)
        default:
            storage.faults.failuresPerMillion = [.sync: 20_000, .write: 10_000, .syncDirectory: 10_000]
        }
    }
}
