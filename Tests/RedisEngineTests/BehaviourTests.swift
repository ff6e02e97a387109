//! What the engine does about each fault, on nodes that a test scripts and a clock that it moves.

internal import NIOCore
internal import NIOEmbedded
internal import NeedletailWire
internal import StorageEngine
internal import Testing
internal import Timing

@testable internal import RedisEngine

@Suite struct BehaviourTests {
    private let nodes = ScriptedNodes()
    private let key = ByteBuffer(string: "k")  // Slot 7629.

    private func get(_ engine: RedisEngine, _ session: RedisSession) -> Outcome<StoredValue?> {
        let outcome = Outcome<StoredValue?>()
        engine.get(key, outcome.call, session: session)
        return outcome
    }

    private func put(_ engine: RedisEngine, _ session: RedisSession) -> Outcome<Kept<PutOutcome>> {
        let outcome = Outcome<Kept<PutOutcome>>()
        engine.put(
            key, value: ByteBuffer(string: "v"), options: PutOptions(), durability: .memory, outcome.call,
            session: session)
        return outcome
    }

    @Test func callsWaitForTheTopologyAndShareOneMessage() throws {
        let (engine, session) = nodes.makeSession([1])
        let (first, second) = (get(engine, session), put(engine, session))
        try nodes.beStandalone(1)
        #expect(try nodes.take(1) == [["GET", "k"], ["PEXPIRETIME", "k"], ["SET", "k", "v"]])
        #expect(engine.figures.snapshot.requests == 3)
        try nodes.answer(1, "$1\r\nx", ":-1", "+OK")
        #expect(first.value == StoredValue(ByteBuffer(string: "x")))
        #expect(second.value?.outcome.applied == true)
    }

    @Test func whatIsCancelledIsNotSentOrItsReplyIsDropped() throws {
        let (engine, session) = nodes.makeSession([1])
        try nodes.beStandalone(1)
        let unsent = get(engine, session)
        unsent.call.cancel()
        #expect(try nodes.take(1).isEmpty)
        let sent = get(engine, session)
        #expect(try nodes.take(1).count == 2)
        sent.call.cancel()
        let next = get(engine, session)
        try nodes.answer(1, "$5\r\nother", ":-1")
        #expect(try nodes.take(1).count == 2)
        try nodes.answer(1, "$4\r\nmine", ":-1")
        #expect(sent.result == nil && unsent.result == nil)
        #expect(next.value == StoredValue(ByteBuffer(string: "mine")))
        #expect(nodes.channels[1]?.count == 1)
    }

    @Test func movedGoesToTheNewNodeAndIsRemembered() throws {
        let (engine, session) = nodes.makeSession([1])
        try nodes.beCluster(1, 2)
        let first = put(engine, session)
        _ = try nodes.take(1)
        try nodes.answer(1, "-MOVED 7629 n:3")
        _ = try nodes.greet(3)
        #expect(try nodes.take(3) == [["SET", "k", "v"]])
        try nodes.answer(3, "+OK")
        #expect(first.value?.outcome.applied == true)
        let second = put(engine, session)
        #expect(try nodes.take(3) == [["SET", "k", "v"]])
        try nodes.answer(3, "+OK")
        #expect(second.value?.outcome.applied == true)
        #expect(engine.figures.snapshot.redirections == 1)
        // The topology is read again, though not at once.
        nodes.advance(milliseconds: 200)
        let asked = try [1, 2, 3].flatMap { port in try nodes.greet(port) + nodes.take(port) }
        #expect(asked.contains(["CLUSTER", "SLOTS"]))
    }

    @Test func askGoesToTheOtherNodeForThisOnce() throws {
        let (engine, session) = nodes.makeSession([1])
        try nodes.beCluster(1, 2)
        let first = get(engine, session)
        _ = try nodes.take(1)
        try nodes.answer(1, "-ASK 7629 n:2", "-ASK 7629 n:2")
        _ = try nodes.greet(2)
        #expect(try nodes.take(2) == [["ASKING"], ["GET", "k"], ["ASKING"], ["PEXPIRETIME", "k"]])
        try nodes.answer(2, "+OK", "$1\r\nx", "+OK", ":5")
        #expect(first.value == StoredValue(ByteBuffer(string: "x"), expiry: WallTime(milliseconds: 5)))
        _ = put(engine, session)
        #expect(try nodes.take(1) == [["SET", "k", "v"]])
    }

