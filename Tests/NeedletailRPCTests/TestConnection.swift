//! A server's side of a connection, without a socket.

import Logging
import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import Timing

@testable import NeedletailRPC

/// A server's side of a connection, on an event loop that a test turns by hand.
final class TestConnection {
    let service: StubService
    let channel: EmbeddedChannel
    let loop: RPCLoop
    let time: ManualTime

    init(
        frameSizeMax: Int = 1 << 20, unsentBytesHigh: Int = 1 << 20, heldBytesMax: Int = 256 << 20,
        interceptors: [any ServerInterceptor] = [], admission: AdmissionConfiguration = AdmissionConfiguration(),
        security: (any ServerSecurity)? = nil, isLocal: Bool = false
    ) throws {
        time = ManualTime()
        service = StubService(time)
        let clock = Clock.manual(time)
        let eventLoop = EmbeddedEventLoop()
        loop = RPCLoop(
            service: service,
            limits: RPCLimits(
                frameSizeMax: frameSizeMax, budget: WireBudget(depth: 64, count: 1_000), heldBytesMax: heldBytesMax,
                unsentBytesHigh: unsentBytesHigh),
            clock: clock, metrics: RPCMetrics(methodCount: StubService.methodNames.count),
            complaints: RateLimitedLog(Logger(label: "test"), clock: clock), interceptors: interceptors,
            admission: admission, security: security, eventLoop: eventLoop)
        channel = EmbeddedChannel(handler: RPCConnection(loop: loop, isLocal: isLocal), loop: eventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "test")).wait()
    }

    /// Another connection of the same event loop.
    init(sharing other: TestConnection) throws {
        (service, loop, time) = (other.service, other.loop, other.time)
        channel = EmbeddedChannel(handler: RPCConnection(loop: loop), loop: other.channel.embeddedEventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "test")).wait()
    }

    /// Sends bytes and returns what comes back.
    func send(_ bytes: ByteBuffer) throws -> ByteBuffer {
        if channel.isActive { try channel.writeInbound(bytes) }
        return try received()
    }

    /// Turns the event loop, and returns what comes.
    func received() throws -> ByteBuffer {
        channel.embeddedEventLoop.run()
        var answer = ByteBuffer()
        while let piece = try channel.readOutbound(as: ByteBuffer.self) { answer.writeImmutableBuffer(piece) }
        return answer
    }

    /// As long as the loop has a connection wait for its next turn.
    static let tick = TimeAmount.microseconds(20)

    /// What came first, and what comes in each of the next ticks, until nothing does.
    func portions(after first: ByteBuffer) throws -> [ByteBuffer] {
        var portions = [first]
        while let last = portions.last, last.readableBytes > 0 {
            channel.embeddedEventLoop.advanceTime(by: Self.tick)
            portions.append(try received())
        }
        return portions.dropLast()
    }

    /// All of an answer that leaves in portions.
    func whole(after first: ByteBuffer) throws -> ByteBuffer {
        try portions(after: first).reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }
}

/// Every way in which a message may travel.
let allWires = [
    RPCWire(.messagePack), RPCWire(.thriftBinary), RPCWire(.thriftCompact),
    RPCWire(.thriftBinary, .framed), RPCWire(.thriftCompact, .framed),
    RPCWire(.thriftBinary, .theader), RPCWire(.thriftCompact, .theader),
    RPCWire(.thriftBinary, .ttheader), RPCWire(.thriftCompact, .ttheader),
]
