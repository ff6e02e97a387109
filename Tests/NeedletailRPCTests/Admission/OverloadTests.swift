//! A service that is slow, on a clock that only its calls move: who is shed, who goes first, and what is counted.

import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct OverloadTests {
    private static let admission = AdmissionConfiguration(targetMillis: 10, intervalMillis: 20)

    private func echo(_ wire: RPCWire, _ text: String) -> ByteBuffer {
        encodeCall(wire, id: 1, Echo.self, One(Note(text)))
    }

    /// Connections with a call each, which came in one tick; a call takes 3 ms, so that a tick serves one of them.
    private func crowd(
        _ wire: RPCWire, _ count: Int, _ admission: AdmissionConfiguration = admission
    ) throws -> [TestConnection] {
        let first = try TestConnection(admission: admission)
        var connections = [first]
        for _ in 1..<count { connections.append(try TestConnection(sharing: first)) }
        first.service.millisecondsPerCall = 3
        for (index, connection) in connections.enumerated() {
            try connection.channel.writeInbound(echo(wire, "\(index)"))
        }
        return connections
    }

    private func turn(_ connection: TestConnection, ticks: Int = 1) {
        connection.channel.embeddedEventLoop.run()
        for _ in 1..<max(ticks, 1) { connection.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1)) }
    }

    @Test(arguments: allWires) func whatHasWaitedTwiceTheTargetIsShedAndTheRestIsServed(_ wire: RPCWire) throws {
        let connections = try crowd(wire, 30)
        let service = connections[0].service
        turn(connections[0], ticks: 100)
        // An interval to see short waits, an interval to see long ones: what had its turn by 39 ms was served.
        #expect(service.served == (0..<14).map { "\($0)" })
        #expect(service.refusals == Array(repeating: .overloaded(.sojourn), count: 16))
        #expect(connections[0].loop.metrics.counters[RPCCounter.callsShedBySojourn.rawValue] == 16)
        for (index, connection) in connections.enumerated() {
            let answer = text(try connection.received())
            #expect(answer.contains("overloaded") == (index >= 14))
            #expect(connection.channel.isActive, "a shed call closes nothing")
        }
        // It is over when the queue is: the loop slept, and what it reads has not waited.
        connections[0].time.advance(byMilliseconds: 1)
        _ = try connections[29].send(echo(wire, "again"))
        #expect(service.served.last == "again")
    }

    @Test func aRefusalInMessagePackSaysWhenToComeAgain() throws {
        let connections = try crowd(RPCWire(.messagePack), 15)
        turn(connections[0], ticks: 100)
        var answer = try connections[14].received()
        var expected = MessagePackWriter(ByteWriter(into: ByteBuffer()))
        let call = echo(RPCWire(.messagePack), "14")
        var reader = MessagePackReader(call)
        expected.refuse(CallHead(try reader.readEnvelope()), .overloaded(.sojourn))
        let refusal = expected.finish().finish()
        #expect(answer == refusal)
        #expect(answer.readString(length: answer.readableBytes)?.contains("retryAfterMillis") == true)
    }

    @Test(arguments: allWires) func aServiceThatShedsItselfIsToldHowHardItIs(_ wire: RPCWire) throws {
        let connections = try crowd(wire, 30)
        let service = connections[0].service
        service.shedsCalls = true
        turn(connections[0], ticks: 100)
        #expect(service.executed == 30 && service.refusals.isEmpty)
        #expect(service.times[13].pressure.shedReason(budgetMillis: .max) == nil)
        #expect(service.times[14].pressure.shedReason(budgetMillis: .max) == .sojourn)
    }

    @Test func withoutAdmissionAllWait() throws {
        let connections = try crowd(
            RPCWire(.messagePack), 30, AdmissionConfiguration(isEnabled: false, targetMillis: 1))
        turn(connections[0], ticks: 100)
        #expect(connections[0].service.executed == 30)
        #expect(connections[0].loop.metrics.inFlightLimit(ofMethod: StubMethod.hold.rawValue) == 0)
    }

    @Test(arguments: allWires) func anUrgentCallGoesBeforeThoseThatWait(_ wire: RPCWire) throws {
        let connections = try crowd(wire, 10, AdmissionConfiguration(isEnabled: false))
        let service = connections[0].service
        let monitor = try TestConnection(sharing: connections[0])
        let customer = try TestConnection(sharing: connections[0])
        turn(connections[0])
        #expect(service.executed == 1)
        // The first call of a connection is urgent whatever it is; these are the second ones.
        _ = try monitor.send(encodeCall(wire, id: 1, Done.self, None()))
        _ = try customer.send(echo(wire, "first"))
        let served = service.executed
        try customer.channel.writeInbound(echo(wire, "customer"))
        var urgent = encodeCall(wire, id: 2, Done.self, None())
        urgent.writeImmutableBuffer(echo(wire, "behind"))
        try monitor.channel.writeInbound(urgent)
        #expect(try monitor.received().readableBytes > 0, "answered in the next turns")
        #expect(service.executed == served + 1, "besides it, one of those that were waiting")
        #expect(!service.served.contains("behind") && !service.served.contains("customer"))
        turn(connections[0], ticks: 30)
        #expect(Set(service.served.suffix(2)) == ["customer", "behind"])
    }

    @Test(arguments: allWires) func callsInFlightAreBoundedByMethod(_ wire: RPCWire) throws {
        let connection = try TestConnection(admission: AdmissionConfiguration(inFlightMax: 2, inFlightMin: 2))
        let others = [try TestConnection(sharing: connection), try TestConnection(sharing: connection)]
        let (service, metrics) = (connection.service, connection.loop.metrics)
        let hold = StubMethod.hold.rawValue
        _ = try connection.send(calls(wire, ["h1"]))
        _ = try others[0].send(calls(wire, ["h2"]))
        _ = try others[1].send(calls(wire, ["h3", "e4"]))
        #expect(service.served == ["h1", "h2", "e4"], "the bound is the method's own")
        #expect(service.refusals == [.overloaded(.concurrency)])
        #expect(metrics.inFlight(ofMethod: hold) == 2 && metrics.inFlightLimit(ofMethod: hold) == 2)
        #expect(metrics.counters[RPCCounter.callsShedByConcurrency.rawValue] == 1)
        _ = try connection.answering("h1")
        _ = try connection.send(calls(wire, ["h5"]))
        #expect(service.served.last == "h5")
        try connection.channel.close().wait()
        try others[0].channel.close().wait()
        #expect(metrics.inFlight(ofMethod: hold) == 0, "who is gone waits for nothing")
    }

    /// Who sends without waiting is held back, and loses nothing.
    @Test(arguments: allWires) func whoHasCallsInFlightWaitsForThemFromHalfOfTheBoundOn(_ wire: RPCWire) throws {
        let connection = try TestConnection(admission: AdmissionConfiguration(inFlightMax: 4, inFlightMin: 4))
        let other = try TestConnection(sharing: connection)
        let service = connection.service
        _ = try connection.send(calls(wire, ["h1", "h2", "h3", "h4", "h5", "h6"]))
        #expect(service.served == ["h1", "h2"])
        _ = try other.send(calls(wire, ["h7", "h8"]))
        #expect(service.served == ["h1", "h2", "h7"], "who has none may have one")
        for call in ["h1", "h2", "h7", "h3", "h8", "h4", "h5", "h6"] {
            _ = try (["h7", "h8"].contains(call) ? other : connection).answering(call)
        }
        #expect(Set(service.served) == Set((1...8).map { "h\($0)" }) && service.served.count == 8)
        #expect(service.refusals.isEmpty)
        #expect(connection.loop.admission.inFlight == 0)
    }

    @Test func whatIsCancelledIsNotInFlight() throws {
        let connection = try TestConnection(admission: AdmissionConfiguration(inFlightMax: 3, inFlightMin: 3))
        let wire = RPCWire(.messagePack)
        _ = try connection.send(calls(wire, ["h1"]))
        #expect(connection.loop.admission.inFlight == 1)
        var cancel = MessagePackWriter(ByteWriter(into: ByteBuffer()))
        cancel.writeArrayHeader(3)
        cancel.write(2 as Int64)
        cancel.write("$cancel")
        cancel.writeArrayHeader(1)
        cancel.write(1 as Int64)
        _ = try connection.send(cancel.finish().finish())
        #expect(connection.service.cancelled == ["h1"])
        #expect(connection.loop.admission.inFlight == 0)
        _ = try connection.send(calls(wire, ["h2", "h3", "h4"]))
        #expect(connection.service.served == ["h1", "h2", "h3"], "half of three")
    }

    /// What comes while calls wait is read, and is as old as it is.
    @Test(arguments: allWires) func callsThatComeWhileOthersWaitHaveArrivedLater(_ wire: RPCWire) throws {
        let connections = try crowd(wire, 3)
        let service = connections[0].service
        let arrival = connections[0].loop.clock.now()
        turn(connections[0])
        try connections[2].channel.writeInbound(echo(wire, "later"))
        turn(connections[0], ticks: 10)
        #expect(service.served == ["0", "1", "2", "later"])
        #expect(service.times.map { $0.arrival.nanoseconds(since: arrival) } == [0, 0, 0, 3_000_000])
    }

    private func text(_ bytes: ByteBuffer) -> String { String(buffer: bytes) }
}
