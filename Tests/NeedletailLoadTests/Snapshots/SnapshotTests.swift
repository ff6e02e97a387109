internal import ArgumentParser
internal import Histogram
internal import Testing

@testable internal import needletail_load

/// When a snapshot is asked for, and what is made of what was seen meanwhile.
@Suite struct SnapshotTests {
    private static func state(_ isRunning: Bool, _ snapshots: Int) -> LogState {
        LogState(snapshotRunning: isRunning, snapshots: snapshots)
    }

    @Test("one snapshot follows the other, and the stretch in which one ended counts as without")
    func followsOn() {
        var watch = SnapshotWatch(keepsOneRunning: true)
        #expect(watch.note(Self.state(false, 7), nanoseconds: 1_000) == .askForSnapshot)
        #expect(watch.note(Self.state(true, 7), nanoseconds: 1_100) == .wait)
        #expect(watch.note(Self.state(true, 7), nanoseconds: 1_200) == .wait)
        #expect(watch.note(Self.state(false, 8), nanoseconds: 1_300) == .askForSnapshot)
        #expect(watch.note(Self.state(true, 8), nanoseconds: 1_400) == .wait)
        #expect(watch.finished == 1)
        #expect(watch.runningShare == 0.75)
    }

    @Test("a snapshot that is over before the next look does not count as running")
    func shortSnapshots() {
        var watch = SnapshotWatch(keepsOneRunning: true)
        for look in 0..<5 {
            #expect(watch.note(Self.state(false, look), nanoseconds: Int64(look) * 100) == .askForSnapshot)
        }
        #expect(watch.finished == 4)
        #expect(watch.runningShare == 0)
        #expect(watch.hasSeenSnapshot)
    }

    @Test("one that another asked for is neither asked for again nor missed, and two in a row are two")
    func others() {
        var watch = SnapshotWatch(keepsOneRunning: true)
        #expect(watch.note(Self.state(true, 0), nanoseconds: 0) == .wait)
        #expect(watch.note(Self.state(true, 0), nanoseconds: 100) == .wait)
        #expect(watch.note(Self.state(true, 1), nanoseconds: 200) == .wait)
        #expect(watch.runningShare == 0.5)
        #expect(watch.finished == 1)
    }