    @Test(arguments: ["TRYAGAIN x", "LOADING x", "CLUSTERDOWN x", "MASTERDOWN x", "BUSY x"])
    func whatPassesIsTriedAgainAndNotForEver(text: String) throws {
        let (engine, session) = nodes.makeSession([1]) {
            $0.attemptsMax = 3
            $0.readTimeout = .seconds(100)
        }
        try nodes.beStandalone(1)
        let outcome = put(engine, session)
        for attempt in 1...3 {
            #expect(try nodes.take(1).filter { $0[0] == "SET" }.count == 1, "attempt \(attempt)")
            try nodes.answer(1, "-" + text)
            // The reading of the topology that some of them ask for, which is answered as before.
            if try nodes.take(1).contains(where: { $0[0] == "CLUSTER" }) {
                try nodes.answer(1, "-ERR This instance has cluster support disabled", "*3\r\n$6\r\nmaster\r\n:0\r\n*0")
            }
            if attempt == 1 { #expect(outcome.result == nil) }
            if attempt < 3 { nodes.advance(milliseconds: 30) }
        }
        #expect(outcome.failure == .unavailable(reason: "n:1: " + text))
    }

    @Test func aWriteWhoseConnectionBreaksIsInterruptedAndAReadIsSentAgain() throws {
        let (engine, session) = nodes.makeSession([1])
        try nodes.beStandalone(1)
        let (write, read) = (put(engine, session), get(engine, session))
        #expect(try nodes.take(1).count == 3)
        nodes.advance(milliseconds: 1_500)
        nodes.channels[1]?.last?.pipeline.fireChannelInactive()
        nodes.run()
        guard case .interrupted? = write.failure else { return #expect(Bool(false), "\(write.result as Any)") }
        nodes.advance(milliseconds: 20)
        _ = try nodes.greet(1)
        let commands = try nodes.take(1)
        #expect(commands.contains(["GET", "k"]) && !commands.contains(["SET", "k", "v"]))
        #expect(read.result == nil)
    }

    @Test func aSilentNodeIsTriedAgainWhileCallsWait() throws {
        let (engine, session) = nodes.makeSession([1]) { $0.topologyInterval = .seconds(1_000) }
        try nodes.beStandalone(1)
        nodes.connecting[1] = .hangs
        let first = get(engine, session)
        _ = try nodes.take(1)
        nodes.advance(milliseconds: 1_900)
        #expect(nodes.attempts[1] == 1)
        nodes.advance(milliseconds: 200)
        nodes.advance(milliseconds: 50)
        #expect(nodes.attempts[1] == 2)
        nodes.advance(milliseconds: 1_100)
        #expect(nodes.attempts[1] == 3)
        #expect(first.result == nil)
        nodes.connecting[1] = .succeeds
        nodes.advance(milliseconds: 1_100)
        _ = try nodes.greet(1)
        #expect(try nodes.take(1).contains(["GET", "k"]))
    }

    @Test func aNodeThatRefusesIsLeftAloneForAWhile() throws {
        nodes.connecting[1] = .refuses
        let (engine, session) = nodes.makeSession([1])
        nodes.run()
        #expect(nodes.attempts[1] == 1)
        let first = get(engine, session)
        nodes.run()
        guard case .unavailable? = first.failure else { return #expect(Bool(false), "\(first.result as Any)") }
        #expect(nodes.attempts[1] == 1)
        nodes.advance(milliseconds: 60)
        let second = get(engine, session)
        nodes.run()
        #expect(nodes.attempts[1] == 2)
        #expect(second.failure != nil)
    }

    @Test(arguments: ["+what", "$1\r\n1", "*1\r\n:1", "?"])
    func aReplyOfTheWrongTypeClosesTheConnection(reply: String) throws {
        let (engine, session) = nodes.makeSession([1])
        try nodes.beStandalone(1)
        let outcome = Outcome<Kept<Bool>>()
        engine.remove(key, ifVersion: nil, durability: .memory, outcome.call, session: session)
        _ = try nodes.take(1)
        try nodes.answer(1, reply)
        guard case .interrupted? = outcome.failure else { return #expect(Bool(false), "\(outcome.result as Any)") }
        #expect(nodes.channels[1]?.last?.isActive == false)
    }

    @Test(arguments: [":9223372036854775807", ":2", ":-1"])
    func aCountOfMoreThanWasAskedForClosesTheConnection(reply: String) throws {
        let (engine, session) = nodes.makeSession([1])
        try nodes.beStandalone(1)
        let outcome = Outcome<Kept<Int>>()
        engine.multiRemove(["a", "b"], durability: .memory, outcome.call, session: session)
        #expect(try nodes.take(1) == [["UNLINK", "a"], ["UNLINK", "b"]])
        try nodes.answer(1, "\(reply)\r\n\(reply)")
        guard case .interrupted? = outcome.failure else { return #expect(Bool(false), "\(outcome.result as Any)") }
        #expect(nodes.channels[1]?.last?.isActive == false)
    }

    @Test func aReplyThatNothingAskedForClosesTheConnection() throws {
        let (_, session) = nodes.makeSession([1])
        try nodes.beStandalone(1)
        try nodes.answer(1, "+OK")
        #expect(nodes.channels[1]?.last?.isActive == false)
        session.close()
    }

    @Test func tooMuchThatWaitsFailsAtOnce() throws {
        nodes.connecting[2] = .hangs
        let (engine, session) = nodes.makeSession([1]) { $0.queuedRequestsMax = 2 }
        _ = try nodes.greet(1)
        _ = try nodes.take(1)
        try nodes.answerSlots(1, [(0, 8_191, 2), (8_192, 16_383, 1)])
        let outcomes = (0..<3).map { _ in get(engine, session) }
        nodes.run()
        #expect(outcomes.map { $0.result == nil } == [true, true, false])
        outcomes[0].call.cancel()
        #expect(get(engine, session).result == nil)
    }

    @Test func refusedKeysOfAReadAreSentAgainAlone() throws {
        let (engine, session) = nodes.makeSession([1])
        try nodes.beCluster(1, 2)
        let keys: BinaryList = ["{k}1", "{k}2", "k"]
        var hasEnded = false
        let read = MultiRead(keys, width: FanOutWidth(concurrency: 8, keysPerPart: 100)) { hasEnded = true }
        engine.multiGet(read, session: session)
        #expect(try nodes.take(1) == [["MGET", "{k}1", "{k}2", "k"]])
        try nodes.answer(1, "-TRYAGAIN x")
        nodes.advance(milliseconds: 20)
        #expect(try nodes.take(1).filter { $0[0] == "GET" } == [["GET", "{k}1"], ["GET", "{k}2"], ["GET", "k"]])
        try nodes.answer(1, "$1\r\na", "-ASK 7629 n:2", "$-1")
        _ = try nodes.greet(2)
        #expect(try nodes.take(2) == [["ASKING"], ["GET", "{k}2"]])
        try nodes.answer(2, "+OK", "$1\r\nb")
        #expect(hasEnded)
        #expect(read.statuses == [.found, .found, .missing])
        #expect(read.values.map { String(buffer: $0) } == ["a", "b", ""])
    }

    private static func bulk(_ count: Int) -> String { "$\(count)\r\n" + String(repeating: "x", count: count) }

    @Test func valuesThatDoNotFitOneReplyAreReadAloneAndEqualKeysOnce() throws {
        let (engine, session) = nodes.makeSession([1]) { $0.replyBytesMax = 100 }
        try nodes.beStandalone(1)
        var hasEnded = false
        let read = MultiRead(["a", "b", "a", "c", "d"], width: FanOutWidth(concurrency: 8, keysPerPart: 100)) {
            hasEnded = true
        }
        engine.multiGet(read, session: session)
        #expect(try nodes.take(1) == [["MGET", "a", "b", "c", "d"]])
        try nodes.answer(1, "*4\r\n" + [60, 61, 101, 2].map(Self.bulk).joined(separator: "\r\n"))
        #expect(try nodes.take(1) == [["GET", "b"], ["GET", "c"]])
        try nodes.answer(1, Self.bulk(61), Self.bulk(101))
        #expect(hasEnded)
        #expect(read.statuses == [.found, .found, .found, .failed, .found])
        #expect(read.values.map(\.readableBytes) == [60, 61, 60, 0, 2])
        #expect(read.failure == .unsupported("n:1: a value has more than 100 bytes"))
        #expect(nodes.channels[1]?.count == 1 && nodes.channels[1]?.last?.isActive == true)
    }

    @Test func aValueThatIsTooLargeCostsOnlyItsOwnCall() throws {
        let (engine, session) = nodes.makeSession([1]) { $0.replyBytesMax = 100 }
        try nodes.beStandalone(1)
        let (large, small) = (get(engine, session), get(engine, session))
        let written = Outcome<Kept<PutOutcome>>()
        engine.put(
            key, value: ByteBuffer(), options: PutOptions(returnPrevious: true), durability: .memory, written.call,
            session: session)
        #expect(try nodes.take(1).count == 5)
        try nodes.answer(1, Self.bulk(101), ":-1", Self.bulk(100), ":-1", Self.bulk(5_000))
        #expect(large.failure == .unsupported("n:1: a value has more than 100 bytes"))
        #expect(small.value??.value.readableBytes == 100)
        // It was written; only what was there before is not known.
        #expect(written.failure == .interrupted(reason: "n:1: a value has more than 100 bytes"))
        #expect(nodes.channels[1]?.last?.isActive == true)
    }

    @Test(arguments: [bulk(101), "$-1"])
    func aStepOfAScanWhoseKeysDidNotAllComeIsNone(key: String) throws {
        let (engine, session) = nodes.makeSession([1]) { $0.replyBytesMax = 100 }
        try nodes.beStandalone(1)
        let outcome = Outcome<ScanPage>()
        engine.scan(ScanOptions(), outcome.call, session: session)
        #expect(try nodes.take(1).map(\.first) == ["SCAN", "INFO"])
        try nodes.answer(1, "*2\r\n$1\r\n0\r\n*2\r\n$1\r\nk\r\n\(key)", "$10\r\nrun_id:abc")
        #expect(outcome.failure == .unavailable(reason: "a node sent a reply of the wrong type"))
    }

    @Test func sharesAreKept() {
        var budget = ShareBudget(share: 0.05)
        var taken = 0
        for _ in 0..<1_000 {
            budget.count()
            if budget.take() { taken += 1 }
        }
        #expect((49...50).contains(taken))
        var estimate = LatencyEstimate()
        for sample in 0..<31 { estimate.add(nanoseconds: Int64(sample)) }
        #expect(estimate.p95 == nil)
        for sample in 0..<129 { estimate.add(nanoseconds: Int64(sample)) }
        #expect((100...128).contains(estimate.p95 ?? 0))
    }
}
