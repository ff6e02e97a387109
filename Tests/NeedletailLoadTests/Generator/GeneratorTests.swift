internal import Histogram
internal import Testing

@testable internal import needletail_load

/// The generator against a server of the test's own.
@Suite(.serialized) struct GeneratorTests {
    private static let keys = KeySpace(count: 100, keySize: 16, valueSize: 8)
    private static let answer = Array("$8\r\n01234567\r\n".utf8)

    private static func run(
        _ pace: Pace, _ mix: CallMix = CallMix(.get), freezeMillis: Int = 0, seconds: Double, callsMax: Int = .max,
        answersMax: Int = .max
    ) throws -> RunFigures {
        let size = RESPDriver(.get, keys).template.bytes.count
        let server = try FakeServer(
            requestSize: size, answer: answer, freezeMillis: freezeMillis, answersMax: answersMax)
        var generator = try Generator<RESPDriver>(server.address, connections: 1, keys)
        return try generator.run(
            RunPlan(
                mix: mix, pace: pace, durationNanoseconds: RunPlan.seconds(seconds), callsMax: callsMax, seed: 5))
    }

    @Test("a frozen server shows in the open loop's P99, and hardly in the closed loop's")
    func freeze() async throws {
        let closed = try await onOwnThread { try Self.run(.closed(inFlight: 1), freezeMillis: 200, seconds: 1) }
        let open = try await onOwnThread { try Self.run(.open(rate: 1_000), freezeMillis: 200, seconds: 1) }
        let milliseconds = { (histogram: LatencyHistogram) in Double(histogram.valueAtPercentile(99)) / 1e6 }
        // 200 of 1,000 arrivals fall into the freeze; the last percent of all has waited for most of it.
        #expect(milliseconds(open.latency) > 150)
        #expect(milliseconds(closed.latency) < 100)
        #expect(Double(closed.latency.max) / 1e6 >= 200)
        #expect((900...1_100).contains(open.calls))
        #expect(open.found == open.calls)
    }

    @Test("no more calls are begun than asked for, and all answers are waited for")
    func bounds() async throws {
        let figures = try await onOwnThread { try Self.run(.closed(inFlight: 16), seconds: 10, callsMax: 1_234) }
        #expect(figures.calls == 1_234)
        #expect(figures.latency.totalCount == 1_234)
        #expect(figures.isClean)
    }

    @Test("two calls that are one operation were sent when the first was, and took from then to the second's answer")
    func continuation() async throws {
        let figures = try await onOwnThread {
            // Twice the same request, so that the server need not tell them apart.
            let part = CallMix.Part(title: "twice", shape: .get, continuation: .get)
            return try Self.run(.open(rate: 1_000), CallMix("twice", [part]), freezeMillis: 200, seconds: 1)
        }
        let fromSend = try #require(figures.latencyFromSend).valueAtPercentile(99)
        let lateness = try #require(figures.lateness).valueAtPercentile(99)
        #expect(fromSend > 150_000_000)
        #expect(lateness < 100_000_000)
        #expect(figures.found == 2 * figures.calls)
    }

    @Test("an open loop's backlog is bounded, and says so")
    func backlog() async throws {
        let failure = try await #require(throws: RunFailure.self) {
            try await onOwnThread { try Self.run(.open(rate: 20_000), seconds: 5, answersMax: 10) }
        }
        #expect("\(failure)".contains("the one 8,192 after it is due"))
    }

    @Test("calls since the oldest unanswered one are bounded, whatever their order")
    func room() throws {
        let (socket, _) = try Socket.listen()
        defer { socket.closeDescriptor() }
        var connection = Connection(socket)
        let call = CallSlot(sentNanoseconds: 1)
        let most = 4 * GeneratorLimits.overtakingMax
        connection.prepare(inFlightMax: 4)
        for _ in 0..<most { #expect(connection.open(call) != nil) }
        #expect(connection.open(call) == nil)
        #expect(connection.close(nil)?.id == 0)
        #expect(connection.open(call) == UInt32(most))
        // The first is not answered, all after it are.
        connection.prepare(inFlightMax: 4)
        let first = connection.open(call)
        for _ in 1..<most {
            let id = connection.open(call)
            #expect(id != nil && connection.close(id) != nil)
        }
        #expect(connection.open(call) == nil)
        #expect(connection.close(first) != nil)
        #expect(connection.open(call) != nil)
    }

    @Test("answers that are wrong, missing or errors are counted, and the first is kept")
    func problems() async throws {
        let keys = Self.keys
        let figures = try await onOwnThread {
            let size = RESPDriver(.get, keys).template.bytes.count
            let server = try FakeServer(requestSize: size, answer: Self.answer)
            var generator = try Generator<RESPDriver>(server.address, connections: 1, keys)
            let plan = RunPlan(
                mix: CallMix(.get), pace: .closed(inFlight: 4), durationNanoseconds: RunPlan.seconds(5), callsMax: 10,
                verifies: true, seed: 5)
            return try generator.run(plan)
        }
        #expect(figures.wrong == 10)
        #expect(!figures.isClean)
        #expect(figures.firstProblem?.contains("another value") == true)
        let missing = try await onOwnThread {
            let size = RESPDriver(.get, keys).template.bytes.count
            let server = try FakeServer(requestSize: size, answer: Array("$-1\r\n".utf8))
            var generator = try Generator<RESPDriver>(server.address, connections: 1, keys)
            let plan = RunPlan(
                mix: CallMix(.get), pace: .closed(inFlight: 4), durationNanoseconds: RunPlan.seconds(5), callsMax: 10,
                seed: 5)
            return try generator.run(plan)
        }
        #expect(missing.missing == 10)
        #expect(missing.wrong == 0)
        #expect(missing.firstProblem?.contains("missing") == true)
    }
}
