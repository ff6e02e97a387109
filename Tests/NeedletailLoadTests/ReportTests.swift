internal import Histogram
internal import Testing

@testable internal import needletail_load

/// Numbers, ratios, and what a report must say.
@Suite struct ReportTests {
    @Test func numbers() {
        #expect(grouped(1_234_567) == "1,234,567")
        #expect(grouped(-999) == "-999")
        #expect(fixed(0.125, 2) == "0.13")
        #expect(fixed(1_234.5, 1) == "1,234.5")
        #expect(fixed(0.999, 2) == "1.00")
        #expect(duration(nanoseconds: 999) == "1.00 us")
        #expect(duration(nanoseconds: 1_500_000) == "1.50 ms")
        #expect(duration(nanoseconds: 2_000_000_000) == "2.00 s")
        #expect(median([3, 1, 2]) == 2)
        #expect(median([4, 1, 2, 3]) == 2.5)
        #expect(median([]) == nil)
    }

    private func measurement(
        _ pace: Pace = .closed(inFlight: 1), cpu: Double = 1, calls: Int = 100_000, throttled: Int = 0
    ) -> Measurement {
        var figures = RunFigures(.get, pace)
        figures.calls = calls
        figures.found = calls
        figures.seconds = 1
        for index in 0..<calls { figures.latency.record(nanoseconds: Int64(index)) }
        return Measurement(figures: figures, serverCPUSeconds: cpu, throttled: throttled)
    }

    @Test("a ratio is the median of rounds side by side; rounds that were throttled do not count")
    func ratios() throws {
        let ours = ContenderRounds(
            title: "A", rounds: [1, 4, 3, 100].map { measurement(cpu: $0, throttled: $0 == 100 ? 1 : 0) })
        let theirs = ContenderRounds(title: "B", rounds: [2, 2, 2, 2].map { measurement(cpu: $0) })
        let ratio = try #require(Ratio("cost", ours, to: theirs, \.serverMicrosecondsPerCall))
        #expect(ratio.rounds == [0.5, 2, 1.5])
        #expect(ratio.median == 1.5)
        #expect(ratio.to == "B")
    }

    @Test("histograms are merged, not averaged")
    func merging() throws {
        var fast = RunFigures(.get, .closed(inFlight: 1))
        var slow = fast
        for _ in 0..<9_900 { fast.latency.record(nanoseconds: 1_000) }
        for _ in 0..<100 { slow.latency.record(nanoseconds: 1_000_000) }
        fast.add(slow)
        #expect(fast.latency.totalCount == 10_000)
        #expect(fast.latency.valueAtPercentile(98.9) < 1_100)
        #expect(fast.latency.valueAtPercentile(99.1) > 900_000)
    }

