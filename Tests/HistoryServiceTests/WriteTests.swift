//! Writes that meet others, break off, or are not waited for.

import HeldEngines
import NIOCore
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing
import Timing

@testable import HistoryService
@testable import NeedletailRPC

struct WriteTests {
    @Test func withoutMemoryNothingIsWrittenAndReadsGoOn() throws {
        let history = History()
        #expect(try history.write("ann", [.at(0, "a")]).get().written == 1)
        history.host.isMemoryFull = true
        let failure = try history.write("ann", [.at(1, "b")]).failure()
        #expect(failure?.code == .outOfMemory && failure?.effect == .notExecuted)
        #expect(try history.write("ann", []).get().written == 0)
        #expect(try history.read("ann", from: 0, to: 10).get().events.map { String(buffer: $0.data) } == ["a"])
        history.host.isMemoryFull = false
        #expect(try history.write("ann", [.at(1, "b")]).get().written == 1)
    }

    /// Writers of one owner whose steps are mixed at random, on several loops.
    @Test func writersWhoMeetLoseNoEvent() throws {
        for seed in 0..<40 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let history = History(seed: seed)
            let services = [
                history.service, history.neighbour(seed: seed + 1_000), history.neighbour(seed: seed + 2_000),
            ]
            history.engine.holds = true
            let answers = try (0..<12).map { writer in
                try history.write(
                    "ann", (0..<4).map { .at(Int64($0) * 60, "\(writer).\($0)") }, timeoutMillis: 60_000,
                    on: services[writer % 3])
            }
            var steps = 0
            while answers.contains(where: { !$0.isGiven }) {
                steps += 1
                try #require(steps < 10_000)
                let waiting = history.engine.waiting.count
                if waiting > 0 {
                    history.engine.release(Int.random(in: 0..<waiting, using: &generator))
                } else {
                    history.pass(milliseconds: 1)
                }
            }
            for answer in answers { #expect(try answer.get().written == 4) }
            history.engine.holds = false
            let events = try history.read("ann", from: 0, to: 300).get().events
            #expect(Set(events.map { String(buffer: $0.data) }).count == 48)
            #expect(events.count == 48)
            #expect(history.timers.count == 0)
        }
    }

    @Test func aWriterWhoAlwaysComesSecondGivesUp() throws {
        let history = History()
        history.engine.losesSwaps = true
        let answer = try history.write("ann", [.at(0, "a")])
        var milliseconds = 0
        while !answer.isGiven {
            milliseconds += 1
            try #require(milliseconds < 2_000)
            history.pass(milliseconds: 1)
        }
        #expect(history.engine.begun.count == 2 * RetryDelays.attemptsMax)
        let failure = answer.failure()
        #expect(failure?.code == .overloaded && failure?.effect == .notExecuted && failure?.retryAfterMillis != nil)
        #expect(history.timers.count == 0)
    }

    @Test func waitsGrowAndAreSpread() {
        var delays = RetryDelays(SplitMix(state: 1))
        for attempt in 1...RetryDelays.attemptsMax {
            let waits = (0..<100).map { _ in delays.next(after: attempt) }
            let bound = Int64(500_000) << Int64(min(attempt - 1, 5))
            #expect(waits.allSatisfy { (0..<bound).contains($0) })
            #expect(waits.contains { $0 > bound / 2 } && waits.contains { $0 < bound / 2 })
        }
    }

    /// Three periods; the failure comes at some step of the six.
    @Test func theEffectSaysWhetherSomethingWasWritten() throws {
        let events = (0..<3).map { Event.at(Int64($0) * 100, "\($0)") }
        for (step, error, effect) in [
            (0, .unavailable(reason: "gone"), .notExecuted), (1, .unavailable(reason: "gone"), .notExecuted),
            (1, .interrupted(reason: "gone"), .unknown), (2, .unavailable(reason: "gone"), .unknown),
            (5, .unavailable(reason: "gone"), .unknown),
        ] as [(Int, EngineError, Effect)] {
            let history = History()
            var steps = 0
            history.engine.failure = { _ in
                defer { steps += 1 }
                return steps == step ? error : nil
            }
            let failure = try history.write("ann", events).failure()
            #expect(failure?.code == .unavailable)
            #expect(failure?.effect == effect, "step \(step)")
            history.engine.failure = { _ in nil }
            #expect(try history.texts("ann", from: 0, to: 300) == (0..<step / 2).map { "\($0)" })
        }
    }

