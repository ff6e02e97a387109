//! MessagePack-RPC's `$cancel`.

import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct CancelTests {
    private let wire = RPCWire(.messagePack)

    /// `[2, "$cancel", parameters]`
    private func cancel(_ parameters: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: [0x93, 0x02, 0xa7] + Array("$cancel".utf8) + parameters)
    }

    private func cancel(id: UInt8) -> ByteBuffer { cancel([0x91, id]) }

    /// `[1, id, {"code": 12, "message": ..., "effect": 3}, nil]`
    private func cancelled(id: UInt8) -> ByteBuffer {
        var bytes = ByteBuffer(bytes: [0x94, 0x01, id, 0x83, 0xa4] + Array("code".utf8) + [12, 0xa7])
        bytes.writeString("message")
        bytes.writeBytes([0xa0 | UInt8("the call was cancelled".utf8.count)])
        bytes.writeString("the call was cancelled")
        bytes.writeBytes([0xa6] + Array("effect".utf8) + [3, 0xc0])
        return bytes
    }

    @Test func aCancelledCallIsAnsweredWithAnError() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2", "h3"]))
        #expect(try connection.send(cancel(id: 2)) == cancelled(id: 2))
        #expect(connection.service.cancelled == ["h2"])
        #expect(connection.service.held["h2"]?.answer.isCancelled == true)
        #expect(try connection.answering("h3", "h2", "h1") == answers(wire, ["h3", "h1"]), "nothing is answered twice")
        try connection.channel.close().wait()
        #expect(connection.service.cancelled == ["h2"], "nor told twice")
        let place = RPCMetrics.place(ofMethod: StubMethod.hold.rawValue)
        #expect(LatencyDistribution(merging: [connection.loop.metrics.latencies], at: place).count == 3)
    }

    @Test func theAnswerLeavesInThePipelinesPlace() throws {
        let connection = try TestConnection()
        var bytes = calls(wire, ["e1", "h2", "e3"])
        bytes.writeImmutableBuffer(cancel(id: 2))
        bytes.writeImmutableBuffer(calls(wire, ["e4"]))
        var expected = answers(wire, ["e1", "e3"])
        expected.writeImmutableBuffer(cancelled(id: 2))
        expected.writeImmutableBuffer(answers(wire, ["e4"]))
        #expect(try connection.send(bytes) == expected)
        #expect(try connection.handler().late.isEmpty)
    }

    @Test func anAnswerThatWasFasterStands() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        #expect(try connection.answering("h1") == answers(wire, ["h1"]))
        #expect(try connection.send(cancel(id: 1)).readableBytes == 0)
        // In one tick.
        try connection.channel.writeInbound(cancel(id: 2))
        #expect(try connection.answering("h2") == answers(wire, ["h2"]))
        #expect(connection.service.cancelled == [])
    }

    @Test func whatHappensWhileACallIsCancelledDoesNotMatter() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2", "h3"]))
        connection.service.held["h1"]?.answer.onCancel = { [service = connection.service] in
            for word in ["h1", "h2"] { service.answer(word) }
        }
        var expected = cancelled(id: 1)
        expected.writeImmutableBuffer(answers(wire, ["h2"]))
        #expect(try connection.send(cancel(id: 1)) == expected)
        #expect(try connection.send(cancel(id: 3)) == cancelled(id: 3))
        #expect(try connection.handler().late.isEmpty)
    }

    /// Unknown ids, none at all, other values, more than one.
    @Test(
        arguments: [
            [0x91, 9], [0x90], [0x91, 0xc0], [0x91, 0xa1, 0x31], [0x91, 0xff], [0x91, 0x91, 1], [0xc0], [0x80], [1],
            [0x91, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] as [[UInt8]])
    func whatNamesNoCallIsPassedOver(_ parameters: [UInt8]) throws {
        for open in [[], ["h1"]] {
            for step in [1, 100] {
                let connection = try TestConnection()
                _ = try connection.send(calls(wire, open))
                var bytes = cancel(parameters)
                while let piece = bytes.readSlice(length: min(step, bytes.readableBytes)), piece.readableBytes > 0 {
                    #expect(try connection.send(piece).readableBytes == 0)
                }
                #expect(try connection.send(calls(wire, ["e2"])) == answers(wire, ["e2"]), "the connection goes on")
                #expect(connection.service.cancelled == [] && connection.service.refusals == [])
            }
        }
    }

    @Test func moreParametersAreIgnored() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        #expect(try connection.send(cancel([0x93, 0x01, 0x02, 0x81, 0xa1, 0x78, 0xc0])) == cancelled(id: 1))
        #expect(connection.service.cancelled == ["h1"])
    }

    @Test func itCancelsOnceItIsWhole() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1"]))
        let message = cancel([0x92, 0x01, 0xa3, 0x61, 0x62, 0x63])
        for index in 0..<message.readableBytes {
            let isLast = index == message.readableBytes - 1
            let received = try connection.send(message.getSlice(at: index, length: 1) ?? ByteBuffer())
            #expect(received == (isLast ? cancelled(id: 1) : ByteBuffer()))
        }
    }

    @Test func aCallOfThatNameIsACall() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1"]))
        let call = ByteBuffer(bytes: [0x94, 0x00, 0x02, 0xa7] + Array("$cancel".utf8) + [0x91, 0x01])
        #expect(try connection.send(call).readableBytes > 0)
        #expect(connection.service.refusals == [.unknownMethod("$cancel")])
        #expect(connection.service.cancelled == [])
    }

    @Test func aNotificationIsNotCancelled() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["t0"]))
        #expect(try connection.send(cancel(id: 0)).readableBytes == 0)
        #expect(connection.service.cancelled == [])
    }

    @Test func othersConnectionsAreOutOfReach() throws {
        let first = try TestConnection()
        let second = try TestConnection(sharing: first)
        _ = try first.send(calls(wire, ["h1"]))
        _ = try second.send(calls(wire, ["h2"]))
        #expect(try second.send(cancel(id: 1)).readableBytes == 0)
        #expect(try first.answering("h1") == answers(wire, ["h1"]))
    }

    /// Who calls and cancels all the time has no more running than who waits.
    @Test func whatRunsOnAfterItWasCancelledKeepsItsPlace() throws {
        let connection = try TestConnection()
        connection.service.onHold = { [service = connection.service] in service.held[$0]?.answer.isRunning = true }
        _ = try connection.send(calls(wire, ["h0"]))
        let max = LateAnswers.countMax
        for number in 1..<max {
            _ = try connection.send(calls(wire, ["h\(number)"]))
            if number < 100 { #expect(try connection.send(cancel(id: UInt8(number))) == cancelled(id: UInt8(number))) }
        }
        #expect(connection.service.cancelled == words("h", 1..<100))
        #expect(try connection.send(calls(wire, ["e9999"])).readableBytes == 0)
        #expect(connection.service.executed == max)
        #expect(try connection.answering("h50") == answers(wire, ["e9999"]), "only the place was free")
        #expect(try connection.send(cancel(id: 51)).readableBytes == 0, "it was cancelled already")
        connection.endInput()
        for number in 0..<max { connection.service.answer("h\(number)") }
        #expect(try connection.received().readableBytes > 0)
        #expect(!connection.channel.isActive, "it waited for all to end")
    }
}