    @Test("every line with percentiles names its loop")
    func loops() {
        for pace in [Pace.closed(inFlight: 1), .open(rate: 10)] {
            for line in measurement(pace).lines where line.contains("P99 ") { #expect(line.contains(pace.name)) }
        }
    }

    @Test("what keeps a run from counting is said")
    func warnings() {
        #expect(measurement().warnings.isEmpty)
        #expect(measurement(throttled: 3).warnings.contains { $0.contains("DOES NOT COUNT") })
        #expect(measurement(calls: 99_999).warnings.contains { $0.contains("P99.9") })
        #expect(measurement(calls: 9_999).warnings.contains { $0.hasSuffix("P99") })
        var wrong = measurement()
        wrong.figures.missing = 1
        #expect(wrong.warnings.contains { $0.contains("ERRORS") })
    }

    @Test("a table has a row for each row, with the limit")
    func table() {
        var result = RowResult(
            .get,
            [
                ContenderRounds(title: "Needletail", rounds: [measurement(cpu: 0.9)]),
                ContenderRounds(title: "Redis", rounds: [measurement(cpu: 1)]),
            ])
        result.ratios = [
            Ratio("server CPU per request", result.contenders[0], to: result.contenders[1], \.serverMicrosecondsPerCall)
        ].compactMap { $0 }
        let report = PeersReport(
            head: ReportHead(
                command: ["needletail-load", "peers"], machine: .current(cores: 2), versions: ["Redis": "7.0.15"],
                keys: 10, keySize: 16, valueSize: 100, connections: 50),
            timing: PeerTiming(rounds: 1, seconds: 1, openLoopSeconds: 1), results: [result], skipped: ["memcached"])
        #expect(result.isWithinLimit == true)
        #expect(report.markdown.contains("| get of 1 | 9.00 | 10.00 | 0.90 | 1.20 | kept | 1.05 of Redis |"))
        #expect(report.markdown.contains("Skipped: memcached"))
    }

    @Test("a row that was given up is said to be, and another peer than Redis has no verdict")
    func givenUp() throws {
        var cost = RowResult(
            .get,
            [
                ContenderRounds(title: "Needletail", rounds: [measurement(cpu: 0.9)]),
                ContenderRounds(title: "memcached", rounds: [measurement(cpu: 1)]),
            ])
        cost.ratios = [try #require(Ratio("server CPU per request", to: "memcached", rounds: [0.9]))]
        var openLoop = RowResult(.openLoop)
        openLoop.failure = .closedByServer
        let report = PeersReport(
            head: ReportHead(
                command: ["needletail-load", "peers"], machine: .current(cores: 2), versions: ["memcached": "1.6"],
                keys: 10, keySize: 16, valueSize: 100, connections: 50),
            timing: PeerTiming(rounds: 1, seconds: 1, openLoopSeconds: 1), results: [cost, openLoop], skipped: [])
        #expect(report.markdown.contains("| get of 1 | 9.00 | 10.00 | 0.90 | 1.20 | - | 1.05 of Redis |"))
        #expect(report.markdown.contains { $0.hasPrefix("Limits that are shares of Redis' figures") })
        let failure = "GIVEN UP: P99.9 of multiGet of 100, open loop: the server closed a connection"
        #expect(report.markdown.contains(failure))
        #expect(report.record.rows[1].failure == "the server closed a connection")
        #expect(openLoop.lines.contains("  GIVEN UP: the server closed a connection"))
    }

    @Test("puts that persist have a table each; throughput must be at least a share")
    func persistedPuts() throws {
        var fast = measurement(cpu: 2)
        fast.figures.calls *= 2
        var result = RowResult(
            .putSynced,
            [
                ContenderRounds(title: "Needletail", rounds: [fast]),
                ContenderRounds(title: "Redis", rounds: [measurement()]),
            ])
        result.ratios = [Ratio("requests/s", result.contenders[0], to: result.contenders[1], \.figures.rate)]
            .compactMap { $0 }
        let report = PeersReport(
            head: ReportHead(
                command: ["needletail-load", "peers"], machine: .current(cores: 2), versions: ["Redis": "7.0.15"],
                keys: 10, keySize: 16, valueSize: 100, connections: 50),
            timing: PeerTiming(rounds: 1, seconds: 1, openLoopSeconds: 1), results: [result], skipped: [])
        #expect(result.isWithinLimit == true)
        #expect(report.markdown.contains { $0.hasPrefix("| Redis, appendfsync always | 100,000 | 10.00 |") })
        #expect(report.markdown.contains("requests/s must be at least 1.50 of the peer's: kept; goal 2 of Redis."))
        let record = result.record
        #expect(record.persistence == .synced)
        #expect(record.limit == 1.5)
    }

    @Test("a limit is the most that a figure may be, or the least")
    func limits() {
        #expect(Limit.atMost(2).isKept(by: 2))
        #expect(!Limit.atMost(2).isKept(by: 2.1))
        #expect(Limit.atLeast(3).isKept(by: 3))
        #expect(!Limit.atLeast(3).isKept(by: 2.9))
        #expect("\(Limit.atMost(1.2))" == "at most 1.20")
        #expect("\(Limit.atLeast(1.5))" == "at least 1.50")
        #expect(Limit.atMost(1.2).cell == "1.20")
        #expect(Limit.atLeast(1.5).cell == "at least 1.50")
    }
}
