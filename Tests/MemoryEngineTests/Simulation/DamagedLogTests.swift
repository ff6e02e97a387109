//! A killed server's small log, with a snapshot, several runs and an end that nothing vouches for: each byte is changed, and
//! each file cut everywhere. What an engine recovers of it is a prefix of what happened, with all that the log says was on
//! disk, or it refuses.

import LogSimulation
import NIOCore
import StorageEngine
import Testing
import Timing
import WriteAheadLog

@testable import MemoryEngine

@Suite struct DamagedLogTests {
    private struct Log {
        var disk: SimulatedDisk
        var history: History
        /// What marks in the log say.
        var durableLSN: Int64
    }

    /// The log that all of it is tried with.
    private func makeLog() throws -> Log {
        var history = History()
        var disk = SimulatedDisk()
        var durableLSN: Int64 = 0
        for run in 0..<3 as Range<Int64> {
            let life = try Life(SimulatedLogStorage(disk), now: run * 1_000, shards: 1, workers: 1)
            // The state goes on in the same history, so that any prefix of all of it can be told.
            for number in 0..<8 { try put(life, &history, "key\(number)", "run \(run)") }
            life.log.commit()
            if run == 1 { try life.takeSnapshot() }
            try putTogether(life, &history, ["key1", "key2", "key3"], "batch \(run)")
            try remove(life, &history, "key\(run)")
            life.log.commit()
            life.log.syncInBackground()
            durableLSN = life.log.syncedLSN
            // Each in a write of its own, which begins with a mark.
            for number in 4..<8 {
                try put(life, &history, "key\(number)", "late \(run)")
                life.log.commit()
            }
            disk = life.storage.stop()
        }
        return Log(disk: disk, history: history, durableLSN: durableLSN)
    }

    private func put(_ life: Life, _ history: inout History, _ key: String, _ value: String) throws {
        try life.store.put(key, value)
        try history.add(life.log.appendedLSN, [(key, .put(Array(value.utf8), expiry: .distantFuture))])
    }

    private func remove(_ life: Life, _ history: inout History, _ key: String) throws {
        #expect(try life.store.remove(key))
        try history.add(life.log.appendedLSN, [(key, .remove)])
    }

    private func putTogether(_ life: Life, _ history: inout History, _ keys: [String], _ value: String) throws {
        let entries = keys.map { EngineEntry(key: ByteBuffer(string: $0), value: ByteBuffer(string: value)) }
        _ = try life.store.engine.multiPut(entries, atomic: true, now: life.store.now, session: life.store.session)
        let edits = keys.map { (key: $0, edit: History.Edit.put(Array(value.utf8), expiry: .distantFuture)) }
        try history.add(life.log.appendedLSN, edits)
    }

    private enum Outcome {
        case whole, prefix, refused
    }

    /// Recovers a disk with damage.
    private func recover(_ disk: SimulatedDisk, _ log: Log, shards: Int = 1) throws -> Outcome {
        let life: Life
        do {
            life = try Life(SimulatedLogStorage(disk), now: 10_000, shards: shards, workers: 1)
        } catch is LogRecoveryError {
            return .refused
        } catch is LogOpenError {
            return .refused
        }
        let lsn = life.recovered.lastLSN
        guard lsn >= log.durableLSN else { throw Violation(description: "LSN \(log.durableLSN) was lost silently") }
        var history = log.history
        let lastLSN = history.greatestLSN
        try history.cut(through: lsn)
        try life.check(history)
        guard lsn < lastLSN else { return .whole }
        guard life.report.tail != nil else { throw Violation(description: "LSN \(lsn + 1) was lost silently") }
        return .prefix
    }

    /// The bytes of a file that mean something: not the space that is allocated behind them.
    private func usedBytes(_ contents: [UInt8]) -> Int {
        min(contents.count, (contents.lastIndex { $0 != 0 } ?? 0) + 40)
    }

    @Test func anyFlippedBitIsRefusedOrLosesTheTailAlone() throws {
        let log = try makeLog()
        var counts: [Outcome: Int] = [:]
        for name in log.disk.names where name != "LOCK" {
            for offset in 0..<usedBytes(log.disk.contents(name) ?? []) {
                for bit in Scale.isFull ? Array(0..<8) : [(offset &* 5 &+ 3) % 8] {
                    var disk = log.disk
                    disk.flipBit(name, offset, bit: bit)
                    do {
                        counts[try recover(disk, log), default: 0] += 1
                    } catch {
                        Issue.record("\(name), byte \(offset), bit \(bit): \(error)")
                    }
                }
            }
        }
        #expect(
            counts[.whole, default: 0] > 50 && counts[.prefix, default: 0] > 50 && counts[.refused, default: 0] > 500)
    }

    @Test func aFileCutAnywhereIsRefusedOrLosesTheTailAlone() throws {
        let log = try makeLog()
        var counts: [Outcome: Int] = [:]
        for name in log.disk.names where name != "LOCK" {
            for size in 0..<usedBytes(log.disk.contents(name) ?? []) {
                var disk = log.disk
                disk.cut(name, to: size)
                do {
                    counts[try recover(disk, log), default: 0] += 1
                } catch {
                    Issue.record("\(name), cut to \(size) bytes: \(error)")
                }
            }
        }
        #expect(counts[.refused, default: 0] > 500)
    }

    @Test func whatIsNotDamagedIsWhole() throws {
        let log = try makeLog()
        #expect(try recover(log.disk, log) == .whole)
        #expect(try recover(log.disk, log, shards: 4) == .whole)
        #expect(log.disk.names.contains { $0.hasSuffix(".snapshot") })
    }
}
