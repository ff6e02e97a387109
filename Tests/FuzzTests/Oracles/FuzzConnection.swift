//! The server's side of one connection with all that is behind it in production, but no socket: the real handler, the
//! real service, a new store. Small limits, so that short inputs reach them; a clock that stands still and fixed seeds,
//! so that the same input has the same answer every time.

import Logging
import MemoryEngine
import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import StorageEngine
import Timing

@testable import NeedletailRPC
@testable import StorageServer

struct FuzzConnection {
    static let frameSizeMax = 2_048
    static let keysPerRequestMax = 32
    static let answerSizeMax = 48 << 10
    static let limits = RPCLimits(
        frameSizeMax: frameSizeMax, budget: WireBudget(depth: 16, count: keysPerRequestMax),
        unsentBytesHigh: 16 << 10, unsentBytesLow: 4 << 10)
    static let serviceLimits: ServiceLimits = {
        var limits = ServiceLimits()
        limits.keySizeMax = 64
        limits.valueSizeMax = 1_024
        limits.keysPerRequestMax = keysPerRequestMax
        limits.responseSizeMax = answerSizeMax
        limits.durability = .memory
        return limits
    }()
    /// Entries that are there from the start: the corpus names them. `big` is kept and sent by reference.
    static let entries = [
        ("k", ByteBuffer(string: "v")), ("n", ByteBuffer(string: "41")), ("empty", ByteBuffer()),
        ("big", ByteBuffer(repeating: 0x78, count: MemoryEngine.sharedValueBytesMin)),
    ]

    private let handler: RPCConnection
    private let channel: EmbeddedChannel

    init() throws {
        let clock = Clock.manual(ManualTime())
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 2, seed: 7))
        let service = StorageService(
            engine: engine, limits: Self.serviceLimits, clock: clock,
            counters: CounterBlock(count: ServiceCounters.count))
        for (key, value) in Self.entries {
            _ = try engine.put(
                ByteBuffer(string: key).readableBytesSpan, value: value.readableBytesSpan, options: PutOptions(),
                now: clock.wallNow(),
                session: service.session)
        }
        let silence = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        let eventLoop = EmbeddedEventLoop()
        let loop = RPCLoop(
            service: service, limits: Self.limits, clock: clock,
            metrics: RPCMetrics(methodCount: StorageService<MemoryEngine>.methodNames.count),
            complaints: RateLimitedLog(silence, clock: clock), eventLoop: eventLoop)
        handler = RPCConnection(loop: loop)
        channel = EmbeddedChannel(handler: handler, loop: eventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "fuzz")).wait()
    }

    /// What the connection speaks, once that is settled.
    var wire: RPCWire? {
        switch handler.framing {
        case .undecided: nil
        case .framed(let format): RPCWire(format, .framed)
        case .unframed(let format): RPCWire(format)
        case .headed(.theader): RPCWire(.thriftBinary, .theader)
        case .headed(.ttheader): RPCWire(.thriftBinary, .ttheader)
        }
    }

    /// Lets `bytes` arrive in one piece.
    /// - Returns: what is sent in return.
    func send(_ bytes: ArraySlice<UInt8>) throws -> ByteBuffer {
        if channel.isActive { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
        channel.embeddedEventLoop.run()
        try checkMemory()
        var answer = ByteBuffer()
        while var piece = try channel.readOutbound(as: ByteBuffer.self) { answer.writeBuffer(&piece) }
        return answer
    }

    /// Ends the client's side.
    /// - Throws: `OracleFailure` if the server does not end its own soon after.
    func close() throws {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.embeddedEventLoop.advanceTime(by: RPCLoop.lastAnswersMax)
        if channel.isActive { throw OracleFailure("the connection outlives its client") }
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    /// What is held is a part of one message: never more than a message may have.
    private func checkMemory() throws {
        guard let held = handler.input else { return }
        let limit = Self.frameSizeMax + MemoryLayout<UInt32>.size
        if held.readableBytes > limit {
            throw OracleFailure("\(held.readableBytes) bytes are held; a message has at most \(limit)")
        }
        // The last piece and what was served before lie in the same storage, whose size is a power of two.
        if held.storageCapacity > 8 * limit {
            throw OracleFailure("\(held.readableBytes) bytes are held in a buffer of \(held.storageCapacity)")
        }
    }
}
