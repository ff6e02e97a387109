//! A client's core without sockets and threads: a test turns its event loop, its clock and its servers by hand.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

/// Connections that a test accepts, refuses or leaves waiting. Used on the test's thread alone.
final class TestConnector: ClientConnector, @unchecked Sendable {
    let target = RPCTarget.unixSocket("test")
    private let eventLoop: EmbeddedEventLoop
    private var attempts: [(promise: EventLoopPromise<Void>, handler: @Sendable () -> ClientConnection)] = []
    private(set) var attemptCount = 0

    init(_ eventLoop: EmbeddedEventLoop) { self.eventLoop = eventLoop }

    var isConnecting: Bool { !attempts.isEmpty }

    func connect(
        on eventLoop: any EventLoop, timeout: Duration, _ handler: @escaping @Sendable () -> ClientConnection
    ) -> EventLoopFuture<Void> {
        attemptCount += 1
        let promise = eventLoop.makePromise(of: Void.self)
        attempts.append((promise, handler))
        return promise.futureResult
    }

    /// Lets the oldest attempt succeed.
    /// - Parameter addresses: as if so many of the name's addresses had answered; the first one counts.
    func accept(addresses: Int = 1) throws -> TestServerSide {
        let attempt = try #require(attempts.first)
        attempts.removeFirst()
        let losers = (1..<addresses).map { _ in EmbeddedChannel(handler: attempt.handler(), loop: eventLoop) }
        defer {
            for loser in losers {
                try? loser.connect(to: SocketAddress(unixDomainSocketPath: "test")).wait()
                eventLoop.run()
                #expect(!loser.isActive, "one connection is enough")
            }
        }
        let channel = EmbeddedChannel(handler: attempt.handler(), loop: eventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "test")).wait()
        attempt.promise.succeed()
        eventLoop.run()
        return TestServerSide(channel: channel)
    }

    func refuse(_ reason: String) {
        attempts.removeFirst().promise.fail(Refusal(description: reason))
        eventLoop.run()
    }
}

private struct Refusal: Error, CustomStringConvertible {
    let description: String
}

/// The server's end of a client's connection.
struct TestServerSide {
    let channel: EmbeddedChannel

    /// What the client has sent since the last time.
    func received() throws -> ByteBuffer {
        channel.embeddedEventLoop.run()
        var bytes = ByteBuffer()
        while let piece = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeImmutableBuffer(piece) }
        return bytes
    }

    func send(_ bytes: ByteBuffer) throws {
        if channel.isActive { try channel.writeInbound(bytes) }
        channel.embeddedEventLoop.run()
    }

    /// The operating system takes no more bytes, or all that there are.
    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.run()
    }

    /// The server is gone.
    func vanish() {
        _ = try? channel.finish(acceptAlreadyClosed: true)
        channel.embeddedEventLoop.run()
    }

    var isOpen: Bool { channel.isActive }

    /// The client's end.
    func connection() throws -> ClientConnection {
        try channel.pipeline.syncOperations.handler(type: ClientConnection.self)
    }
}

/// How the calls of a test ended, by their ids.
final class Outcomes: @unchecked Sendable {
    private(set) var ended: [UInt32: ClientCall.Outcome] = [:]

    func end(_ id: UInt32, _ outcome: ClientCall.Outcome) {
        #expect(ended[id] == nil, "a call ends once")
        ended[id] = outcome
    }

    func error(_ id: UInt32) -> RPCClientError? {
        if case .failure(let error)? = ended[id] { error } else { nil }
    }

    func answer(_ id: UInt32) -> ByteBuffer? {
        if case .success(let answer)? = ended[id] { answer.message } else { nil }
    }
}

final class TestClient {
    let eventLoop = EmbeddedEventLoop()
    let time = ManualTime()
    let connector: TestConnector
    let core: ClientCore
    let outcomes = Outcomes()
    let wire: RPCWire
    private let submissions = ClientSubmissions()
    private var tickets: [UInt32: CallTicket] = [:]

    init(_ wire: RPCWire = RPCWire(.messagePack), _ configure: (inout RPCClientConfiguration) -> Void = { _ in }) {
        self.wire = wire
        connector = TestConnector(eventLoop)
        var configuration = RPCClientConfiguration(wire: wire)
        configure(&configuration)
        core = ClientCore(
            configuration, connector: connector, on: eventLoop, clock: .manual(time), submissions: submissions,
            jitter: { 1 })
    }

    deinit { core.close() }

    /// Makes the call that `word` names (`ScriptedCall`).
    func call(_ word: String, timeout: Duration = .seconds(10), padding: Int = 0) {
        let call = ScriptedCall(word, padding: padding)
        let ticket = CallTicket(id: call.id)
        tickets[call.id] = ticket
        let outcomes = outcomes
        let (method, name): (ObjectIdentifier, StaticString) =
            switch word.first {
            case "h": (ObjectIdentifier(Hold.self), Hold.name)
            case "t": (ObjectIdentifier(Tell.self), Tell.name)
            default: (ObjectIdentifier(Echo.self), Echo.name)
            }
        submit(
            .call(
                ClientCall(
                    ticket, call.message(wire), method: method, name: name, isOneway: word.first == "t",
                    deadline: Clock.manual(time).now().advanced(by: timeout),
                    completion: .handler { outcomes.end(call.id, $0) })))
    }

    func cancel(_ id: UInt32) {
        tickets[id]?.cancel()
        submit(.cancel(id))
    }

    /// As a task whose cancellation overtakes its call.
    func callCancelledBefore(_ word: String) {
        let call = ScriptedCall(word)
        submit(.cancel(call.id))
        let ticket = CallTicket(id: call.id)
        ticket.cancel()
        let outcomes = outcomes
        submit(
            .call(
                ClientCall(
                    ticket, call.message(wire), method: ObjectIdentifier(Echo.self), name: Echo.name, isOneway: false,
                    deadline: Clock.manual(time).now().advanced(by: .seconds(10)),
                    completion: .handler { outcomes.end(call.id, $0) })))
    }

    private func submit(_ submission: ClientSubmissions.Submission) {
        if case .ended = submissions.add(submission), case .call(let call) = submission {
            call.completion.resume(.failure(.clientClosed))
        }
        core.takeSubmissions()
        eventLoop.run()
    }

    /// Lets time pass, in steps short enough for every timer.
    func advance(byMilliseconds milliseconds: Int64) {
        for _ in 0..<milliseconds {
            time.advance(byMilliseconds: 1)
            eventLoop.advanceTime(by: .milliseconds(1))
        }
    }

    /// The answer to the call that `word` names.
    func answer(_ word: String, padding: Int = 0) -> ByteBuffer { ScriptedCall(word, padding: padding).answer(wire) }

    /// Whether the call with the answer of `word` got it.
    func isAnswered(_ word: String) -> Bool {
        let call = ScriptedCall(word)
        return outcomes.answer(call.id) == call.answer(RPCWire(wire.format))
    }
}

/// The answer to what asks the connection of an attempt for a sign of life.
func pong(_ attempt: Int) -> ByteBuffer {
    var bytes = ByteBuffer(bytes: [0x94, 1, 0xce])
    bytes.writeInteger(RPCClient.probeID(ofAttempt: attempt))
    bytes.writeImmutableBuffer(ByteBuffer(bytes: [0xc0, 0xc0]))
    return bytes
}
