//! Answers that are true only when their group is finished: nothing leaves before, and nothing at all if that fails.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct ProvisionalAnswerTests {
    private func calls(_ wire: RPCWire, _ texts: [String]) -> ByteBuffer {
        var bytes = ByteBuffer()
        for (index, text) in texts.enumerated() {
            bytes.writeImmutableBuffer(encodeCall(wire, id: UInt32(index), Echo.self, One(Note(text))))
        }
        return bytes
    }

    @Test(arguments: allWires) func theyLeaveAsOthersDo(_ wire: RPCWire) throws {
        let texts = ["a", "b", "c"]
        let plain = try TestConnection().send(calls(wire, texts))
        let connection = try TestConnection()
        connection.service.echoesProvisionally = true
        #expect(try connection.send(calls(wire, texts)) == plain)
        #expect(connection.service.groups == [3], "once for all of a turn")
        connection.service.echoesProvisionally = false
        #expect(try connection.send(calls(wire, texts)) == plain)
        #expect(connection.service.groups == [3], "nothing was provisional")
    }

    @Test(arguments: allWires) func aGroupIsFinishedOnceForAllItsConnections(_ wire: RPCWire) throws {
        let connections = try connections(40)
        let service = connections[0].service
        service.echoesProvisionally = true
        for connection in connections { try connection.channel.writeInbound(calls(wire, ["a"])) }
        connections[0].channel.embeddedEventLoop.run()
        #expect(service.groups == [RPCLoop.turnsPerGroup, 40])
        for connection in connections { #expect(try connection.received().readableBytes > 0) }
    }

    private func connections(_ count: Int) throws -> [TestConnection] {
        let first = try TestConnection()
        return try [first] + (1..<count).map { _ in try TestConnection(sharing: first) }
    }

    @Test(arguments: allWires) func answersThatLeaveWithinATurnAreTrueByThen(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        connection.service.echoesProvisionally = true
        let long = String(repeating: "x", count: 100 << 10)
        let answers = try connection.whole(after: connection.send(calls(wire, [long, long, "short"])))
        #expect(answers.readableBytes > 200 << 10)
        #expect(connection.service.groups == [1, 2, 3], "each long one leaves at once")
    }

    @Test(arguments: allWires) func whereTheyDoNotComeTrueTheConnectionEndsWithoutThem(_ wire: RPCWire) throws {
        let connections = try connections(3)
        let (service, bystander) = (connections[0].service, connections[2])
        let answer = try bystander.send(calls(wire, ["x"]))
        service.echoesProvisionally = true
        service.groupsSucceed = false
        for connection in connections.dropLast() { try connection.channel.writeInbound(calls(wire, ["a", "b"])) }
        #expect(try connections[0].received().readableBytes == 0)
        #expect(try connections[1].received().readableBytes == 0)
        #expect(service.executed == 5 && service.groups == [5])
        #expect(!connections[0].channel.isActive && !connections[1].channel.isActive)
        #expect(connections[0].loop.heldBytes == 0)
        // Who had no such answer is served on.
        service.echoesProvisionally = false
        #expect(try bystander.send(calls(wire, ["x"])) == answer)
    }

    @Test(arguments: allWires) func aFailureWithinATurnEndsIt(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        connection.service.echoesProvisionally = true
        connection.service.groupsSucceed = false
        let long = String(repeating: "x", count: 100 << 10)
        #expect(try connection.send(calls(wire, [long, "never served"])).readableBytes == 0)
        #expect(connection.service.executed == 1)
        #expect(!connection.channel.isActive)
    }

    /// Otherwise the service would hold for ever what it holds for a group.
    @Test(arguments: allWires) func aGroupIsFinishedWhenItsOnlyConnectionIsGone(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        connection.service.echoesProvisionally = true
        connection.service.onHold = { [channel = connection.channel] _ in channel.close(promise: nil) }
        var bytes = calls(wire, ["a"])
        bytes.writeImmutableBuffer(encodeCall(wire, id: 9, Hold.self, One(Note("closes"))))
        try connection.channel.writeInbound(bytes)
        connection.channel.embeddedEventLoop.run()
        #expect(connection.service.executed == 2)
        #expect(!connection.channel.isActive)
        #expect(connection.service.groups == [2])
    }

    /// In Thrift without a header it waits behind an earlier call; its group is finished all the same.
    @Test(arguments: allWires) func oneThatWaitsForAnotherIsOfItsGroup(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        connection.service.echoesProvisionally = true
        var bytes = encodeCall(wire, id: 9, Hold.self, One(Note("first")))
        bytes.writeImmutableBuffer(calls(wire, ["second"]))
        var answers = try connection.send(bytes)
        #expect(connection.service.groups == [2])
        connection.service.answer("first")
        answers.writeImmutableBuffer(try connection.received())
        #expect(answers.readableBytes > 0)
        #expect(connection.loop.lateCallCount == 0)
    }
}
