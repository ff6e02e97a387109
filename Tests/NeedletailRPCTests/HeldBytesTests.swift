//! What an event loop holds for clients that are slow or gone is bounded, in bytes and in time.

import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct HeldBytesTests {
    /// The first bytes of a call that will be longer.
    private func beginning(_ wire: RPCWire, of length: Int = 100_000) -> ByteBuffer {
        let message = encodeCall(wire, id: 1, Echo.self, One(Note(String(repeating: "x", count: length))))
        return message.getSlice(at: message.readerIndex, length: message.readableBytes / 2) ?? ByteBuffer()
    }

    @Test(arguments: allWires) func aMessageThatDoesNotEndIsGivenUp(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(beginning(wire))
        #expect(connection.loop.heldBytes > 40_000)
        connection.time.advance(byMilliseconds: connection.loop.limits.stallMillisMax - 1)
        connection.loop.sweep()
        #expect(connection.channel.isActive)
        connection.time.advance(byMilliseconds: 1)
        connection.loop.sweep()
        #expect(!connection.channel.isActive)
        #expect(connection.loop.heldBytes == 0)
        #expect(connection.loop.metrics.counters[RPCCounter.connectionsStalled.rawValue] == 1)
    }

    @Test func bytesThatTrickleInDoNotBuyTime() throws {
        let connection = try TestConnection()
        let message = beginning(RPCWire(.messagePack), of: 1_000)
        for index in 0..<100 where connection.channel.isActive {
            _ = try connection.send(message.getSlice(at: index, length: 1) ?? ByteBuffer())
            connection.time.advance(byMilliseconds: 1_000)
            connection.loop.sweep()
            #expect(connection.channel.isActive == (index < 59), "after \(index + 1) s")
        }
    }

    @Test func callsThatAreServedAreProgress() throws {
        let connection = try TestConnection()
        let whole = encodeCall(RPCWire(.thriftBinary), id: 1, Echo.self, One(Note("whole")))
        let part = whole.getSlice(at: whole.readerIndex, length: 20) ?? ByteBuffer()
        let rest = whole.getSlice(at: whole.readerIndex + 20, length: whole.readableBytes - 20) ?? ByteBuffer()
        _ = try connection.send(part)
        for _ in 0..<10 {
            connection.time.advance(byMilliseconds: 50_000)
            // The rest of one call, and a part of the next.
            var bytes = rest
            bytes.writeImmutableBuffer(part)
            #expect(try connection.send(bytes).readableBytes > 0)
            connection.loop.sweep()
            #expect(connection.channel.isActive)
        }
    }

    @Test func anIdleConnectionIsNoStall() throws {
        let connection = try TestConnection()
        #expect(try connection.send(calls(RPCWire(.messagePack), ["e1"])).readableBytes > 0)
        connection.time.advance(byMilliseconds: 10_000_000)
        connection.loop.sweep()
        #expect(connection.channel.isActive)
        // Nor is the first part of a call, however long the connection was idle before.
        _ = try connection.send(beginning(RPCWire(.messagePack)))
        connection.loop.sweep()
        #expect(connection.channel.isActive)
    }

    @Test func aboveTheBoundTheLongestStalledGoes() throws {
        let first = try TestConnection(heldBytesMax: 400_000)
        let second = try TestConnection(sharing: first)
        let third = try TestConnection(sharing: first)
        let wire = RPCWire(.thriftCompact, .framed)
        for connection in [first, second] {
            _ = try connection.send(beginning(wire, of: 200_000))
            first.time.advance(byMilliseconds: 10)
        }
        #expect(first.channel.isActive && second.channel.isActive)
        _ = try third.send(beginning(wire, of: 500_000))
        #expect(!first.channel.isActive, "it was the first to begin")
        #expect(third.channel.isActive)
        #expect(first.loop.heldBytes <= 400_000)
        #expect(first.loop.metrics.counters[RPCCounter.connectionsOverHeldBytes.rawValue] >= 1)
    }

    /// The answer is one piece of memory, of which nothing is free before all of it has left.
    @Test(arguments: allWires) func anAnswerOfWhichTheEndIsNotReadCountsAsAWhole(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        let long = String(repeating: "0123456789", count: 70_000)
        _ = try connection.send(encodeCall(wire, id: 1, Echo.self, One(Note(long))))
        connection.channel.embeddedEventLoop.advanceTime(by: TestConnection.tick)
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try connection.whole(after: try connection.received()).readableBytes == 256 << 10, "of 512 KiB")
        #expect(connection.loop.connectionsOpen.reduce(0) { $0 + $1.unsentBytes } < 200_000)
        #expect(connection.loop.heldBytes >= 700_000)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        _ = try connection.whole(after: try connection.received())
        #expect(connection.loop.heldBytes == 0)
    }

    @Test func batchesAreKeptUntilTheirLastByteWasSent() {
        let batches = UnsentBatches()
        batches.note(unsentBytes: 0)
        batches.add(byteCount: 100, keeping: 1_000)
        batches.add(byteCount: 50, keeping: 500)
        batches.note(unsentBytes: 51)
        #expect(batches.keptBytes == 1_500)
        batches.note(unsentBytes: 50)
        #expect(batches.keptBytes == 500)
        batches.add(byteCount: 10, keeping: 10)
        batches.note(unsentBytes: 200)
        #expect(batches.keptBytes == 510, "encrypted bytes are more")
        batches.note(unsentBytes: 1)
        #expect(batches.keptBytes == 10)
        batches.note(unsentBytes: 0)
        #expect(batches.keptBytes == 0)
        batches.add(byteCount: 100, keeping: 1_000)
        batches.note(unsentBytes: 100)
        #expect(batches.keptBytes == 1_000)
        batches.removeAll()
        #expect(batches.keptBytes == 0)
    }

    @Test func manySmallOnesGoAtOnce() throws {
        let wire = RPCWire(.thriftBinary, .framed)
        let first = try TestConnection(heldBytesMax: 4_000_000)
        var others: [TestConnection] = []
        for _ in 0..<3_000 {
            let other = try TestConnection(sharing: first)
            _ = try other.send(beginning(wire, of: 100))
            others.append(other)
        }
        first.time.advance(byMilliseconds: 10)
        #expect(others.filter { $0.channel.isActive }.count == 3_000)
        let large = try TestConnection(sharing: first)
        _ = try large.send(beginning(wire, of: 900_000))
        _ = try large.send(ByteBuffer(repeating: 0x78, count: 300_000))
        #expect(large.channel.isActive, "it has made progress last")
        #expect(others.filter { $0.channel.isActive }.count < 3_000)
        #expect(first.loop.heldBytes <= 4_000_000)
    }
}
