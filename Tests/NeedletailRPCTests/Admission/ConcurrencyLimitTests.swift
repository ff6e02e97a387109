import Testing
import Timing

@testable import NeedletailRPC

@Suite struct ConcurrencyLimitTests {
    private static let millis: Int64 = 1_000_000
    private var now = MonotonicTime(nanoseconds: 0)

    /// Keeps `inFlight` calls in flight that take `callMillis` each, for so many milliseconds.
    private mutating func run(_ limit: inout ConcurrencyLimit, inFlight: Int, callMillis: Int64, forMillis: Int64) {
        for _ in 0..<forMillis / callMillis {
            while limit.inFlight < inFlight { limit.begin() }
            now = now.advanced(byMilliseconds: callMillis)
            for _ in 0..<inFlight { limit.end(nanoseconds: callMillis * Self.millis, at: now) }
        }
    }

    @Test mutating func itGrowsWhileCallsTakeAsLongAsUsual() {
        var limit = ConcurrencyLimit(bounds: 10...10_000)
        #expect(limit.limit == 4_096)
        run(&limit, inFlight: 4_096, callMillis: 10, forMillis: 2_000)
        #expect(limit.limit > 4_200)
        #expect(limit.inFlight == 0)
    }

    @Test func withoutABoundItIsNeverCrowded() {
        var limit = ConcurrencyLimit(bounds: Int.max...Int.max)
        limit.begin()
        #expect(!limit.isCrowded && !limit.isFull)
    }

    @Test mutating func itShrinksWhenCallsTakeLongerAndRecovers() {
        var limit = ConcurrencyLimit(bounds: 10...5_000)
        run(&limit, inFlight: 1_000, callMillis: 10, forMillis: 2_000)
        #expect(limit.limit == 4_096, "it is not used to its half: nothing is learned")
        run(&limit, inFlight: 3_000, callMillis: 50, forMillis: 1_000)
        let shrunk = limit.limit
        #expect(shrunk < 2_500, "\(shrunk)")
        run(&limit, inFlight: shrunk, callMillis: 10, forMillis: 5_000)
        #expect(limit.limit > shrunk + 100)
    }

    @Test mutating func itStaysWithinItsBounds() {
        var small = ConcurrencyLimit(bounds: 2_000...4_000)
        #expect(small.limit == 4_000)
        run(&small, inFlight: 4_000, callMillis: 10, forMillis: 1_000)
        #expect(small.limit == 4_000)
        run(&small, inFlight: 4_000, callMillis: 100, forMillis: 10_000)
        #expect(small.limit == 2_000)
        #expect(ConcurrencyLimit(bounds: 5_000...6_000).limit == 5_000)
    }

    @Test mutating func itStaysWithinANarrowerRangeWhileMemoryIsShort() {
        var limit = ConcurrencyLimit(bounds: 1_000...11_000)
        limit.narrow(toPercent: 50)
        #expect(limit.limit == 4_096, "it is below the new bound of 6000")
        limit.narrow(toPercent: 10)
        #expect(limit.limit == 2_000)
        run(&limit, inFlight: 2_000, callMillis: 10, forMillis: 2_000)
        #expect(limit.limit == 2_000)
        limit.narrow(toPercent: 0)
        #expect(limit.limit == 1_000)
        limit.narrow(toPercent: 100)
        run(&limit, inFlight: 1_000, callMillis: 10, forMillis: 2_000)
        #expect(limit.limit > 1_000)
        var none = ConcurrencyLimit(bounds: .max ... .max)
        none.narrow(toPercent: 0)
        #expect(none.limit == .max)
    }

    @Test func aCallThatWasGivenUpSaysNothing() {
        var limit = ConcurrencyLimit(bounds: 2...2)
        limit.begin()
        #expect(!limit.isFull)
        limit.begin()
        #expect(limit.isFull)
        limit.giveUp()
        #expect(!limit.isFull && limit.inFlight == 1)
    }
}
