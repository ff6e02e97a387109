//! An engine that is logged, lost, and made again of its log.

import LogSimulation
import NIOCore
import StorageEngine
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
}
