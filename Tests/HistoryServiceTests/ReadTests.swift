//! Reads whose periods come late, in any order, or not at all.

import HeldEngines
import NIOCore
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing
import Timing

@testable import HistoryService
@testable import NeedletailRPC

struct ReadTests {
    /// A history of one event in each of ten periods, whose reads wait.
    private func history(
        concurrency: Int = 16, limits: HistoryLimits = HistoryLimits(), format: RPCFormat = .thriftCompact,
        text: (Int) -> String = { "\($0)" }
    ) throws -> History {
        let history = History(
            HistoryConfiguration(
                periodMillis: 100, width: FanOutWidth(concurrency: concurrency, keysPerPart: 1)), limits: limits,
            format: format)
        try history.add("ann", (0..<10).map { .at(Int64($0) * 100 + 50, text($0)) })
        history.engine.holds = true
        return history
    }

    @Test(arguments: RPCFormat.allCases)
    func periodsThatWereNotReadInTimeAreNamed(format: RPCFormat) throws {
        let history = try history(format: format)
        let answer = try history.read("ann", from: 0, to: 1_000, timeoutMillis: 50)
        for index in [7, 2, 2] { history.engine.release(index) }
        history.pass(milliseconds: 49)
        #expect(!answer.isGiven)
        history.pass(milliseconds: 2)
        let late = try answer.get()
        #expect(late.texts == ["2", "3", "7"])
        #expect(!late.complete)
        #expect(late.missingPeriods == [0, 100, 400, 500, 600, 800, 900])
        #expect(history.host.deadlinesExceeded == 1)
        history.engine.releaseAll()
        #expect(history.timers.count == 0)
    }

    @Test func aReaderWhoWaitsForAllGetsNothingLate() throws {
        let history = try history()
        let answer = try history.read("ann", from: 0, to: 1_000, policy: .wait, timeoutMillis: 50)
        for _ in 0..<9 { history.engine.release() }
        history.pass(milliseconds: 51)
        let failure = answer.failure()
        #expect(failure?.code == .deadlineExceeded && failure?.effect == .notExecuted)
        let other = try history.read("ann", from: 0, to: 1_000, policy: .wait, timeoutMillis: 50)
        history.engine.releaseAll()
        #expect(try other.get().complete)
    }

