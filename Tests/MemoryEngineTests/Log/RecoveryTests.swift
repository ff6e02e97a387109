//! An engine that is logged, lost, and made again of its log.

import LogSimulation
import NIOCore
import StorageEngine
import Synchronization
import Testing
import Timing
import WriteAheadLog

@testable import MemoryEngine

@Suite struct RecoveryTests {
    /// Everything in the store: values, versions, expiries.
    private func content(_ store: Store) throws -> [String: CollectingSink.Result] {
        var content: [String: CollectingSink.Result] = [:]
        for key in try store.scan() { content[key] = store.get(key) }
        return content
    }

    @Test(arguments: [1, 3]) func whatWasLoggedIsThereAgain(workers: Int) throws {
        let logged = try LoggedStore()
        let store = logged.store
        var generator = SeededGenerator(seed: 11)
        func key() -> String { "key \(Int.random(in: 0..<200, using: &generator))" }
        for step in 0..<3_000 {
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: _ = try store.remove(key())
            case 1: _ = try store.touch(key(), ttl: step % 2 == 0 ? nil : 1_000_000)
            case 2: _ = try? store.increment("count \(step % 10)", by: 3)
            case 3: _ = try logged.multiPut([(key(), "a \(step)"), (key(), "b \(step)")], atomic: true)
            case 4:
                let again = key()
                _ = try logged.multiPut([(again, "first"), (again, "last \(step)")], atomic: true)
            case 5: try store.put(key(), String(repeating: "x", count: step), ttl: 1_000_000)
            default: try store.put(key(), "\(step)")
            }
            if step % 100 == 0 { logged.log.commit() }
        }
        #expect(logged.log.close() == nil)

        let again = Store()
        let (recovered, report) = try LogRecovery(LogDirectory.open(logged.storage)).run(
            into: MemoryReplay(into: again.engine, now: store.now), workers: workers)
        #expect(try content(again) == content(store))
        #expect(recovered.lastLSN == logged.log.appendedLSN)
        #expect(report.entries >= 2_000)
        #expect(report.tail == nil)
        #expect(report.losses == [])
    }

    @Test func anAtomicBatchHasEachKeyOnceWithItsLastValue() throws {
        let logged = try LoggedStore()
        let puts = [("a", "1"), ("b", "1"), ("a", "2"), ("c", "1"), ("a", "3"), ("b", "2")]
        #expect(try logged.multiPut(puts, atomic: true) == Array(repeating: .stored, count: 6))
        #expect(logged.log.close() == nil)

        let again = Store()
        let (_, report) = try LogRecovery(LogDirectory.open(logged.storage)).run(
            into: MemoryReplay(into: again.engine, now: logged.store.now))
        #expect(report.entries == 3)
        for store in [logged.store, again] {
            #expect(["a", "b", "c"].compactMap { store.text($0) } == ["3", "2", "1"])
            #expect(["a", "b", "c"].map { store.get($0).version } == [1_000, 1_000, 1_000])
        }
    }

    /// Notes what it is told to expect.
    private final class Expectation: ReplayTarget {
        let changes = Atomic<Int>(0)

        func begin(expecting changes: Int) { self.changes.store(changes, ordering: .relaxed) }
        func place(_ records: inout MutableSpan<LogRecord>, workers: Int) {}
        func apply(_ records: Span<LogRecord>, worker: Int, of workers: Int) {}
    }

    @Test func whatTheLogOverwritesOfTheSnapshotIsExpectedOnce() throws {
        let logged = try LoggedStore()
        let directory = try LogDirectory.open(logged.storage)
        for number in 0..<2_000 { try logged.store.put("key \(number)", "value") }
        var snapshot = LogSnapshot(logged.log, directory, source: MemorySnapshot(of: logged.engine), after: nil)
        while true {
            if case .done = try snapshot.step() { break }
            logged.log.commit()
        }
        for number in 0..<2_000 { try logged.store.put("key \(number)", "later") }
        #expect(logged.log.close() == nil)

        let expectation = Expectation()
        let (_, report) = try LogRecovery(directory).run(into: expectation)
        #expect(report.entries == 4_000)
        let expected = expectation.changes.load(ordering: .relaxed)
        #expect(expected > 1_500 && expected < 3_000, "\(expected) entries")
    }
}
