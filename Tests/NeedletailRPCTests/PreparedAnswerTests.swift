//! Answers that are written when their calls are served, and leave later: as they would have left, and with no buffer lost.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct PreparedAnswerTests {
    private struct Refused: Error {}

    private func preparing() throws -> TestConnection {
        let connection = try TestConnection()
        connection.service.preparesAnswer = { _ in true }
        return connection
    }

    private func expectNothingIsHeld(_ connection: TestConnection) throws {
        #expect(try connection.handler().late.isEmpty)
        #expect(connection.loop.heldBytes == 0)
        #expect(connection.loop.pool.buffersOut == 0)
        #expect(connection.loop.admission.inFlight == 0)
    }

    @Test(arguments: allWires) func itLeavesWhenItIsReleased(_ wire: RPCWire) throws {
        let connection = try preparing()
        for round in 1...3 {
            #expect(try connection.send(calls(wire, ["h\(round)"])).readableBytes == 0)
            #expect(try connection.answering("h\(round)") == answers(wire, ["h\(round)"]))
        }
        try expectNothingIsHeld(connection)
    }

    /// Where an output already has an answer in it, or another one waits.
    @Test(arguments: allWires) func itLeavesInTheOrderOfTheWire(_ wire: RPCWire) throws {
        let connection = try preparing()
        #expect(try connection.send(calls(wire, ["e1", "h2", "h3"])) == answers(wire, ["e1"]))
        #expect(try connection.send(calls(wire, ["e4"])) == (wire.isOrdered ? ByteBuffer() : answers(wire, ["e4"])))
        #expect(
            try connection.answering("h3") == (wire.isOrdered ? ByteBuffer() : answers(wire, ["h3"])))
        #expect(try connection.answering("h2") == answers(wire, wire.isOrdered ? ["h2", "h3", "e4"] : ["h2"]))
        try expectNothingIsHeld(connection)
    }

    /// Of several that leave together only the first finds no output begun.
    @Test(arguments: allWires) func severalLeaveTogether(_ wire: RPCWire) throws {
        let connection = try preparing()
        _ = try connection.send(calls(wire, ["h1"]))
        _ = try connection.send(calls(wire, ["h2"]))
        try connection.channel.writeInbound(calls(wire, ["e3"]))
        for word in ["h1", "h2"] { connection.service.answer(word) }
        let received = try connection.received()
        #expect(received.readableBytes == answers(wire, ["h1", "h2", "e3"]).readableBytes)
        if wire.isOrdered { #expect(received == answers(wire, ["h1", "h2", "e3"])) }
        try expectNothingIsHeld(connection)
    }

    @Test(arguments: allWires) func anotherAnswerReplacesIt(_ wire: RPCWire) throws {
        let connection = try preparing()
        _ = try connection.send(calls(wire, ["h1"]))
        let message = ScriptedCall("h2").answer(RPCWire(wire.format), draining: false)
        connection.service.prepared["h1"]?.send(message, threw: Refused())
        try expectItWasReplaced(try connection.received(), wire, connection)
    }

    /// The only answer is that of h2, as an error.
    private func expectItWasReplaced(_ received: ByteBuffer, _ wire: RPCWire, _ connection: TestConnection) throws {
        #expect(String(buffer: received).contains("h2"))
        #expect(received.readableBytes == answers(wire, ["h2"]).readableBytes)
        if wire.framing == .framed { #expect(received == answers(wire, ["h2"])) }
        #expect(connection.service.counted == ["hold Refused()"])
        try expectNothingIsHeld(connection)
    }

    /// What is long enough goes by reference.
    @Test(arguments: allWires) func aLargeOneLeavesTheSame(_ wire: RPCWire) throws {
        let connection = try preparing()
        let word = "h" + String(repeating: "1", count: 40_000)
        _ = try connection.send(calls(wire, [word]))
        #expect(try connection.answering(word) == answers(wire, [word]))
        try expectNothingIsHeld(connection)
    }

    @Test(arguments: allWires) func whatNobodyWaitsForGoesBackToThePool(_ wire: RPCWire) throws {
        let connection = try preparing()
        connection.service.onHold = { [service = connection.service] in if $0 == "h3" { service.answer($0) } }
        _ = try connection.send(calls(wire, ["h1", "h2", "h3"]))
        try connection.channel.close().wait()
        #expect(connection.service.cancelled == ["h1", "h2"])
        #expect(connection.service.counted == ["hold ok", "hold cancelled", "hold cancelled"])
        connection.service.answer("h1")
        try expectNothingIsHeld(connection)
    }

    @Test(arguments: allWires) func thatOfAOnewayCallGoesBackToThePool(_ wire: RPCWire) throws {
        let connection = try preparing()
        #expect(try connection.send(oneway(wire, "h1")).readableBytes == 0)
        #expect(try connection.answering("h1").readableBytes == 0)
        #expect(try connection.send(calls(wire, ["e2"])) == answers(wire, ["e2"]))
        try expectNothingIsHeld(connection)
    }

    // MARK: Given before the call has returned

    @Test(arguments: allWires) func thatOfAOnewayCallMayBeReleasedAtOnce(_ wire: RPCWire) throws {
        let connection = try preparing()
        connection.service.onHold = { [service = connection.service] in service.answer($0) }
        #expect(try connection.send(oneway(wire, "h1")).readableBytes == 0)
        #expect(connection.service.counted == ["hold ok"])
        #expect(try connection.send(calls(wire, ["e2"])) == answers(wire, ["e2"]))
        try expectNothingIsHeld(connection)
    }

    @Test(arguments: allWires) func anotherAnswerGivenAtOnceReplacesIt(_ wire: RPCWire) throws {
        let connection = try preparing()
        let message = ScriptedCall("h2").answer(RPCWire(wire.format))
        connection.service.onHold = { [service = connection.service] in
            service.prepared[$0]?.send(message, threw: Refused())
        }
        try expectItWasReplaced(try connection.send(calls(wire, ["h1"])), wire, connection)
    }

    @Test(arguments: allWires) func oneThatWasReplacedAtOnceWaitsForOthers(_ wire: RPCWire) throws {
        let connection = try preparing()
        let message = ScriptedCall("h2").answer(RPCWire(wire.format))
        connection.service.onHold = { [service = connection.service] in
            if $0 == "h2" { service.prepared[$0]?.send(message, threw: Refused()) }
        }
        #expect(
            try connection.send(calls(wire, ["h1", "h2"])) == (wire.isOrdered ? ByteBuffer() : answers(wire, ["h2"])))
        #expect(try connection.answering("h1") == answers(wire, wire.isOrdered ? ["h1", "h2"] : ["h1"]))
        #expect(connection.service.counted == ["hold Refused()", "hold ok"])
        try expectNothingIsHeld(connection)
    }

    @Test func thatOfACancelledCallGoesBackToThePool() throws {
        let connection = try preparing()
        _ = try connection.send(calls(RPCWire(.messagePack), ["h1"]))
        _ = try connection.send(encodeCancel(1))
        #expect(connection.service.counted == ["hold cancelled"])
        connection.service.answer("h1")
        #expect(try connection.received().readableBytes == 0)
        try expectNothingIsHeld(connection)
    }
}
