//! What a service is told of calls that are answered later: each of them once, when it is over.

import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

@Suite struct LateCountingTests {
    private struct Refused: Error, CustomStringConvertible { var description: String { "refused" } }

    private func durations(_ connection: TestConnection, of stage: CallStage) -> LatencyDistribution {
        LatencyDistribution(merging: [connection.loop.metrics.latencies], at: RPCMetrics.place(of: stage))
    }

    @Test(arguments: allWires) func aLateAnswerCountsWhenItIsGivenAndForWhatItSays(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2", "e3"]))
        #expect(connection.service.counted == [], "an answer that was given at once is the dispatch's to count")
        connection.service.held["h2"]?.answer.send(ByteBuffer(), threw: Refused())
        #expect(connection.service.counted == ["hold refused"])
        _ = try connection.answering("h1")
        #expect(connection.service.counted == ["hold refused", "hold ok"])
        try connection.channel.close().wait()
        #expect(connection.service.counted.count == 2)
    }

    @Test(arguments: allWires) func anAnswerThatIsThereBeforeTheCallReturnsCountsOnce(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        connection.service.onHold = { [service = connection.service] in service.answer($0) }
        _ = try connection.send(calls(wire, ["h1"]))
        #expect(connection.service.counted == ["hold ok"])
    }

    /// It may wait for those before it after it was given and counted.
    @Test(arguments: allWires) func anAnswerThatWaitsForOthersCountsOnceToo(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        connection.service.onHold = { [service = connection.service] in if $0 == "h2" { service.answer($0) } }
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        #expect(connection.service.counted == ["hold ok"])
        #expect(connection.loop.admission.inFlight == 1)
        try connection.channel.close().wait()
        #expect(connection.service.counted == ["hold ok", "hold cancelled"])
        #expect(connection.service.cancelled == ["h1"])
        #expect(connection.loop.admission.inFlight == 0)
        #expect(connection.loop.metrics.inFlight(ofMethod: StubMethod.hold.rawValue) == 0)
    }

    @Test(arguments: allWires) func whatNobodyWaitsForAnyMoreIsCancelled(_ wire: RPCWire) throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(wire, ["h1", "h2"]))
        _ = try connection.answering("h2")
        try connection.channel.close().wait()
        #expect(connection.service.counted == ["hold ok", "hold cancelled"])
        connection.service.answer("h1")
        #expect(connection.service.counted.count == 2)
    }

    @Test func aCallThatItsClientCancelsIsCancelled() throws {
        let connection = try TestConnection()
        _ = try connection.send(calls(RPCWire(.messagePack), ["h1"]))
        _ = try connection.send(encodeCancel(1))
        #expect(connection.service.counted == ["hold cancelled"])
        connection.service.answer("h1")
        try connection.channel.close().wait()
        #expect(connection.service.counted.count == 1)
    }

    @Test func theTimeBetweenExecutionAndAnswerIsTheStageSync() throws {
        let connection = try TestConnection()
        connection.service.millisecondsPerCall = 2
        _ = try connection.send(calls(RPCWire(.messagePack), ["h1"]))
        connection.time.advance(byMilliseconds: 100)
        _ = try connection.answering("h1")
        let sync = durations(connection, of: .sync)
        #expect(sync.count == 1)
        #expect(sync.nanosecondsSum == 100_000_000)
        #expect(durations(connection, of: .execute).nanosecondsSum == 2_000_000)
    }
}
