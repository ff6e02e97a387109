//! A full disk refuses, loses nothing, and is forgotten once there is room.

import LogSimulation
import Testing
import Timing
import WriteAheadLog

@Suite struct FullDiskTests {
    /// A log whose disk has room for two segments, and a file of another's that takes the rest.
    private func fullLog() throws -> TestLog {
        let log = try TestLog(segmentBytes: 4_096, capacity: 3 * 4_096)
        try log.storage.open("other", .create).allocate(4_096)
        return log
    }

    /// Appends and commits until the log is full.
    private func fill(_ log: TestLog) -> Int64 {
        var last: Int64 = 0
        while let lsn = try? log.put("k", bytes: 1_000) {
            last = lsn
            log.log.commit()
        }
        return last
    }

    @Test func aFullDiskRefusesAndNamesTheReason() throws {
        let log = try fullLog()
        let last = fill(log)
        let refusal = try #require(log.log.currentRefusal)
        guard case .full(let error) = refusal else {
            Issue.record("\(refusal) should be about space")
            return
        }
        #expect(error.isOutOfSpace && error.operation == .allocate)
        #expect("\(refusal)".hasPrefix("the log has no space: cannot allocate"))
        #expect(throws: refusal) { try log.put("a") }
        #expect(log.log.appendedLSN == last && log.log.loggedLSN == last - 1)
        // Nothing half made is left.
        #expect(log.storage.disk.usedBytes == 3 * 4_096)
        #expect(log.segmentNames.count == 2)
    }

    @Test func thereBeingRoomAgainIsFoundOutByItself() throws {
        let log = try fullLog()
        let last = fill(log)
        for _ in 0..<3 { log.log.commit() }
        #expect(log.log.currentRefusal != nil)
        try log.storage.remove("other")
        log.log.commit()
        #expect(log.log.currentRefusal == nil)
        #expect(log.log.loggedLSN == last)
        try log.put("after")
        log.log.commit()
        #expect(try log.records().map(\.lsn) == Array(101...(last + 1)))
    }

    @Test func whoWaitedForWhatWasWrittenIsToldSo() throws {
        let log = try TestLog(bufferBytesMax: 8 << 20, capacity: 1 << 20)
        let line = log.makeLine()
        // One commit, which writes the one and then finds no room for the other.
        let written = try log.put("k", bytes: 1_000)
        let unwritten = try log.put("k", bytes: 2 << 20)
        line.wait(written, .synced)
        line.wait(unwritten, .synced)
        line.endTurn()
        log.log.commit()
        line.line.drain()
        #expect(line.answers.map(\.lsn) == [written, unwritten])
        #expect(line.answers.map { $0.refusal == nil } == [true, false])
        #expect(log.log.syncedLSN == written)
    }

    @Test func whatWasCutShortByAFullDiskIsWrittenWhole() throws {
        let log = try TestLog()
        let lsn = try log.put("a", bytes: 1_000)
        log.storage.plan(.failure(code: SimulatedFaults.noSpace), .write)
        log.log.commit()
        #expect(log.log.currentRefusal != nil && log.log.loggedLSN < lsn)
        log.log.commit()
        #expect(log.log.currentRefusal == nil)
        #expect(try log.records().map(\.lsn) == [lsn])
    }

    @Test func aSyncThatFindsNoSpaceHasFailed() throws {
        let log = try TestLog()
        let line = log.makeLine()
        line.wait(try log.put("a"), .synced)
        line.endTurn()
        log.storage.plan(.failure(code: SimulatedFaults.noSpace), .sync)
        log.log.commit()
        log.log.commit()
        line.line.drain()
        guard case .failed = line.answers.first?.refusal else {
            Issue.record("\(line.answers) should be a failure")
            return
        }
        #expect(log.log.syncedLSN == 100)
    }

    @Test func withoutRoomForARotationWritesGoOn() throws {
        let log = try fullLog()
        try log.storage.open("more", .create).allocate(4_096)
        let first = try log.put("a")
        let request = log.log.askForRotation()
        log.log.commit()
        #expect(log.log.currentRefusal == nil)
        #expect(log.log.rotatedLSN(request) == nil)
        let second = try log.put("b")
        log.log.commit()
        #expect(log.log.loggedLSN == second)
        try log.storage.remove("more")
        log.log.commit()
        #expect(log.log.rotatedLSN(request) == nil)
        log.time.advance(byMilliseconds: log.log.configuration.retryIntervalMillis)
        log.log.commit()
        #expect(log.log.rotatedLSN(request) == second)
        #expect(try log.records().map(\.lsn) == [first, second])
    }

    @Test func aDiskThatIsFullFromTheBeginningIsAnError() throws {
        let error = #expect(throws: LogStorageError.self) { try TestLog(capacity: 1_000) }
        #expect(error?.isOutOfSpace == true)
    }
}
