//! Many threads on one engine, each answer compared with a model: writers own disjoint keys and know exactly what they
//! hold (KeyOwner.swift), readers and scans look at all of them (Watcher.swift), housekeeping runs beside, time moves.
//!
//! A run has rounds in which the store grows and shrinks in turn, so that tables split and merge under the readers.
//! Between rounds all is quiet: then the invariants are checked and everything is compared. At the end everything is
//! removed, and the memory must be what it was.

import Glibc
import StorageEngine
import Synchronization
import Testing
import Timing

@testable import MemoryEngine

@Suite(.serialized) struct StressTests {
    private static let readers = 2
    private static let seeds: [UInt64] = Scale.isFull ? Array(1...5) : [1]
    private static let rounds = Scale.pick(4, full: 12)
    private static let stepsPerRound = Scale.pick(800, full: 40_000)

    @Test(arguments: seeds) func withoutALimitNothingIsLost(seed: UInt64) throws {
        try stress(MemoryEngineConfiguration(shardCount: 4, seed: seed), seed)
    }

    @Test(arguments: seeds) func threadsThatMeetInOneShardLoseNothing(seed: UInt64) throws {
        try stress(MemoryEngineConfiguration(shardCount: 1, seed: seed), seed)
    }

    @Test(arguments: seeds) func atTheLimitAWriteIsDoneOrRefused(seed: UInt64) throws {
        let refused = try stress(
            MemoryEngineConfiguration(shardCount: 8, memoryLimitBytes: 448 << 10, seed: seed), seed)
        #expect(refused > 0)
    }

    @Test(arguments: seeds) func whatIsEvictedIsMissingAndNeverWrong(seed: UInt64) throws {
        let limit = 448 << 10
        try stress(
            MemoryEngineConfiguration(
                shardCount: 8, memoryLimitBytes: limit, evictionPolicy: .s3fifo, seed: seed), seed)
    }

    /// One run; returns how many writes were refused for want of memory.
    @discardableResult
    private func stress(_ configuration: MemoryEngineConfiguration, _ seed: UInt64) throws -> Int {
        let run = StressRun(configuration, seed: seed)
        let empty = (reserved: run.engine.reservedBytes, statistics: run.engine.statistics())
        let owners = (0..<StressRun.writers).map { KeyOwner($0, of: run) }
        for owner in owners { owner.begin() }
        for round in 0..<Self.rounds {
            work(run, owners, round)
            compare(run, owners)
        }
        let statistics = run.engine.statistics()
        #expect(statistics.expiredKeys > 0 && (statistics.evictedKeys > 0) == run.evicts)

        for owner in owners { owner.end() }
        run.engine._checkInvariants()
        let session = run.engine.makeSession()
        for _ in 0..<2 { while !run.engine.maintain(worker: 0, of: 1, now: run.now, session: session) {} }
        let end = run.engine.statistics()
        #expect(end.keys == 0 && end.entryBytes == 0, "seed \(seed)")
        // What may stay: directories that have grown.
        #expect(end.tableBytes <= empty.statistics.tableBytes + 4 << 10, "seed \(seed)")
        #expect(run.engine.reservedBytes <= empty.reserved + 4 << 10, "seed \(seed)")
        run.engine._checkInvariants()
        return owners.reduce(0) { $0 + $1.refusedWrites }
    }

    /// All threads at once, until the writers have done their steps.
    private func work(_ run: StressRun, _ owners: [KeyOwner], _ round: Int) {
        let working = Atomic<Int>(owners.count)
        onThreads(owners.count + Self.readers + 2) { thread in
            let seed = run.seed &* 1_000 &+ UInt64(round * 100 + thread)
            switch thread - owners.count {
            case ..<0:
                for _ in 0..<Self.stepsPerRound { owners[thread].step(shrinks: round % 2 == 1) }
                working.wrappingSubtract(1, ordering: .relaxed)
            case 0..<Self.readers:
                var watcher = Watcher(run, seed: seed)
                while working.load(ordering: .relaxed) > 0 {
                    watcher.readMany(100)
                    for _ in 0..<20 { watcher.readOne() }
                    sched_yield()
                }
            case Self.readers:
                var watcher = Watcher(run, seed: seed)
                while working.load(ordering: .relaxed) > 0 {
                    watcher.scan()
                    sched_yield()
                }
            default:
                let session = run.engine.makeSession()
                var turn = 0
                while working.load(ordering: .relaxed) > 0 {
                    turn += 1
                    run.engine.maintain(worker: turn % 3, of: 3, now: run.now, session: session)
                    if turn % 50 == 0 { run.engine._checkInvariants(quiescent: false) }
                    usleep(1_000)
                }
            }
        }
    }

    /// Everything against the models, with no thread but this one.
    private func compare(_ run: StressRun, _ owners: [KeyOwner]) {
        run.engine._checkInvariants()
        // The wheels may be a tick late.
        run.time.advance(byMilliseconds: 64)
        for owner in owners { owner.read(owner.numbers) }
        var watcher = Watcher(run, seed: run.seed)
        watcher.scan()
        watcher.readMany(1_000)
        // What was missing has left the models, and what has expired leaves the store.
        let session = run.engine.makeSession()
        while !run.engine.maintain(worker: 0, of: 1, now: run.now, session: session) {}
        let keys = run.engine.statistics().keys
        let known = owners.reduce(0) { $0 + $1.model.count }
        run.check(keys >= known, "the store has \(keys) keys, the models have \(known)")
        run.engine._checkInvariants()
    }
}