    @Test func anAnswerDoesNotDependOnWhoComesFirst() throws {
        for seed in 0..<20 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let history = try history(concurrency: Int.random(in: 1...12, using: &generator))
            let answer = try history.read("ann", from: 0, to: 1_000, newestFirst: seed % 2 == 0)
            while !history.engine.waiting.isEmpty {
                history.engine.release(Int.random(in: 0..<history.engine.waiting.count, using: &generator))
            }
            let texts = (0..<10).map { "\($0)" }
            #expect(try answer.get().texts == (seed % 2 == 0 ? texts.reversed() : texts))
        }
    }

    @Test func periodsAreReadSideBySideUpToTheWidth() throws {
        let history = try history(concurrency: 3)
        let answer = try history.read("ann", from: 0, to: 1_000)
        #expect(history.engine.waiting.count == 3)
        history.engine.release(1)
        #expect(history.engine.waiting.count == 3)
        history.engine.releaseAll()
        #expect(try answer.get().complete)
    }

    @Test func anAnswerThatIsFullWaitsForNobody() throws {
        let history = try history(concurrency: 4)
        let before = history.engine.begun.count
        let answer = try history.read("ann", from: 0, to: 1_000, limit: 2)
        // The second alone does not tell: the first might have two events.
        history.engine.release(1)
        #expect(!answer.isGiven)
        history.engine.release(0)
        #expect(answer.isGiven)
        #expect(try answer.get().texts == ["0", "1"])
        history.engine.releaseAll()
        #expect(history.engine.begun.count - before == 5)
        #expect(history.timers.count == 0)
    }

    @Test func whatIsBehindAFullAnswerIsNotMissing() throws {
        let history = try history()
        let answer = try history.read("ann", from: 0, to: 1_000, limit: 2, timeoutMillis: 50)
        history.engine.release(4)
        history.engine.release(1)
        history.pass(milliseconds: 51)
        let late = try answer.get()
        #expect(late.texts == ["1", "4"] && !late.complete)
        #expect(late.missingPeriods == [0, 200, 300])
    }

    @Test func periodsThatFailAreNamedUnlessAllDo() throws {
        let history = try history()
        var failing: Set<Int> = [2, 5]
        var count = 0
        history.engine.failure = { _ in
            defer { count += 1 }
            return failing.contains(count) ? .unavailable(reason: "gone") : nil
        }
        let some = try history.read("ann", from: 0, to: 1_000)
        history.engine.releaseAll()
        #expect(try some.get().missingPeriods == [200, 500])
        count = 0
        let waits = try history.read("ann", from: 0, to: 1_000, policy: .wait)
        history.engine.releaseAll()
        #expect(waits.failure()?.code == .unavailable)
        count = 0
        failing = Set(0..<10)
        let all = try history.read("ann", from: 0, to: 1_000)
        history.engine.releaseAll()
        #expect(all.failure()?.code == .unavailable)
    }

    @Test(arguments: RPCFormat.allCases)
    func anAnswerEndsWhereItWouldBeTooLarge(format: RPCFormat) throws {
        var limits = HistoryLimits()
        limits.responseSizeMax = 10_000
        for seed in 0..<10 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let history = try history(limits: limits, format: format) {
                String(repeating: "\($0)", count: 1_000 + $0 * 300)
            }
            for (isNewestFirst, missing) in [
                (false, [500, 600, 700, 800, 900]), (true, [0, 100, 200, 300, 400, 500, 600, 700]),
            ] as [(Bool, [Int64])] {
                let answer = try history.read("ann", from: 0, to: 1_000, newestFirst: isNewestFirst)
                while !history.engine.waiting.isEmpty {
                    history.engine.release(Int.random(in: 0..<history.engine.waiting.count, using: &generator))
                }
                let response = try answer.get()
                #expect(response.missingPeriods == missing, "seed \(seed)")
                #expect(!response.complete)
                #expect(response.events.count + missing.count == 10)
            }
        }
    }

    @Test func aRangeWhosePeriodsAreTooManyToNameHasNoRoomForEvents() throws {
        var limits = HistoryLimits()
        limits.responseSizeMax = 300
        let history = try history(limits: limits)
        history.engine.holds = false
        let answer = try history.read("ann", from: 0, to: 1_000).get()
        #expect(answer.events == [] && answer.missingPeriods?.count == 10)
        #expect(try history.read("ann", from: 0, to: 100).get().texts == ["0"])
    }

    @Test func aLimitMakesRoom() throws {
        var limits = HistoryLimits()
        limits.responseSizeMax = 3_000
        let history = History(limits: limits)
        try history.add("ann", (0..<100).map { .at(Int64($0), String(repeating: "x", count: 100)) })
        #expect(try history.read("ann", from: 0, to: 100).get().missingPeriods == [0])
        for isNewestFirst in [false, true] {
            let answer = try history.read("ann", from: 0, to: 100, limit: 10, newestFirst: isNewestFirst).get()
            #expect(answer.complete && answer.events.count == 10)
        }
        #expect(try history.read("ann", from: 40, to: 50).get().complete)
    }

    @Test func aCancelledReadIsNotAnswered() throws {
        let history = try history(concurrency: 2)
        let before = history.engine.begun.count
        let answer = try history.read("ann", from: 0, to: 1_000)
        answer.token?.cancel()
        history.engine.releaseAll()
        #expect(!answer.isGiven)
        #expect(history.engine.begun.count - before == 2)
        #expect(history.timers.count == 0)
    }

    @Test func anEngineThatAnswersAtOnceIsStoppedAtTheDeadline() throws {
        let history = try history(concurrency: 1)
        history.engine.holds = false
        var parts = 0
        history.engine.failure = { _ in
            parts += 1
            if parts == 4 { history.time.advance(byMilliseconds: 100) }
            return nil
        }
        let answer = try history.read("ann", from: 0, to: 1_000, timeoutMillis: 50)
        let late = try answer.get()
        #expect(late.texts == ["0", "1", "2"] && !late.complete)
        #expect(parts == 4)
    }
}
