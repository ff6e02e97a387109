//! Answers that come later than their calls were served: in which order they leave, and with what.

import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct LateAnswerTests {
    @Test(arguments: allWires) func aLateAnswerLeavesWhenItIsGiven(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        #expect(try connection.send(calls(wire, ["h1"])).readableBytes == 0)
        #expect(connection.service.served == ["h1"])
        #expect(try connection.answering("h1") == answers(wire, ["h1"]))
        #expect(try connection.send(calls(wire, ["e2"])) == answers(wire, ["e2"]))
        #expect(try connection.handler().late.isEmpty && connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires) func answersLeaveInTheOrderOfTheWire(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let atOnce = try connection.send(calls(wire, ["e1", "h2", "e3", "h4", "h5", "e6"]))
        #expect(connection.service.executed == 6)
        if wire.isOrdered {
            #expect(atOnce == answers(wire, ["e1"]))
            #expect(try connection.answering("h4").readableBytes == 0)
            #expect(try connection.send(calls(wire, ["e7"])).readableBytes == 0)
            #expect(connection.loop.heldBytes > 0, "what waits is held")
            #expect(try connection.answering("h2") == answers(wire, ["h2", "e3", "h4"]))
            #expect(try connection.answering("h5") == answers(wire, ["h5", "e6", "e7"]))
        } else {
            #expect(atOnce == answers(wire, ["e1", "e3", "e6"]))
            #expect(try connection.answering("h4") == answers(wire, ["h4"]))
            #expect(try connection.send(calls(wire, ["e7"])) == answers(wire, ["e7"]))
            #expect(try connection.answering("h2", "h5") == answers(wire, ["h2", "h5"]))
        }
        #expect(try connection.handler().late.isEmpty)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires) func refusedCallsKeepTheOrderToo(_ wire: RPCWire) throws {
        let refused = try TestConnection().send(encodeCall(wire, id: 2, Nothing.self, One(Note("x"))))
        let connection = try TestConnection()
        var bytes = calls(wire, ["h1"])
        bytes.writeImmutableBuffer(encodeCall(wire, id: 2, Nothing.self, One(Note("x"))))
        var received = try connection.send(bytes)
        #expect(received == (wire.isOrdered ? ByteBuffer() : refused))
        received.writeImmutableBuffer(try connection.answering("h1"))
        var expected = wire.isOrdered ? answers(wire, ["h1"]) : refused
        expected.writeImmutableBuffer(wire.isOrdered ? refused : answers(wire, ["h1"]))
        #expect(received == expected)
    }

    /// Values of 16 KiB and up leave by reference, and wait by reference.
    @Test(arguments: allWires) func largeAnswersKeepTheOrderToo(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let large = calls(wire, ["e2", "e3"], padding: 40_000)
        var bytes = calls(wire, ["h1"])
        bytes.writeImmutableBuffer(large)
        bytes.writeImmutableBuffer(calls(wire, ["e4", "h5", "e6"]))
        var received = try connection.send(bytes)
        received.writeImmutableBuffer(try connection.answering("h1"))
        received.writeImmutableBuffer(try connection.answering("h5"))
        let big = answers(wire, ["e2", "e3"], padding: 40_000)
        var expected = ByteBuffer()
        if wire.isOrdered {
            expected.writeImmutableBuffer(answers(wire, ["h1"]))
            expected.writeImmutableBuffer(big)
            expected.writeImmutableBuffer(answers(wire, ["e4", "h5", "e6"]))
        } else {
            expected.writeImmutableBuffer(big)
            expected.writeImmutableBuffer(answers(wire, ["e4", "e6", "h1", "h5"]))
        }
        #expect(received == expected)
        #expect(connection.loop.heldBytes == 0)
    }

    @Test(arguments: allWires) func answersOfOneTickLeaveTogether(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2", "h3"]))
        try connection.channel.writeInbound(calls(wire, ["e4"]))
        for word in ["h1", "h2", "h3"] { connection.service.answer(word) }
        connection.channel.embeddedEventLoop.run()
        let piece = try connection.channel.readOutbound(as: ByteBuffer.self)
        #expect(piece?.readableBytes == answers(wire, ["h1", "h2", "h3", "e4"]).readableBytes)
        #expect(try connection.channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test(arguments: allWires) func anAnswerMayBeGivenBeforeTheCallReturns(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        connection.service.onHold = { [service = connection.service] word in
            if word != "h3" { service.answer(word) }
        }
        #expect(try connection.send(calls(wire, ["h1", "e2"])) == answers(wire, ["h1", "e2"]))
        var received = try connection.send(calls(wire, ["h3", "h4", "e5"]))
        #expect(received == (wire.isOrdered ? ByteBuffer() : answers(wire, ["h4", "e5"])))
        received.writeImmutableBuffer(try connection.answering("h3"))
        #expect(received == answers(wire, wire.isOrdered ? ["h3", "h4", "e5"] : ["h4", "e5", "h3"]))
        #expect(try connection.handler().late.isEmpty)
    }

    @Test(arguments: allWires) func oneCallMayAnswerAnother(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        connection.service.onHold = { [service = connection.service] _ in
            for word in ["h2", "h1", "h3"] { service.answer(word) }
        }
        let received = try connection.send(calls(wire, ["h3", "e4"]))
        #expect(received == answers(wire, wire.isOrdered ? ["h1", "h2", "h3", "e4"] : ["h3", "e4", "h2", "h1"]))
        #expect(try connection.handler().late.isEmpty)
    }

    @Test(arguments: allWires) func onlyTheFirstAnswerCounts(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        connection.service.held["h1"]?.send(Note("h1"))
        connection.service.held["h1"]?.send(Note("something else"))
        #expect(try connection.received() == answers(wire, ["h1"]))
        #expect(try connection.answering("h1").readableBytes == 0)
        #expect(try connection.answering("h2") == answers(wire, ["h2"]))
        #expect(connection.service.cancelled == [])
    }

    @Test(arguments: allWires) func theAnswerOfAOnewayCallIsDropped(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["e1"]))
        var bytes = calls(wire, ["t2"])
        bytes.writeImmutableBuffer(oneway(wire, "h3"))
        bytes.writeImmutableBuffer(calls(wire, ["e4", "h5", "e6"]))
        #expect(try connection.send(bytes) == answers(wire, wire.isOrdered ? ["e4"] : ["e4", "e6"]))
        #expect(connection.service.served == ["e1", "t2", "h3", "e4", "h5", "e6"])
        #expect(try connection.answering("h3").readableBytes == 0)
        connection.service.told["t2"]?.send(NoResult())
        #expect(try connection.received().readableBytes == 0)
        #expect(try connection.answering("h5") == answers(wire, wire.isOrdered ? ["h5", "e6"] : ["h5"]))
        #expect(try connection.handler().late.isEmpty)
        // Also where the answer is there before the call returns.
        connection.service.onHold = { [service = connection.service] in service.answer($0) }
        #expect(try connection.send(oneway(wire, "h7")).readableBytes == 0)
        #expect(try connection.send(calls(wire, ["e8"])) == answers(wire, ["e8"]))
        #expect(connection.service.cancelled == [])
    }

    @Test(arguments: allWires) func aCallIsMeasuredWhenItsAnswerIsGiven(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let place = RPCMetrics.place(ofMethod: StubMethod.hold.rawValue)
        let measured = { LatencyDistribution(merging: [connection.loop.metrics.latencies], at: place) }
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        #expect(measured().count == 0)
        connection.time.advance(byMilliseconds: 5)
        _ = try connection.answering("h2")
        #expect(measured().count == 1 && measured().nanosecondsSum == 5_000_000)
        connection.time.advance(byMilliseconds: 5)
        _ = try connection.answering("h1")
        #expect(measured().count == 2 && measured().nanosecondsSum == 15_000_000)
    }

    /// Calls of all kinds, in pieces of any size, answered at any time: the same answers, and in Thrift in their order.
    @Test(arguments: allWires, 0..<20) func anyMixtureIsAnsweredInOrder(_ wire: RPCWire, _ seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let connection = try TestConnection()
        // Half of those that wait have their answers prepared.
        connection.service.preparesAnswer = { $0.last.map { "02468".contains($0) } ?? false }
        let script = (1...200).map { "\(["e", "e", "h", "h", "t"][Int.random(in: 0..<5, using: &random)])\($0)" }
        var bytes = calls(wire, script)
        var received = ByteBuffer()
        var open: [String] = []
        var seen = 0
        while seen < script.count || !open.isEmpty {
            if bytes.readableBytes > 0, Bool.random(using: &random) {
                let size = min(Int.random(in: 1...400, using: &random), bytes.readableBytes)
                try connection.channel.writeInbound(bytes.readSlice(length: size) ?? ByteBuffer())
            }
            if Bool.random(using: &random) { received.writeImmutableBuffer(try connection.received()) }
            open += connection.service.served[seen...].filter { !$0.hasPrefix("e") }
            seen = connection.service.served.count
            while !open.isEmpty, Int.random(in: 0..<3, using: &random) > 0 {
                let word = open.remove(at: Int.random(in: open.indices, using: &random))
                connection.service.answer(word)
                connection.service.told[word]?.send(NoResult())
            }
        }
        received.writeImmutableBuffer(try connection.received())
        #expect(connection.service.served == script)
        let expected = answers(wire, script)
        if wire.isOrdered {
            #expect(received == expected)
        } else {
            #expect(received.readableBytes == expected.readableBytes)
            let text = String(buffer: received)
            for word in script where !word.hasPrefix("t") {
                let isThere = text.contains(String(buffer: answers(wire, [word])))
                #expect(isThere, "\(word)")
            }
        }
        #expect(try connection.handler().late.isEmpty)
        #expect(connection.loop.heldBytes == 0 && connection.loop.pool.buffersOut == 0)
    }
}

/// Random numbers that a test can have again.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
