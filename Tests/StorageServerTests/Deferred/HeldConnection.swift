//! A connection to service Storage over an engine that waits for the test, on a clock that the test moves: the real
//! handler and the real service, without a socket. The test's thread is the event loop's.

import HeldEngines
import Logging
import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

final class HeldConnection {
    let time: ManualTime
    let engine: HeldEngine
    let timers: LoopTimers
    let counters = CounterBlock(count: ServiceCounters.count)
    let loop: RPCLoop
    let channel: EmbeddedChannel
    private let wire: RPCWire
    private var lastID: UInt32 = 0

    /// - Parameters:
    ///   - concurrency: parts of a read that run at the same time. Every key is a part of its own.
    ///   - watch: looks for slow calls and hot keys.
    ///   - tracing: records calls.
    init(
        _ format: RPCFormat, concurrency: Int = 2, time: ManualTime = ManualTime(), watchedBy watch: SlowCallLog? = nil,
        tracing: CallTracing? = nil
    ) throws {
        self.time = time
        wire = RPCWire(format)
        let clock = Clock.manual(time)
        let eventLoop = EmbeddedEventLoop()
        engine = HeldEngine(clock: clock)
        timers = LoopTimers(clock: clock) { _, _ in }
        let service = DeferredStorageService(
            engine: engine, session: engine.makeSession(on: eventLoop, timers: timers),
            checks: RequestChecks(
                ServiceLimits(), engine.capabilities, clock: clock, counters: counters, loading: .done,
                notes: watch?.makeNotes(0) ?? CallNotes(), sampler: watch?.sampler(0), tracing: tracing),
            width: FanOutWidth(concurrency: concurrency, keysPerPart: 1), timers: timers)
        loop = RPCLoop(
            service: service, limits: RPCLimits(), clock: clock,
            metrics: RPCMetrics(methodCount: DeferredStorageService<HeldEngine>.methodNames.count),
            complaints: RateLimitedLog(Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: clock),
            eventLoop: eventLoop)
        channel = EmbeddedChannel(handler: RPCConnection(loop: loop), loop: eventLoop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "test")).wait()
    }

    /// Sends a call, and lets the loop go on.
    /// - Parameter waiting: so long it waits for its turn.
    func send<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, waiting milliseconds: Int64 = 0
    ) throws {
        lastID += 1
        try channel.writeInbound(encodeCall(wire, id: lastID, method, arguments))
        pass(milliseconds: milliseconds)
    }

    /// Cancels the last call, in the words of MessagePack-RPC.
    func cancelLast() throws {
        try channel.writeInbound(encodeCancel(lastID))
        channel.embeddedEventLoop.run()
    }

    /// Lets time pass, and everything happen that is due then.
    func pass(milliseconds: Int64) {
        time.advance(byMilliseconds: milliseconds)
        timers.turn()
        channel.embeddedEventLoop.run()
    }

    /// What has left since the last time.
    func received() throws -> ByteBuffer {
        channel.embeddedEventLoop.run()
        var bytes = ByteBuffer()
        while let piece = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeImmutableBuffer(piece) }
        return bytes
    }

    /// The one answer that has left since the last time.
    func answer<Method: RPCMethod>(_ method: Method.Type) throws -> Method.Result {
        let bytes = try received()
        do throws(CallFailure<Method.Failure>) {
            return try decodeAnswer(bytes, wire.format, method)
        } catch {
            throw error.cause
        }
    }

    /// The error that has left since the last time.
    func failure<Method: RPCMethod>(_ method: Method.Type) -> StorageError? {
        do {
            _ = try answer(method)
            return nil
        } catch {
            return error as? StorageError
        }
    }

    /// Whether nothing is left of any call: no timer, no open answer, nothing that counts as in flight.
    var isAtRest: Bool {
        timers.count == 0 && loop.lateCallCount == 0
            && StorageMethod.allCases.allSatisfy { loop.metrics.inFlight(ofMethod: $0.rawValue) == 0 }
    }

    /// Calls whose time was over, by where that was seen.
    func late(_ stage: ServiceCounters.DeadlineStage) -> UInt64 { counters[ServiceCounters.deadlineExceeded(stage)] }

    // MARK: Calls

    func get(_ key: String, timeoutMillis: Int32 = 50, waiting milliseconds: Int64 = 0) throws {
        try send(
            StorageMethods.Get.self,
            .init(
                request: GetRequest(
                    key: ByteBuffer(string: key), context: RequestContext(timeoutMillis: timeoutMillis))),
            waiting: milliseconds)
    }

    func multiGet(
        _ keys: [String], _ policy: ReadPolicy, timeoutMillis: Int32 = 50, waiting milliseconds: Int64 = 0
    ) throws {
        try send(
            StorageMethods.MultiGet.self,
            .init(
                request: MultiGetRequest(
                    keys: BinaryList(strings: keys), policy: policy,
                    context: RequestContext(timeoutMillis: timeoutMillis))), waiting: milliseconds)
    }

    func put(_ key: String, _ value: String, timeoutMillis: Int32 = 50, waiting milliseconds: Int64 = 0) throws {
        try send(
            StorageMethods.Put.self,
            .init(
                request: PutRequest(
                    key: ByteBuffer(string: key), value: ByteBuffer(string: value),
                    context: RequestContext(timeoutMillis: timeoutMillis))), waiting: milliseconds)
    }

    /// Stores entries before the engine begins to hold operations.
    func store(_ keys: [String]) throws {
        for key in keys {
            try put(key, "v" + key)
            #expect(try answer(StorageMethods.Put.self).applied)
        }
        engine.holds = true
    }

    /// What the engine has under `key`, whoever waits for what.
    func stored(_ key: String) -> String? {
        engine.holds = false
        defer { engine.holds = true }
        var text: String?
        let call = EngineCall<StoredValue?> { text = (try? $0.get()).flatMap { $0 }.map { String(buffer: $0.value) } }
        engine.base.get(
            ByteBuffer(string: key), call, session: engine.makeSession(on: channel.eventLoop, timers: timers))
        return text
    }
}
