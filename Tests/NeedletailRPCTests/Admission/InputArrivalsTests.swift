import Testing
import Timing

@testable import NeedletailRPC

@Suite struct InputArrivalsTests {
    private func time(_ millis: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: millis * 1_000_000) }

    @Test func aCallIsAsOldAsItsLastBytesUnlessItWaits() {
        let arrivals = InputArrivals(time(0))
        arrivals.add(10, at: time(1), unreadSince: time(1), isBehindCalls: false)
        arrivals.add(5, at: time(7), unreadSince: time(6), isBehindCalls: false)
        #expect(arrivals.arrival == time(7) && arrivals.unreadSince == time(6) && !arrivals.hasLater)
    }

    @Test func whatComesBehindWaitingCallsIsYounger() {
        let arrivals = InputArrivals(time(0))
        arrivals.add(10, at: time(1), unreadSince: time(1), isBehindCalls: false)
        arrivals.add(20, at: time(2), unreadSince: time(1), isBehindCalls: true)
        arrivals.add(5, at: time(3), unreadSince: time(2), isBehindCalls: true)
        #expect(arrivals.arrival == time(1))
        arrivals.advance(bytesLeft: 26)
        #expect(arrivals.arrival == time(1), "its first byte came with the first read")
        arrivals.advance(bytesLeft: 25)
        #expect(arrivals.arrival == time(2) && arrivals.hasLater)
        arrivals.advance(bytesLeft: 6)
        #expect(arrivals.arrival == time(2))
        arrivals.advance(bytesLeft: 0)
        #expect(arrivals.arrival == time(3) && !arrivals.hasLater)
    }

    @Test func readsThatAreToldApartAreBounded() {
        let arrivals = InputArrivals(time(0))
        arrivals.add(1, at: time(0), unreadSince: time(0), isBehindCalls: false)
        for read in 1...1_000 {
            arrivals.add(1, at: time(Int64(read)), unreadSince: time(0), isBehindCalls: true)
        }
        arrivals.advance(bytesLeft: 1)
        #expect(arrivals.arrival == time(64) && !arrivals.hasLater)
    }
}