    @Test func theDeadlineEndsAWriteThatWaits() throws {
        for (step, effect) in [(0, .notExecuted), (1, .unknown), (2, .unknown)] as [(Int, Effect)] {
            let history = History()
            history.engine.holds = true
            let answer = try history.write("ann", [.at(0, "a"), .at(100, "b")], timeoutMillis: 50)
            for _ in 0..<step { history.engine.release() }
            history.pass(milliseconds: 49)
            #expect(!answer.isGiven)
            history.pass(milliseconds: 2)
            let failure = answer.failure()
            #expect(failure?.code == .deadlineExceeded && failure?.effect == effect)
            #expect(history.host.deadlinesExceeded == 1)
            // What comes late changes nothing any more.
            let begun = history.engine.begun.count
            history.engine.releaseAll()
            #expect(history.engine.begun.count == begun)
            #expect(history.timers.count == 0)
        }
    }

    @Test func aWriterWhoWaitsForHisNextTurnIsEndedToo() throws {
        let history = History()
        history.engine.losesSwaps = true
        let answer = try history.write("ann", [.at(0, "a")], timeoutMillis: 1)
        history.pass(milliseconds: 2)
        history.pass(milliseconds: 20)
        #expect(answer.failure()?.code == .deadlineExceeded)
        #expect(history.timers.count == 0)
    }

    @Test func aCancelledWriteGoesNoFurther() throws {
        let history = History()
        history.engine.holds = true
        let answer = try history.write("ann", [.at(0, "a")])
        answer.token?.cancel()
        history.engine.releaseAll()
        history.engine.holds = false
        #expect(history.engine.begun == [.get])
        #expect(!answer.isGiven)
        #expect(try history.texts("ann", from: 0, to: 100) == [])
        #expect(history.timers.count == 0)
    }

    @Test func aPeriodThatWouldBeTooLargeIsRefused() throws {
        var limits = HistoryLimits()
        limits.valueSizeMax = 1_000
        let history = History(limits: limits)
        var generator = SplitMix(state: 1)
        let large = Event(
            timestampMillis: 100,
            data: ByteBuffer(bytes: (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &generator) }))
        let first = try history.write("ann", [large]).failure()
        #expect(first?.code == .invalidArgument && first?.effect == .notExecuted)
        let second = try history.write("ann", [large, .at(0, "a")]).failure()
        #expect(second?.code == .invalidArgument && second?.effect == .unknown)
        #expect(try history.texts("ann", from: 0, to: 200) == ["a"])
    }

    @Test func whatIsNoBlobIsNotOverwritten() throws {
        let history = History()
        let key = HistoryKey.keys(ByteBuffer(string: "ann").readableBytesSpan, [0]).buffer(at: 0)
        history.engine.put(
            key, value: ByteBuffer(string: "something else"), options: PutOptions(), durability: .memory,
            EngineCall { _ in }, session: history.service.session)
        let write = try history.write("ann", [.at(0, "a")]).failure()
        #expect(write?.code == .internal && write?.effect == .notExecuted)
        #expect(try history.read("ann", from: 0, to: 100).failure()?.code == .internal)
        #expect(try history.texts("ann", from: 100, to: 200) == [])
    }

    @Test func anyNumberOfPeriodsNeedsNoStack() throws {
        let history = History(HistoryConfiguration(periodMillis: 1))
        try history.add("ann", (0..<10_000).map { .at($0, "") })
        #expect(try history.read("ann", from: 0, to: 10_000).get().events.count == 10_000)
    }
}
