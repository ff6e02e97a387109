//! Many calls over real sockets, of which a random part is cancelled at random moments; nothing of them may be left on
//! either side.

import Foundation
import Logging
import NIOCore
import NIOPosix
import NeedletailTelemetry
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

/// Holds a call for as long as its text says: so many turns of its task.
private final class PausingService: RPCService {
    static let methodNames = ["echo", "hold"]

    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    private func serve<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> CallOutcome {
        let note: Note
        do throws(WireError) {
            try reader.ownArguments()
            note = try One<Note>(arguments: &reader).request
        } catch { throw .undecodable(error) }
        let call = Call<Hold>(head, times, reader, writer)
        guard head.method.equals("hold") else {
            _ = call.answer(note, &writer)
            return .answered(0)
        }
        let reply = call.later(on: eventLoop) { _ in
            let turns = Int(String(buffer: note.text)) ?? 0
            for _ in 0..<turns where !Task.isCancelled { await Task.yield() }
            return note
        }
        guard case .later(let answer) = reply else { preconditionFailure("a late answer is late") }
        return .later(1, answer)
    }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }
}

@Suite(.serialized) struct CancelSoakTests {
    private static var isFull: Bool { ProcessInfo.processInfo.environment["TEST_SCALE"] == "full" }

    private struct Tally {
        var answered = 0
        var cancelled = 0

        static func + (left: Tally, right: Tally) -> Tally {
            Tally(answered: left.answered + right.answered, cancelled: left.cancelled + right.cancelled)
        }
    }

    @Test(arguments: [RPCWire(.messagePack), RPCWire(.thriftBinary, .framed)])
    func cancelledCallsLeaveNothingBehind(_ wire: RPCWire) async throws {
        let callCount = (Self.isFull ? 1_000_000 : 20_000) / (wire.format == .messagePack ? 1 : 5)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await RPCServer.start(
            RPCServerConfiguration(port: 0), on: group, logger: Logger(label: "test")
        ) { _, eventLoop in PausingService(eventLoop) }
        var configuration = RPCClientConfiguration(wire: wire)
        configuration.callTimeout = .seconds(60)
        var client: RPCClient? = RPCClient(to: .tcp(host: "127.0.0.1", port: server.port), configuration, on: group)
        weak let released = client

        let tally = try await callAtRandom(try #require(client), count: callCount)
        #expect(tally.answered + tally.cancelled == callCount)
        #expect(tally.answered > callCount / 10)
        #expect(tally.cancelled > callCount / 10)

        #expect(await client?.figures().callsInFlight == 0)
        // The cancellations are on their way; a call behind them says when they have arrived.
        for _ in 0..<2 { _ = try await client?.call(Echo.self, One(Note("last"))) }
        try await until { await server.lateCallsOpen() == 0 }
        #expect(server.metrics.reduce(0) { $0 + Int($1.counters[RPCCounter.heldBytes.rawValue]) } == 0)

        // Given up without being closed, it closes its connections itself.
        client = nil
        try await until { released == nil && server.connectionsOpen == 0 }
        await server.shutDown(within: .seconds(10))
        try await group.shutdownGracefully()
    }

    /// Makes calls from several tasks at once, and cancels about half of them.
    private func callAtRandom(_ client: RPCClient, count: Int) async throws -> Tally {
        let workers = 32
        return try await withThrowingTaskGroup(of: Tally.self) { tasks in
            for worker in 0..<workers {
                let share = count / workers + (worker < count % workers ? 1 : 0)
                tasks.addTask {
                    var tally = Tally()
                    var generator = SystemRandomNumberGenerator()
                    for _ in 0..<share {
                        let note = Note("\(Int.random(in: 0...20, using: &generator))")
                        let call = Task { try await client.call(Hold.self, One(note)) }
                        if Bool.random(using: &generator) {
                            for _ in 0..<Int.random(in: 0...10, using: &generator) { await Task.yield() }
                            call.cancel()
                        }
                        do {
                            let answer = try await call.value
                            #expect(answer == note)
                            tally.answered += 1
                        } catch CallFailure<Never>.call(.cancelled) {
                            tally.cancelled += 1
                        }
                    }
                    return tally
                }
            }
            return try await tasks.reduce(Tally(), +)
        }
    }

    /// Waits until something holds that will hold soon; at most some seconds.
    private func until(_ holds: () async -> Bool) async throws {
        for _ in 0..<1_000 {
            if await holds() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it did not come to hold in ten seconds")
    }
}
