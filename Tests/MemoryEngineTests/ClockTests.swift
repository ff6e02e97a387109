//! Expiry when the wall clock ran ahead and is put back.

import StorageEngine
import Testing
import Timing

@testable import MemoryEngine

@Suite struct ClockTests {
    private static let hourMillis: Int64 = 3_600_000

    /// More often than there can be something to do.
    private func maintain(_ store: Store) {
        for _ in 0..<50 { store.maintain() }
    }

    @Test func expiryGoesOnWhenTheClockIsPutBack() throws {
        let store = Store()
        store.time.advance(byMilliseconds: Self.hourMillis)
        for number in 0..<5_000 { try store.put("old \(number)", "x", ttl: 2 * Self.hourMillis) }
        maintain(store)

        store.time.advance(byMilliseconds: -Self.hourMillis)
        for number in 0..<100 { try store.put("new \(number)", "x", ttl: 5_000) }
        // One call does a bounded piece, in which entries come and go.
        #expect(!store.engine.maintain(worker: 0, of: 1, now: store.now, session: store.session))
        store.engine._checkInvariants()
        for number in 0..<500 {
            #expect(try store.remove("old \(number)"))
            #expect(try store.touch("old \(number + 500)", ttl: 10_000))
        }
        maintain(store)
        store.engine._checkInvariants()
        #expect(store.engine.statistics().keys == 4_600)
        #expect(store.engine.statistics().expiredKeys == 0)

        store.time.advance(byMilliseconds: 6_000)
        maintain(store)
        #expect(store.engine.statistics().expiredKeys == 100)
        store.time.advance(byMilliseconds: 5_000)
        maintain(store)
        #expect(store.engine.statistics().expiredKeys == 600)
        store.time.advance(byMilliseconds: 3 * Self.hourMillis)
        maintain(store)
        #expect(store.engine.statistics().expiredKeys == 4_600)
        #expect(store.engine.statistics().keys == 0)
        store.engine._checkInvariants()
    }

    @Test func expiryGoesOnWhenTheClockIsPutBackTwice() throws {
        let store = Store()
        store.time.advance(byMilliseconds: 2 * Self.hourMillis)
        for number in 0..<5_000 { try store.put("old \(number)", "x", ttl: Self.hourMillis) }
        maintain(store)
        for _ in 0..<2 {
            store.time.advance(byMilliseconds: -Self.hourMillis)
            store.maintain()
        }
        try store.put("new", "x", ttl: 1_000)
        maintain(store)
        store.time.advance(byMilliseconds: 2_000)
        maintain(store)
        #expect(store.engine.statistics().expiredKeys == 1)
        store.engine._checkInvariants()
    }

    /// There is no wheel to follow, and the next one begins where the clock is.
    @Test func expiryGoesOnWhenNothingWasTimedBefore() throws {
        let store = Store()
        store.time.advance(byMilliseconds: Self.hourMillis)
        for number in 0..<100 { try store.put("\(number)", "x") }
        store.time.advance(byMilliseconds: -Self.hourMillis)
        store.maintain()
        for number in 0..<100 { try store.put("\(number)", "x", ttl: Self.hourMillis / 2) }
        for number in 0..<100 { try store.put("new \(number)", "x", ttl: 1_000) }
        store.time.advance(byMilliseconds: 2_000)
        maintain(store)
        #expect(store.engine.statistics().expiredKeys == 100)
        store.engine._checkInvariants()
    }

    /// A thread that is a little late does not turn wheels back.
    @Test func aTimeThatIsALittleEarlierChangesNothing() throws {
        let store = Store()
        try store.put("k", "x", ttl: Self.hourMillis)
        store.time.advance(byMilliseconds: 60_000)
        maintain(store)
        store.time.advance(byMilliseconds: -5_000)
        maintain(store)
        #expect(store.engine.shards.allSatisfy { $0.wheelStart > store.now })
    }
}
