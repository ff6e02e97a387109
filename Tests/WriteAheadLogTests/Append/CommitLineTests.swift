//! Who is woken, when, how often, and what they hear.

import LogSimulation
import Testing
import WriteAheadLog

@Suite struct CommitLineTests {
    @Test func waitersHearTheirLevelInOrder() throws {
        let log = try TestLog()
        let line = log.makeLine()
        let lsns = try ["a", "b", "c", "d"].map { key in try log.put(key) }
        line.wait(lsns[0], .synced)
        line.wait(lsns[1], .logged)
        line.wait(lsns[2], .synced)
        line.wait(lsns[3], .logged)
        #expect(line.line.count == 4)
        #expect(line.drain() == [])
        line.endTurn()
        log.log.commit()
        #expect(line.wakeCount == 1)
        #expect(Set(line.drain()) == Set(lsns))
        #expect(line.line.count == 0)
    }

    @Test func aLineIsWokenOnceForMany() throws {
        let log = try TestLog()
        let line = log.makeLine()
        for number in 0..<1_000 { line.wait(try log.put("k\(number)"), .logged) }
        line.endTurn()
        log.log.commit()
        log.log.commit()
        log.log.syncInBackground()
        #expect(line.wakeCount == 1)
        #expect(line.drain() == Array(101...1_100))
    }

    @Test func onlyLinesWhoseTurnHasComeAreWoken() throws {
        let log = try TestLog()
        let (first, second, idle) = (log.makeLine(), log.makeLine(), log.makeLine())
        first.wait(try log.put("a"), .logged)
        log.log.commit()
        second.wait(try log.put("b"), .synced)
        // `first` gets to know in its own turn: it was committed before it asked.
        first.endTurn()
        #expect(first.answers.map(\.lsn) == [101])
        second.endTurn()
        #expect(second.answers.isEmpty)
        log.log.commit()
        #expect(first.wakeCount <= 1 && second.wakeCount == 1 && idle.wakeCount == 0)
        #expect(second.drain() == [102])
    }

    @Test func aWaiterForASyncIsNotWokenByAWrite() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .synced)
        log.log.commit()
        #expect(line.wakeCount == 0)
        #expect(line.drain() == [])
        line.endTurn()
        log.log.commit()
        #expect(line.wakeCount == 1)
        #expect(line.drain() == [101])
    }

    @Test func theBackgroundSyncWakesToo() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .synced)
        log.log.commit()
        log.log.syncInBackground()
        #expect(line.wakeCount == 1)
        #expect(line.drain() == [101])
    }

    @Test func aWaiterMayWaitAgainWhenItIsCalled() throws {
        let log = try TestLog()
        let line = log.makeLine()
        let first = try log.put("a")
        var second: Int64 = 0
        var heard: [Int64] = []
        line.line.wait(for: first, .synced) { _ in
            heard.append(first)
            line.line.wait(for: second, .synced) { _ in heard.append(second) }
        }
        line.endTurn()
        log.log.commit()
        second = try log.put("b")
        line.line.drain()
        #expect(heard == [first])
        line.endTurn()
        log.log.commit()
        line.line.drain()
        #expect(heard == [first, second])
    }

    @Test func aLineThatLeftIsNotWoken() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .logged)
        log.log.leave(line.line)
        log.log.commit()
        #expect(line.wakeCount == 0)
    }

    @Test func whoWaitsAfterAFailureHearsOfIt() throws {
        let log = try TestLog()
        let line = log.makeLine()
        let lsn = try log.put("a")
        log.storage.plan(.failure(code: SimulatedFaults.ioError), .write)
        log.log.commit()
        line.wait(lsn, .logged)
        line.endTurn()
        let answer = try #require(line.answers.first)
        guard case .failed(let error) = answer.refusal else {
            Issue.record("\(answer) should have failed")
            return
        }
        #expect(error.operation == .write)
    }
}
