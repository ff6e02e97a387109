//! Every operation, against a real Redis without cluster mode.

internal import NIOCore
internal import NeedletailWire
internal import RedisProcesses
internal import StorageEngine
internal import Testing
internal import Timing

@testable internal import RedisEngine

@Suite(.enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(2)))
struct SingleServerTests {
    private let server: RedisServer
    private let engine: EngineUnderTest

    init() async throws {
        server = try RedisServer()
        engine = try await EngineUnderTest(ports: [server.port])
    }

    private static func soon(_ milliseconds: Int64) -> WallTime {
        Clock.system.wallNow().advanced(byMilliseconds: milliseconds)
    }

    @Test func putsAreRead() async throws {
        #expect(try await engine.get("k") == nil)
        #expect(try await engine.put("k", "v").applied)
        #expect(try await engine.get("k") == StoredValue(ByteBuffer(string: "v")))
        let expiry = Self.soon(60_000)
        try await engine.put("k", "w", PutOptions(expiry: expiry))
        #expect(try await engine.get("k") == StoredValue(ByteBuffer(string: "w"), expiry: expiry))
        try await engine.put("k", "")
        #expect(try await engine.get("k") == StoredValue(ByteBuffer()))
    }

    @Test func keysAndValuesAreAnyBytes() async throws {
        let key = ByteBuffer(bytes: [0, 13, 10, 36, 255, 42])
        let value = ByteBuffer(bytes: (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let engine = engine.engine
        let kept = try await self.engine.call(
            { engine.put(key, value: value, options: PutOptions(), durability: .memory, $0, session: $1) }, \.durability
        )
        #expect(kept == .memory)
        let found = try await self.engine.call({ engine.get(key, $0, session: $1) }, { $0 })
        #expect(found?.value == value)
    }

    @Test func conditionsHold() async throws {
        var options = PutOptions(condition: .ifPresent)
        #expect(try await !engine.put("k", "1", options).applied)
        #expect(try await engine.get("k") == nil)
        options.condition = .ifAbsent
        #expect(try await engine.put("k", "1", options).applied)
        #expect(try await !engine.put("k", "2", options).applied)
        options.condition = .ifPresent
        #expect(try await engine.put("k", "3", options).applied)
        #expect(try await engine.text("k") == "3")
    }

    @Test(arguments: [WriteCondition.always, .ifAbsent, .ifPresent])
    func whatWasThereIsGivenWhereAskedFor(condition: WriteCondition) async throws {
        let options = PutOptions(condition: condition, returnPrevious: true)
        let missing = try await engine.put("k", "1", options)
        #expect(missing.applied == (condition != .ifPresent) && missing.previous == nil)
        try await engine.put("k", "2")
        let present = try await engine.put("k", "3", options)
        #expect(present.applied == (condition != .ifAbsent) && present.previous == ByteBuffer(string: "2"))
        #expect(try await engine.text("k") == (condition == .ifAbsent ? "2" : "3"))
    }

    @Test func whatTheEngineHasNotIsRefused() async throws {
        #expect(
            engine.engine.capabilities
                == EngineCapabilities(
                    durabilities: [.memory], versions: false, atomicBatches: false))
        await #expect(throws: EngineError.unsupported("the engine has no versions")) {
            try await engine.put("k", "v", PutOptions(ifVersion: 0))
        }
        for level in [Durability.logged, .synced, .replicated] {
            await #expect(throws: EngineError.self) { try await engine.put("k", "v", PutOptions(), level) }
        }
        #expect(try await engine.get("k") == nil)
    }

    @Test func swapsHappenOnlyWhereNothingChanged() async throws {
        #expect(try await engine.swap("k", seen: nil, "1"))
        #expect(try await !engine.swap("k", seen: nil, "2"))
        #expect(try await !engine.swap("k", seen: "0", "2"))
        let expiry = Self.soon(60_000)
        #expect(try await engine.swap("k", seen: "1", "2", expiry: expiry))
        #expect(try await engine.get("k") == StoredValue(ByteBuffer(string: "2"), expiry: expiry))
        #expect(try await engine.swap("k", seen: "2", "", expiry: .distantFuture))
        #expect(try await engine.swap("k", seen: "", "3"))
        #expect(try await !engine.swap("gone", seen: "1", "2"))
        // A node that forgets its scripts is sent them.
        try server.command("SCRIPT", "FLUSH")
        #expect(try await engine.swap("k", seen: "3", "4"))
    }

