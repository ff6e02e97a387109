//! Nodes that answer what a test tells them to, on an embedded event loop and a clock that is moved by hand.

internal import NIOCore
internal import NIOEmbedded
internal import StorageEngine
internal import Timing

@testable internal import RedisEngine

/// The network between the engine and nodes that do not exist.
final class ScriptedNodes: NodeConnector, @unchecked Sendable {
    /// What happens to an attempt to connect.
    enum Connecting {
        case succeeds
        case refuses
        /// Nothing is heard.
        case hangs
    }

    struct Refused: Error {}

    let eventLoop = EmbeddedEventLoop()
    let time = ManualTime()
    private(set) var timers: LoopTimers
    // On the one thread of a test.
    var connecting: [Int: Connecting] = [:]
    /// Connections by port, the latest last.
    private(set) var channels: [Int: [EmbeddedChannel]] = [:]
    private(set) var attempts: [Int: Int] = [:]

    init() { timers = LoopTimers(clock: .manual(time)) { _, _ in } }

    func makeSession(
        _ endpoints: [Int], _ change: (inout RedisEngineConfiguration) -> Void = { _ in }
    ) -> (engine: RedisEngine, session: RedisSession) {
        var configuration = RedisEngineConfiguration(endpoints: endpoints.map { RedisEndpoint(host: "n", port: $0) })
        change(&configuration)
        let engine = RedisEngine(configuration, clock: .manual(time), connector: self)
        return (engine, engine.makeSession(on: eventLoop, timers: timers))
    }

    func connect(
        to endpoint: RedisEndpoint, on eventLoop: any EventLoop, timeout: Duration,
        _ handler: @escaping @Sendable () -> NodeConnection
    ) -> EventLoopFuture<Void> {
        attempts[endpoint.port, default: 0] += 1
        switch connecting[endpoint.port] ?? .succeeds {
        case .refuses: return eventLoop.makeFailedFuture(Refused())
        case .hangs: return eventLoop.makePromise().futureResult
        case .succeeds: break
        }
        return eventLoop.submit {
            let channel = EmbeddedChannel(handler: handler(), loop: self.eventLoop)
            self.channels[endpoint.port, default: []].append(channel)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: endpoint.port), promise: nil)
        }
    }

    func run() { eventLoop.run() }

    func advance(milliseconds: Int64) {
        time.advance(byMilliseconds: milliseconds)
        timers.turn()
        run()
    }

    /// The commands that came to `port` since the last time, on its latest connection.
    func take(_ port: Int) throws -> [[String]] {
        run()
        guard let channel = channels[port]?.last else { return [] }
        var parser = RESPParser()
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { parser.append(bytes) }
        var commands: [[String]] = []
        while let command = try parser.next() { commands.append((command.array ?? []).map { $0.text ?? "" }) }
        return commands
    }

    func answer(_ port: Int, _ replies: String...) throws {
        for reply in replies { try channels[port]?.last?.writeInbound(ByteBuffer(string: reply + "\r\n")) }
        run()
    }

    /// Takes the greeting of a new connection and answers it.
    func greet(_ port: Int) throws -> [[String]] {
        let greeting = try take(port)
        for _ in greeting { try answer(port, "+OK") }
        return greeting
    }

    /// Has the session know one server without cluster mode at `port`.
    func beStandalone(_ port: Int) throws {
        _ = try greet(port)
        _ = try take(port)
        try answer(port, "-ERR This instance has cluster support disabled", "*3\r\n$6\r\nmaster\r\n:0\r\n*0")
    }

    /// Has the session know a cluster of two primaries, that at `first` with the lower half of the slots.
    func beCluster(_ first: Int, _ second: Int) throws {
        _ = try greet(first)
        _ = try take(first)
        try answerSlots(first, [(0, 8_191, first), (8_192, 16_383, second)])
    }

    func answerSlots(_ port: Int, _ ranges: [(Int, Int, Int)]) throws {
        let text = ranges.map { "*3\r\n:\($0.0)\r\n:\($0.1)\r\n*3\r\n$1\r\nn\r\n:\($0.2)\r\n$2\r\nid\r\n" }.joined()
        try answer(port, "*\(ranges.count)\r\n" + text + "*1\r\n$6\r\nmaster")
    }
}

/// What a call came to.
final class Outcome<Value> {
    private(set) var result: Result<Value, EngineError>?
    private(set) lazy var call = EngineCall<Value> { [weak self] in self?.result = $0 }

    var failure: EngineError? { if case .failure(let error) = result { error } else { nil } }
    var value: Value? { if case .success(let value) = result { value } else { nil } }
}
