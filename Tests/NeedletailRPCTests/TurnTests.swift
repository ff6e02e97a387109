//! What a tick reads is served in turns at its end.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct TurnTests {
    private func calls(_ wire: RPCWire, _ texts: [String]) -> ByteBuffer {
        var bytes = ByteBuffer()
        for (index, text) in texts.enumerated() {
            bytes.writeImmutableBuffer(encodeCall(wire, id: UInt32(index), Echo.self, One(Note(text))))
        }
        return bytes
    }

    @Test(arguments: allWires) func whatOneTickReadsHasArrivedTogether(_ wire: RPCWire) throws {
        let first = try TestConnection()
        let second = try TestConnection(sharing: first)
        first.service.millisecondsPerCall = 2
        let arrival = first.loop.clock.now()
        try first.channel.writeInbound(calls(wire, ["a"]))
        first.time.advance(byMilliseconds: 1)
        try second.channel.writeInbound(calls(wire, ["b"]))
        #expect(first.service.executed == 0, "reading comes first")
        first.channel.embeddedEventLoop.run()
        #expect(first.service.served == ["a", "b"])
        #expect(first.service.times.map(\.arrival) == [arrival, arrival])
        #expect(first.service.times.map { $0.start.nanoseconds(since: arrival) } == [1_000_000, 3_000_000])
        // The next tick is another.
        first.time.advance(byMilliseconds: 5)
        _ = try second.send(calls(wire, ["c"]))
        #expect(first.service.times.last?.arrival == arrival.advanced(byMilliseconds: 10))
    }

    @Test(arguments: allWires) func aPipelineDoesNotHoldUpTheOthers(_ wire: RPCWire) throws {
        let greedy = try TestConnection()
        let modest = try TestConnection(sharing: greedy)
        greedy.service.millisecondsPerCall = 1
        try greedy.channel.writeInbound(calls(wire, (0..<20).map { "greedy \($0)" }))
        try modest.channel.writeInbound(calls(wire, ["modest"]))
        greedy.channel.embeddedEventLoop.run()
        #expect(greedy.service.executed == 3, "the tick ends: the loop reads again")
        let late = try TestConnection(sharing: greedy)
        _ = try late.send(calls(wire, ["late"]))
        #expect(greedy.service.served[3...] == ["greedy 2", "greedy 3", "late"])
        for _ in 0..<20 { greedy.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1)) }
        #expect(greedy.service.executed == 22)
        #expect(greedy.service.served.firstIndex(of: "modest") == 2, "a turn ends when a millisecond is over")
        #expect(greedy.service.served.filter { $0.hasPrefix("greedy") } == (0..<20).map { "greedy \($0)" })
        #expect(try greedy.received().readableBytes > 20)
        #expect(try modest.received().readableBytes > 0)
    }

    @Test(arguments: allWires) func callsThatCameTogetherAreAnticipatedTogether(_ wire: RPCWire) throws {
        let first = try TestConnection()
        _ = try first.send(calls(wire, ["hello"]))
        let second = try TestConnection(sharing: first)
        _ = try second.send(calls(wire, ["hello"]))
        _ = try first.send(calls(wire, ["alone"]))
        #expect(first.service.anticipated == [[]], "alone there is nothing to gain")
        try first.channel.writeInbound(calls(wire, ["a"]))
        try second.channel.writeInbound(calls(wire, ["b"]))
        first.channel.embeddedEventLoop.run()
        #expect(first.service.anticipated == [["a", "b"], []])
        #expect(first.service.served.suffix(2) == ["a", "b"])
    }

    @Test(arguments: allWires) func aPipelineIsAnticipatedSixteenAtATime(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["one", "two"]))
        #expect(connection.service.anticipated == [[]], "that it pipelines shows only now")
        let texts = (0..<40).map { "call \($0)" }
        _ = try connection.send(calls(wire, texts))
        let groups = [Array(texts[..<16]), Array(texts[16..<32]), Array(texts[32...]), []]
        #expect(connection.service.anticipated == groups)
        #expect(connection.service.served.suffix(40) == texts[...])
    }

    @Test(arguments: allWires) func whatIsCutOffIsNotAnticipated(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["one", "two"]))
        let bytes = calls(wire, ["whole", "cut"])
        _ = try connection.send(bytes.getSlice(at: 0, length: bytes.readableBytes - 1) ?? ByteBuffer())
        #expect(connection.service.anticipated.first == ["whole"])
        #expect(connection.service.served.last == "whole")
        _ = try connection.send(bytes.getSlice(at: bytes.readableBytes - 1, length: 1) ?? ByteBuffer())
        #expect(connection.service.served.last == "cut")
    }

    @Test(arguments: allWires.filter { $0.framing != .unframed }) func aFrameThatIsNotWholeIsNotLookedAt(
        _ wire: RPCWire
    )
        throws
    {
        let first = try TestConnection()
        _ = try first.send(calls(wire, ["hello"]))
        let second = try TestConnection(sharing: first)
        _ = try second.send(calls(wire, ["hello"]))
        let bytes = calls(wire, [String(repeating: "x", count: 1_000)])
        for index in 0..<bytes.readableBytes {
            let piece = bytes.getSlice(at: index, length: 1) ?? ByteBuffer()
            try first.channel.writeInbound(piece)
            try second.channel.writeInbound(piece)
            first.channel.embeddedEventLoop.run()
        }
        #expect(first.service.executed == 4)
        let groups = first.service.anticipated.filter { !$0.isEmpty }.map { $0.count }
        #expect(groups == [2], "once, when both were whole")
    }

    @Test func bytesForAPausedConnectionStartNoTick() throws {
        let paused = try TestConnection()
        let wire = RPCWire(.messagePack)
        _ = try paused.send(calls(wire, ["a"]))
        paused.channel.isWritable = false
        paused.channel.pipeline.fireChannelWritabilityChanged()
        _ = try paused.send(calls(wire, ["b"]))
        _ = try paused.send(calls(wire, ["c"]))
        let other = try TestConnection(sharing: paused)
        paused.time.advance(byMilliseconds: 12_000)
        let now = paused.loop.clock.now()
        _ = try other.send(calls(wire, ["d"]))
        #expect(paused.service.served == ["a", "d"])
        #expect(paused.service.times.last?.arrival == now)
    }
}
