import LogSimulation
import Testing
import Timing
import WriteAheadLog

@Suite struct RecoveryTests {
    @Test func anEmptyDirectoryIsAnEmptyLog() throws {
        let run = try LogRun()
        #expect(run.report.records == 0)
        #expect(run.recovered.lastLSN == 0)
        #expect(run.entries.entries.isEmpty)
    }

    @Test(arguments: [1, 2, 3]) func everyKindOfChangeComesBack(workers: Int) throws {
        let first = try LogRun()
        try first.put("a", "1")
        try first.put("b", "2")
        try first.remove("a")
        let batch = try first.putAll([("c", "3"), ("d", "4")])
        let expiry = WallTime(milliseconds: 2_000_000_000_000)
        let touched = try first.log.appendTouch(unsafe bytes("b").span.bytes, expiry: expiry)
        #expect(first.log.close() == nil)

        let second = try LogRun(first.killed(), workers: workers)
        #expect(second.entries.texts == ["b": "2", "c": "3", "d": "4"])
        #expect(second.entries.entries[bytes("b")]?.version == touched)
        #expect(second.entries.entries[bytes("b")]?.expiry == expiry)
        #expect(second.entries.entries[bytes("d")]?.version == batch)
        #expect(second.report.records == 5)
        #expect(second.report.entries == 6)
        #expect(second.report.tail == nil)
    }

    @Test(arguments: [1, 2]) func manySegmentsComeBackInOrder(workers: Int) throws {
        var storage = SimulatedLogStorage()
        var expected: [String: String] = [:]
        for round in 0..<4 {
            let run = try LogRun(storage, workers: workers)
            #expect(run.entries.texts == expected)
            for index in 0..<300 {
                let key = "key \(index % 70)"
                expected[key] = "\(round) \(index)"
                try run.put(key, "\(round) \(index)")
                if index.isMultiple(of: 7) { run.sync() }
            }
            run.sync()
            storage = run.killed()
        }
        let run = try LogRun(storage, workers: workers)
        #expect(run.entries.texts == expected)
        #expect(run.report.records == 1_200)
        #expect(run.recovered.segments.count > 4)
    }

    /// Segments have their size from the beginning, and each run begins another.
    @Test func whatIsToComeIsKnownFromTheSegmentsHeads() throws {
        let first = try LogRun(segmentBytes: 64 << 10)
        for index in 0..<5_000 {
            try first.put("key \(index)", "value")
            if index.isMultiple(of: 100) { first.sync() }
        }
        #expect(first.log.close() == nil)
        var storage = first.killed()
        for _ in 0..<5 {
            let next = try LogRun(storage, segmentBytes: 64 << 10)
            #expect(next.report.records == 5_000)
            let expected = try #require(next.entries.changesExpected)
            #expect(abs(expected - 5_000) < 1_200, "\(expected) changes")
            storage = next.killed()
        }
    }

    /// Several windows of a segment, with records across their borders, and one that is longer than a window.
    @Test(arguments: [1, 3]) func recordsOfAnySizeComeBack(workers: Int) throws {
        let first = try LogRun(segmentBytes: 12 << 20)
        var generator = SimulationGenerator(seed: 5)
        for index in 0..<60 {
            let size = index == 30 ? 4_300_000 : Int.random(in: 0..<150_000, using: &generator)
            try first.put("key \(index)", String(repeating: "\(index % 10)", count: size))
            if index.isMultiple(of: 8) { first.sync() }
        }
        first.sync()
        let second = try LogRun(first.killed(), workers: workers)
        #expect(second.report.records == 60)
        #expect(second.report.tail == nil)
        generator = SimulationGenerator(seed: 5)
        for index in 0..<60 {
            let size = index == 30 ? 4_300_000 : Int.random(in: 0..<150_000, using: &generator)
            let value = second.entries.entries[bytes("key \(index)")]?.value
            #expect(value?.count == size)
            #expect(value?.first.map { $0 == UInt8(ascii: "0") + UInt8(index % 10) } != false)
        }
    }

    @Test func progressIsShownToTheEnd() throws {
        let run = try LogRun()
        for index in 0..<100 { try run.put("key \(index)", "value") }
        run.sync()
        let storage = run.killed()
        let directory = try LogDirectory.open(storage)
        var last = RecoveryProgress()
        _ = try LogRecovery(directory).run(into: ReplayedEntries()) { progress in
            #expect(progress.bytesDone >= last.bytesDone)
            last = progress
        }
        #expect(last.records == 100)
        #expect(last.bytesTotal > 0 && last.bytesDone <= last.bytesTotal)
    }
}
