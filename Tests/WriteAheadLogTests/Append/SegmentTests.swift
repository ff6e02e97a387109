//! Segments follow one another without a gap, are used again, and take what is larger than they are.

import LogSimulation
import Testing

@testable import WriteAheadLog

@Suite struct SegmentTests {
    @Test func aFullSegmentIsFollowedByAnother() throws {
        let log = try TestLog(segmentBytes: 4_096)
        for number in 0..<20 {
            try log.put("k\(number)", bytes: 1_000)
            log.log.commit()
        }
        let segments = try log.segments()
        #expect(segments.count == 7)
        #expect(try log.records().map(\.lsn) == Array(101...120))
        var last: Int64 = 0
        for (index, segment) in segments.enumerated() {
            #expect(segment.number == UInt64(index + 1))
            #expect(segment.previousLSN == last)
            #expect(log.segmentNames[index] == "0000000000000000000\(index + 1).log")
            last = segment.records.last?.lsn ?? last
        }
        #expect(log.storage.disk.names.allSatisfy { log.storage.disk.contents($0)?.count == 4_096 })
    }

    @Test func aSegmentIsOnDiskBeforeTheNextOneIsBegun() throws {
        let log = try TestLog(segmentBytes: 4_096)
        for number in 0..<20 {
            try log.put("k\(number)", bytes: 1_000)
            log.log.commit()
            let segments = try log.segments()
            #expect(log.log.syncedLSN >= segments.last?.previousLSN ?? 0)
            for seed in 0..<5 as Range<UInt64> {
                var generator = SimulationGenerator(seed: seed)
                var disk = log.storage.disk
                disk.crash(&generator)
                for segment in segments.dropLast() {
                    let name = log.segmentNames[Int(segment.number) - 1]
                    #expect(try SegmentReader(disk.contents(name) ?? []).records == segment.records)
                }
            }
        }
    }

    @Test func whatIsLargerThanASegmentHasOneOfItsSize() throws {
        let log = try TestLog(segmentBytes: 4_096, bufferBytesMax: 64 << 20)
        try log.put("a")
        log.log.commit()
        try log.put("large", bytes: 3 << 20)
        try log.put("b")
        log.log.commit()
        try log.put("c")
        log.log.commit()
        #expect(try log.records().map(\.lsn) == [101, 102, 103, 104])
        let sizes = log.segmentNames.map { log.storage.disk.contents($0)?.count ?? 0 }
        #expect(sizes[1] > 3 << 20 && sizes[1] < 3 << 20 | 4_096)
        #expect(log.log.segments.closedSegments.map(\.bytes) == Array(sizes.dropLast()))
    }

    @Test func manyChunksOfOneCommitAreSpreadOverSegments() throws {
        let log = try TestLog(segmentBytes: 1 << 20, bufferBytesMax: 64 << 20)
        for number in 0..<50 { try log.put("k\(number)", bytes: 100_000) }
        log.log.commit()
        #expect(try log.records().map(\.lsn) == Array(101...150))
        #expect(log.log.loggedLSN == 150)
    }

    @Test func aSegmentIsFilledToItsLastByte() throws {
        // Header, mark, one record, terminator.
        let log = try TestLog(segmentBytes: 64 + 32 + (20 + 1 + 1_003) + 16)
        try log.put("a", bytes: 1_003)
        log.log.commit()
        #expect(try log.segments().count == 1)
        #expect(try log.segments()[0].end == 64 + 32 + 1_024)
        try log.put("b", bytes: 1_003)
        log.log.commit()
        #expect(try log.segments().map(\.records.count) == [2, 2])
    }

    @Test func rotationEndsASegmentThatHasRecords() throws {
        let log = try TestLog()
        let empty = log.log.askForRotation()
        #expect(log.log.rotatedLSN(empty) == nil)
        log.log.commit()
        #expect(log.log.rotatedLSN(empty) == 0)
        #expect(log.segmentNames.count == 1)
        let lsn = try log.put("a")
        let request = log.log.askForRotation()
        #expect(log.log.rotatedLSN(request) == nil)
        log.log.commit()
        #expect(log.log.rotatedLSN(request) == lsn)
        #expect(log.segmentNames.count == 2)
        #expect(
            log.log.segments.closedSegments == [ClosedSegment(number: 1, previousLSN: 0, lastLSN: lsn, bytes: 4_096)])
    }

    @Test func retiredSegmentsAreUsedAgainUpToABound() throws {
        let log = try TestLog(segmentBytes: 4_096, sparesMax: 2)
        for number in 0..<5 {
            try log.put("old \(number)", bytes: 500)
            _ = log.log.askForRotation()
            log.log.commit()
        }
        #expect(log.segmentNames.count == 6)
        try log.log.segments.retire(through: 104)
        #expect(log.segmentNames.count == 2)
        #expect(log.storage.disk.names.filter { $0.hasPrefix("spare") }.count == 2)
        let creations = log.storage.faults.calls(.create)
        for number in 0..<3 {
            try log.put("new \(number)", bytes: 3_900)
            log.log.commit()
        }
        #expect(log.storage.faults.calls(.create) == creations)
        #expect(log.storage.disk.names.allSatisfy { !$0.hasPrefix("spare") })
        // What the file held before is not taken for the segment's.
        #expect(try log.records().map(\.lsn) == [105, 106, 107, 108])
    }

    @Test func aNewSegmentsBlocksAreWrittenAheadOfSyncsAndASparesWereBefore() throws {
        let log = try TestLog(segmentBytes: 1 << 20)
        let line = log.makeLine()
        /// Writes for one synced put.
        func writes(_ key: String, bytes: Int = 0) throws -> Int {
            let before = log.storage.faults.calls(.write)
            line.wait(try log.put(key, bytes: bytes), .synced)
            line.endTurn()
            log.log.commit()
            return log.storage.faults.calls(.write) - before
        }
        #expect(try writes("takes zeros along") == 2)
        #expect(try writes("finds them") == 1)
        #expect(try writes("uses them up", bytes: 230_000) == 2)
        #expect(try writes("finds more") == 1)
        #expect(try log.records().map(\.lsn) == Array(101...104))
        let old = log.log.askForRotation()
        log.log.commit()
        try log.log.segments.retire(through: try #require(log.log.rotatedLSN(old)))
        try log.put("lets the next be begun")
        _ = log.log.askForRotation()
        log.log.commit()
        #expect(log.storage.disk.names.allSatisfy { !$0.hasPrefix("spare") })
        #expect(try writes("in a spare") == 1)
        #expect(try log.records().map(\.lsn) == [105, 106])
    }

    @Test func segmentsThatAreStillNeededStay() throws {
        let log = try TestLog()
        for key in ["a", "b"] {
            try log.put(key)
            _ = log.log.askForRotation()
            log.log.commit()
        }
        try log.log.segments.retire(through: 100)
        #expect(log.segmentNames.count == 3)
        try log.log.segments.retire(through: 101)
        #expect(log.segmentNames.count == 2)
    }

    @Test func aRetirementThatFailsIsMadeUpForByTheNext() throws {
        let log = try TestLog(sparesMax: 0)
        for number in 0..<4 {
            try log.put("k\(number)")
            _ = log.log.askForRotation()
            log.log.commit()
        }
        log.storage.plan(.failure(code: SimulatedFaults.ioError), .remove, call: 2)
        #expect(throws: LogStorageError.self) { try log.log.segments.retire(through: 104) }
        #expect(log.log.segments.closedSegments.map(\.number) == [2, 3, 4])
        try log.log.segments.retire(through: 104)
        #expect(log.segmentNames == ["00000000000000000005.log"])
    }
}
