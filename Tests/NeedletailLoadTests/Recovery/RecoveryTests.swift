internal import ArgumentParser
internal import Testing

@testable internal import needletail_load

/// What servers say of their loading, and what is made of their starts.
@Suite struct RecoveryTests {
    @Test("Redis says how long all of its files took")
    func redisLog() {
        let log = """
            12:M 21 Nov 2025 10:00:00.000 * Reading RDB base file on AOF loading...
            12:M 21 Nov 2025 10:00:00.001 * DB loaded from base file appendonly.aof.1.base.aof: 0.000 seconds
            12:M 21 Nov 2025 10:00:01.300 * DB loaded from incr file appendonly.aof.1.incr.aof: 1.293 seconds
            12:M 21 Nov 2025 10:00:01.301 * DB loaded from append only file: 1.294 seconds
            """
        #expect(LoadingReport.seconds(.redis, in: log) == 1.294)
    }

    @Test(
        "Needletail says how long it took, or how fast it was",
        arguments: [
            (#"{"message":"the log was recovered","seconds":"0.25"}"#, 0.25),
            (#"{"message":"recovered","seconds":2,"records":10}"#, 2),
            (#"{"message":"recovered","records":1000,"recordsPerSecond":4000}"#, 0.25),
            (#"{"message":"recovered","records":"1000","recordsPerSecond":"2000.0"}"#, 0.5),
        ])
    func needletailLog(_ line: String, _ seconds: Double) {
        let log = #"{"message":"starting","seconds":9}"# + "\n" + line + "\n" + #"{"message":"ready","rpcPort":1}"#
        #expect(LoadingReport.seconds(.needletail, in: log) == seconds)
    }

    @Test(
        "a log that says nothing of it is no error",
        arguments: [
            "", "not JSON, recovered 5", #"{"message":"recovered"}"#, #"{"message":"recovered","seconds":"soon"}"#,
            #"{"message":"recovered","records":5,"recordsPerSecond":0}"#, #"{"message":"recov"#,
            "12:M 21 Nov 2025 10:00:00.000 * Ready to accept connections",
        ])
    func silentLog(_ log: String) {
        for kind in ServerKind.allCases { #expect(LoadingReport.seconds(kind, in: log) == nil) }
    }

    private static func start(
        _ firstRead: Double, reported: Double? = nil, empty: Double = 0.5, throttled: Int = 0
    ) -> RecoveryStart {
        RecoveryStart(
            firstReadSeconds: firstRead, cpuSeconds: nil, reportedSeconds: reported, emptySeconds: empty,
            throttled: throttled)
    }

    @Test("where the server does not say it, loading is what a start takes longer than one without records")
    func loadingAlone() {
        #expect(Self.start(2, reported: 1.25).loadingSeconds == 1.25)
        #expect(Self.start(2).loadingSeconds == 1.5)
        #expect(Self.start(2, reported: 0).loadingSeconds == 1.5)
        #expect(Self.start(0.5).loadingSeconds == nil)
    }

    @Test("records per second are compared round by round; starts that were throttled do not count")
    func ratios() throws {
        let ours = RecoveryRounds(
            title: "Needletail", starts: [Self.start(1), Self.start(2), Self.start(1), Self.start(1, throttled: 1)])
        let theirs = RecoveryRounds(
            title: "Redis", starts: [4, 6, 5, 100].map { Self.start($0, reported: $0 / 2) })
        let result = RecoveryResult(cores: 1, records: 1_000, [ours, theirs])
        #expect(result.ratios.map(\.rounds) == [[4, 3, 5], [4, 2, 5]])
        #expect(result.ratios[0].median == 4)
        let verdict = try #require(result.verdict)
        #expect(verdict.value == 4)
        #expect(verdict.isKept)
        #expect(verdict.must == "at least 3.00")
        let table = result.markdown
        #expect(table[0].hasPrefix("| loading 1,000 records, 1 core | start to first right read, s |"))
        #expect(table[2] == "| Needletail | 1.000 | 1,000 | 0.500 (difference) | 0.500 | - |")
        #expect(table[3].hasPrefix("| Redis | 5.500 | 183 | 2.750 |"))
        #expect(table.contains { $0.hasSuffix("must be at least 3.00: kept; goal 6 of Redis.") })
    }

    @Test("without a peer there is nothing to compare, and nothing missed")
    func alone() {
        let result = RecoveryResult(
            cores: 2, records: 10, [RecoveryRounds(title: "Needletail", starts: [Self.start(1)])])
        #expect(result.ratios.isEmpty)
        #expect(result.verdict == nil)
        #expect(result.markdown[0].contains("2 cores"))
    }

    @Test func commandLine() throws {
        let command = try #require(try NeedletailLoad.parseAsRoot(["recovery"]) as? RecoveryCommand)
        #expect(command.cores == [1, 2])
        #expect(command.entries.keys == 1_000_000)
        let arguments = ["recovery", "--cores", "1,4,8", "--records", "5000", "--rounds", "3"]
        let other = try #require(try NeedletailLoad.parseAsRoot(arguments) as? RecoveryCommand)
        #expect(other.cores == [1, 4, 8])
        #expect(other.entries.keys == 5_000)
        for cores in ["", "0", "1,", "one", "1 2", "2000"] {
            let error = try #require(throws: (any Error).self) {
                try NeedletailLoad.parseAsRoot(["recovery", "--cores", cores])
            }
            #expect(NeedletailLoad.exitCode(for: error) == .validationFailure)
            #expect(NeedletailLoad.fullMessage(for: error).contains("--cores"))
        }
    }
}