    @Test("where none is to run, none is asked for")
    func quiet() {
        var watch = SnapshotWatch(keepsOneRunning: false)
        #expect(watch.runningShare == 0)
        for look in 0..<5 { #expect(watch.note(Self.state(false, 0), nanoseconds: Int64(look)) == .wait) }
        watch.note(residentBytes: 5)
        watch.note(residentBytes: 9)
        watch.note(residentBytes: 7)
        #expect(watch.residentBytesMax == 9)
        #expect(watch.runningShare == 0)
    }

    @Test("the log's state is read out of /stats, whatever else is there")
    func statistics() throws {
        let json = #"{"keys":5,"log":{"segments":3,"snapshotRunning":true,"snapshots":12},"build":"x"}"#
        #expect(try LogState(statistics: json) == Self.state(true, 12))
        for json in ["", "{}", #"{"log":{}}"#, #"{"log":{"snapshotRunning":true}}"#] {
            #expect(throws: ServerError.self) { try LogState(statistics: json) }
        }
    }

    @Test func answers() throws {
        let answer = try #require(AdminPort.Answer("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"))
        #expect(answer.status == 202)
        #expect(answer.body == "{}")
        #expect(AdminPort.Answer("HTTP/1.1 404 Not Found\r\n\r\n")?.body == "")
        for text in ["", "HTTP/1.1 200 OK\r\nContent-", "SSH-2.0\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"] {
            #expect(AdminPort.Answer(text) == nil)
        }
    }

    /// A window whose gets all took `microseconds`.
    private static func window(_ microseconds: Int64, calls: Int = 20_000) -> Measurement {
        var figures = RunFigures(.get, .open(rate: 1_000))
        figures.calls = calls
        figures.found = calls
        figures.seconds = 2
        for _ in 0..<calls { figures.latency.record(nanoseconds: microseconds * 1_000) }
        return Measurement(figures: figures, serverCPUSeconds: 1, throttled: 0)
    }

    private static func watch(residentBytes: Int) -> SnapshotWatch {
        var watch = SnapshotWatch(keepsOneRunning: true)
        _ = watch.note(state(false, 0), nanoseconds: 0)
        _ = watch.note(state(true, 0), nanoseconds: 900)
        _ = watch.note(state(true, 1), nanoseconds: 1_000)
        watch.note(residentBytes: residentBytes)
        return watch
    }

    @Test("the limits are on the P99 window by window, and on the most memory of all windows")
    func verdicts() throws {
        var result = SnapshotResult(highestRate: 2_000, rate: 1_000)
        result.residentBytesBefore = 100_000_000
        for (alone, beside, resident) in [(100, 150, 104_000_000), (100, 250, 108_000_000), (100, 160, 105_000_000)] {
            result.add(without: Self.window(Int64(alone)))
            result.add(
                with: Self.window(Int64(beside)), Self.watch(residentBytes: resident), residentAfter: 103_000_000)
        }
        #expect(result.ratios.map(\.figure) == ["P99 from the scheduled time", "P50 from the scheduled time"])
        let verdicts = result.verdicts
        #expect(verdicts.count == 2)
        #expect((1.59...1.61).contains(verdicts[0].value))
        #expect(verdicts[0].must == "at most 2.00")
        #expect(verdicts[0].isKept)
        #expect((7.99...8.01).contains(verdicts[1].value))
        #expect(verdicts[1].isKept)
        #expect(result.markdown.contains("| Needletail | 100.0 MB | 108.0 MB | 8.0% |"))
        #expect(result.markdown.contains { $0.contains("at least 90% of the time") })
        #expect(!result.warnings.contains { $0.contains("DOES NOT COUNT") })
        result.add(without: Self.window(100))
        result.add(with: Self.window(900), SnapshotWatch(keepsOneRunning: true), residentAfter: 110_100_000)
        #expect(result.ratios[0].rounds.count == 3)
        #expect(result.verdicts[1].isKept == false)
        #expect(result.warnings.contains { $0.contains("DOES NOT COUNT: in 1 of 4 windows") })
    }

    @Test("where no snapshot ran, nothing is kept and nothing missed")
    func noSnapshot() {
        var result = SnapshotResult(highestRate: 2_000, rate: 1_000)
        result.residentBytesBefore = 100
        var watch = SnapshotWatch(keepsOneRunning: true)
        for look in 0..<3 { _ = watch.note(Self.state(false, 5), nanoseconds: Int64(look)) }
        #expect(!watch.hasSeenSnapshot)
        result.add(without: Self.window(100))
        result.add(with: Self.window(100), watch, residentAfter: 100)
        #expect(result.verdicts.isEmpty)
    }

    @Test("a window with too few samples for a P99 does not count")
    func fewSamples() {
        var result = SnapshotResult(highestRate: 2_000, rate: 1_000)
        result.add(without: Self.window(100))
        result.add(with: Self.window(500, calls: 9_999), Self.watch(residentBytes: 1), residentAfter: 1)
        #expect(result.ratios.map(\.figure) == ["P50 from the scheduled time"])
        #expect(result.verdicts.isEmpty)
    }

    @Test func commandLine() throws {
        let command = try #require(try NeedletailLoad.parseAsRoot(["snapshot"]) as? SnapshotCommand)
        #expect(command.entries.keys == 1_000_000)
        #expect(command.rounds == 5)
        let other = try #require(
            try NeedletailLoad.parseAsRoot(["snapshot", "--entries", "5000"]) as? SnapshotCommand)
        #expect(other.entries.keys == 5_000)
        for arguments in [
            ["--disk", "/nonexistent"], ["--disk", "/dev/shm"], ["--rounds", "0"], ["--seconds", "0"],
        ] {
            let error = try #require(throws: (any Error).self) {
                try NeedletailLoad.parseAsRoot(["snapshot"] + arguments)
            }
            #expect(NeedletailLoad.fullMessage(for: error).contains(arguments[0]))
        }
    }
}