    @Test func ofSwapsThatRaceOneWinsEachTime() async throws {
        try await engine.put("k", "0")
        let engine = engine
        let wins = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var wins = 0
                    while wins < 25 {
                        guard let seen = try await engine.text("k"), let number = Int(seen) else { break }
                        if try await engine.swap("k", seen: seen, "\(number + 1)") { wins += 1 }
                    }
                    return wins
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wins == 200)
        #expect(try await engine.text("k") == "200")
    }

    @Test func incrementsAreThoseOfTheContract() async throws {
        #expect(try await engine.increment("n", by: 5) == 5)
        #expect(try await engine.increment("n", by: -7, initial: 100) == -2)
        #expect(try await engine.increment("m", by: 1, initial: 41) == 42)
        // Beyond the 53 bits of a script's numbers.
        #expect(try await engine.increment("b", by: 1, initial: 9_007_199_254_740_993) == 9_007_199_254_740_994)
        #expect(try await engine.increment("e", by: .min) == .min)
        await #expect(throws: EngineError.overflow) { try await engine.increment("e", by: -1) }
        #expect(try await engine.text("e") == "\(Int64.min)")
        await #expect(throws: EngineError.overflow) { try await engine.increment("f", by: 1, initial: .max) }
        #expect(try await engine.get("f") == nil)
    }

    @Test(arguments: ["", " 5", "5 ", "+5", "05", "-0", "--1", "1.0", "0x1", "abc", "9223372036854775808", "-"])
    func onlyIntegersAreIncremented(text: String) async throws {
        try await engine.put("n", text)
        await #expect(throws: EngineError.notAnInteger) { try await engine.increment("n", by: 1) }
        #expect(try await engine.text("n") == text)
    }

    @Test func incrementsKeepTheExpiryUnlessTheySetOne() async throws {
        let (first, second) = (Self.soon(60_000), Self.soon(90_000))
        try await engine.put("n", "1", PutOptions(expiry: first))
        _ = try await engine.increment("n", by: 1)
        #expect(try await engine.get("n")?.expiry == first)
        _ = try await engine.increment("n", by: 1, expiry: second)
        #expect(try await engine.get("n")?.expiry == second)
        _ = try await engine.increment("n", by: 1, expiry: .distantFuture)
        #expect(try await engine.get("n")?.expiry == .distantFuture)
        _ = try await engine.increment("new", by: 1, expiry: first)
        #expect(try await engine.get("new")?.expiry == first)
    }

    @Test func touchesSetTheExpiryOfWhatIsThere() async throws {
        let expiry = Self.soon(60_000)
        #expect(try await !engine.touch("k", expiry: expiry))
        #expect(try await !engine.touch("k", expiry: .distantFuture))
        try await engine.put("k", "v")
        #expect(try await engine.touch("k", expiry: .distantFuture))
        #expect(try await engine.touch("k", expiry: expiry))
        #expect(try await engine.get("k")?.expiry == expiry)
        #expect(try await engine.touch("k", expiry: .distantFuture))
        #expect(try await engine.get("k")?.expiry == .distantFuture)
    }

    @Test func whatHasExpiredIsMissing() async throws {
        try await engine.put("k", "v", PutOptions(expiry: Self.soon(20)))
        while try await engine.get("k") != nil {}
        #expect(await engine.multiGet(["k"]).statuses == [.missing])
        #expect(try await !engine.remove("k"))
    }

    @Test func removesSayWhetherSomethingWasThere() async throws {
        try await engine.put("k", "v")
        #expect(try await engine.remove("k"))
        #expect(try await !engine.remove("k"))
        _ = try await engine.multiPut([("a", "1"), ("b", "2")])
        #expect(try await engine.multiRemove(["a", "b", "a", "c"]) == 2)
        #expect(try await engine.multiRemove([]) == 0)
    }

    @Test func manyKeysAreReadInTheirPlaces() async throws {
        let entries = (0..<1_000).map { ("key\($0)", "value\($0)") }
        #expect(try await engine.multiPut(entries) == Array(repeating: .stored, count: 1_000))
        let keys = (0..<1_200).map { "key\($0 % 1_100)" }
        for keysPerPart in [1, 7, 5_000] {
            let read = await engine.multiGet(keys, width: FanOutWidth(concurrency: 8, keysPerPart: keysPerPart))
            #expect(read.statuses == (0..<1_200).map { $0 % 1_100 < 1_000 ? .found : .missing })
            #expect(read.values == (0..<1_200).map { $0 % 1_100 < 1_000 ? "value\($0 % 1_100)" : "" })
        }
        #expect(await engine.multiGet([]).statuses.isEmpty)
    }

    @Test func valuesThatDoNotFitOneReplyAreReadAlone() async throws {
        let engine = try await EngineUnderTest(ports: [server.port]) { $0.replyBytesMax = 1_000 }
        let value = String(repeating: "v", count: 400)
        let keys = (0..<10).map { "key\($0)" }
        _ = try await engine.multiPut(keys.map { ($0, value + $0) })
        let read = await engine.multiGet(keys + keys)
        #expect(read.values == (keys + keys).map { value + $0 })
        let figures = engine.engine.figures.snapshot
        #expect(figures.connections == 1 && figures.connectionFailures == 0)
        try await engine.close()
    }

    @Test func ofEqualKeysTheLastWins() async throws {
        #expect(try await engine.multiPut([("a", "1"), ("b", "2"), ("a", "3")]) == [.stored, .stored, .stored])
        #expect(await engine.multiGet(["a", "b"]).values == ["3", "2"])
        #expect(try await engine.multiPut([("c", "1"), ("c", "2")], atomic: true) == [.stored, .stored])
        #expect(try await engine.text("c") == "2")
    }

    @Test func atomicBatchesHoldAnyKeysOfOneServer() async throws {
        let expiry = Self.soon(60_000)
        let entries = (0..<500).map { ("a\($0)", "v\($0)") }
        #expect(try await engine.multiPut(entries, atomic: true, expiry: expiry).count == 500)
        #expect(try await engine.get("a499") == StoredValue(ByteBuffer(string: "v499"), expiry: expiry))
    }

    @Test func keysOfOtherTypesAreNoValues() async throws {
        try server.command("RPUSH", "list", "x")
        await #expect(throws: EngineError.self) { try await engine.get("list") }
        await #expect(throws: EngineError.self) { try await engine.increment("list", by: 1) }
        #expect(await engine.multiGet(["list", "none"]).statuses == [.missing, .missing])
        #expect(try await engine.scanAll().isEmpty)
    }

    @Test func fullMemoryIsAClearError() async throws {
        try server.command("CONFIG", "SET", "maxmemory", "1")
        await #expect(throws: EngineError.outOfMemory(limitBytes: 0)) { try await engine.put("k", "v") }
        await #expect(throws: EngineError.outOfMemory(limitBytes: 0)) { try await engine.multiPut([("a", "1")]) }
        await #expect(throws: EngineError.outOfMemory(limitBytes: 0)) { try await engine.increment("k", by: 1) }
        #expect(try await engine.get("k") == nil)
    }

    // MARK: Scans

    @Test(arguments: [1, 10, 1_000])
    func scansFindEveryKey(limit: Int) async throws {
        let keys = (0..<300).map { "k*[\($0)" }
        _ = try await engine.multiPut(keys.map { ($0, "v") } + [("other", "v"), ("kk", "v")])
        #expect(Set(try await engine.scanAll(prefix: "k*[", limit: limit)) == Set(keys))
        #expect(Set(try await engine.scanAll(limit: limit, keysOnly: true)) == Set(keys + ["other", "kk"]))
        #expect(try await engine.scanAll(prefix: "none", limit: limit).isEmpty)
    }

    @Test func pagesKeepTheirLimits() async throws {
        _ = try await engine.multiPut((0..<200).map { ("key\($0)", String(repeating: "x", count: 100)) })
        var options = ScanOptions(limit: 50, byteLimit: 1_000)
        var keys: Set<String> = []
        repeat {
            let page = try await engine.scan(options)
            #expect(page.entries.count <= 9)
            for entry in page.entries { keys.insert(String(buffer: entry.key)) }
            options.cursor = page.cursor
        } while options.cursor != nil
        #expect(keys.count == 200)
        options.byteLimit = 1
        #expect(try await engine.scan(options).entries.count == 1)
    }

    @Test func scansFindWhatIsThereAllTheTimeWhileTheRestChanges() async throws {
        let stable = (0..<500).map { "s\($0)" }
        _ = try await engine.multiPut(stable.map { ($0, "v") })
        var options = ScanOptions(limit: 20)
        var keys: Set<String> = []
        var round = 0
        repeat {
            let page = try await engine.scan(options)
            for entry in page.entries { keys.insert(String(buffer: entry.key)) }
            options.cursor = page.cursor
            // The table grows, and shrinks.
            if round < 10 {
                _ = try await engine.multiPut((0..<300).map { ("t\(round)-\($0)", "v") })
            } else {
                _ = try await engine.multiRemove((0..<300).map { "t\(round - 10)-\($0)" })
            }
            round += 1
        } while options.cursor != nil
        #expect(keys.isSuperset(of: stable))
    }

    @Test func aScanGoesOnAfterARestart() async throws {
        let keys = (0..<300).map { "k\($0)" }
        _ = try await engine.multiPut(keys.map { ($0, "v") })
        let first = try await engine.scan(ScanOptions(limit: 50))
        try server.restart()
        // What was in memory is gone; the same keys again, in a table with another order.
        try await stored(keys.map { ($0, "v") })
        #expect(first.cursor != nil)
        var options = ScanOptions(cursor: first.cursor, limit: 50)
        var found = Set(first.entries.map { String(buffer: $0.key) })
        repeat {
            let page = try await engine.scan(options)
            for entry in page.entries { found.insert(String(buffer: entry.key)) }
            options.cursor = page.cursor
        } while options.cursor != nil
        #expect(found == Set(keys))
    }

    @Test func aCursorThatIsNoneIsRefused() async throws {
        await #expect(throws: EngineError.invalidCursor) {
            try await engine.scan(ScanOptions(cursor: ByteBuffer(string: "nonsense")))
        }
    }

    /// Puts until it succeeds.
    private func stored(_ entries: [(String, String)]) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(20)
        while clock.now < end {
            if let statuses = try? await engine.multiPut(entries), statuses.allSatisfy({ $0 == .stored }) { return }
        }
        Issue.record("the server did not come back")
    }

    // MARK: Faults

    @Test func aServerThatWentAwayFailsCallsAtOnceAndIsFoundAgain() async throws {
        try await engine.put("k", "v")
        server.kill()
        let read = await engine.multiGet(["k", "l"], milliseconds: 5_000)
        #expect(read.statuses == [.failed, .failed])
        #expect(read.milliseconds < 4_000)
        await #expect(throws: EngineError.self) { try await engine.put("k", "w") }
        try server.restart()
        try await stored([("k", "x")])
        #expect(try await engine.text("k") == "x")
    }

    @Test func aServerThatStandsStillKeepsItsConnectionAndGoesOn() async throws {
        _ = try await engine.multiPut([("a", "1"), ("b", "2")])
        try server.freeze()
        for _ in 0..<5 {
            let read = await engine.multiGet(["a", "b"], milliseconds: 30)
            #expect(read.statuses == [.deadlineExceeded, .deadlineExceeded])
        }
        let before = engine.engine.figures.snapshot
        server.resume()
        let read = await engine.multiGet(["a", "b"])
        #expect(read.values == ["1", "2"])
        #expect(engine.engine.figures.snapshot.connections == before.connections)
        #expect(before.connectionFailures == 0)
    }

    @Test func aServerThatStandsStillForLongIsStillWaitedFor() async throws {
        let engine = try await EngineUnderTest(ports: [server.port]) {
            $0.readTimeout = .milliseconds(100)
            $0.connectTimeout = .milliseconds(50)
        }
        try await engine.put("a", "1")
        try server.freeze()
        for _ in 0..<20 {
            let read = await engine.multiGet(["a"], milliseconds: 30)
            #expect(read.statuses == [.deadlineExceeded])
        }
        #expect(engine.engine.figures.snapshot.connectionFailures > 1)
        server.resume()
        #expect(await engine.multiGet(["a"]).values == ["1"])
        try await engine.close()
    }

    @Test func passwordsAreSent() async throws {
        let server = try RedisServer()
        try server.command("CONFIG", "SET", "requirepass", "secret")
        let without = try await EngineUnderTest(ports: [server.port])
        await #expect(throws: EngineError.self) { try await without.put("k", "v") }
        let wrong = try await EngineUnderTest(ports: [server.port]) { $0.password = "public" }
        do {
            try await wrong.put("k", "v")
            Issue.record("a wrong password was taken")
        } catch {
            guard case .unavailable(let reason) = error else { throw error }
            #expect(reason.contains("WRONGPASS"))
        }
        let right = try await EngineUnderTest(ports: [server.port]) { ($0.user, $0.password) = ("default", "secret") }
        #expect(try await right.put("k", "v").applied)
    }

    @Test func callsAfterTheEndOfTheSessionFail() async throws {
        try await engine.put("k", "v")
        try await engine.close()
        await #expect(throws: EngineError.self) { try await engine.get("k") }
        #expect(engine.engine.figures.snapshot.openConnections == 0)
    }
}
