//! The service without a connection: a call's bytes in, its answer's bytes out, on the test's thread, which is the event
//! loop's.

import HeldEngines
import MemoryEngine
import NIOCore
import NIOEmbedded
import NeedletailWire
import StorageAPI
import StorageEngine
import Timing

@testable import HistoryService
@testable import NeedletailRPC

final class History {
    let time = ManualTime()
    let loop = EmbeddedEventLoop()
    let host = TestHost()
    let engine: HeldEngine
    let timers: LoopTimers
    let service: HistoryService<HeldEngine>
    let format: RPCFormat

    /// Periods of 100 ms, if nothing else is said.
    init(
        _ configuration: HistoryConfiguration = HistoryConfiguration(periodMillis: 100),
        limits: HistoryLimits = HistoryLimits(), format: RPCFormat = .thriftCompact, seed: UInt64 = 1
    ) {
        let clock = Clock.manual(time)
        engine = HeldEngine(clock: clock)
        timers = LoopTimers(clock: clock) { _, _ in }
        self.format = format
        service = HistoryService(
            engine: engine, session: engine.makeSession(on: loop, timers: timers), configuration: configuration,
            limits: limits, host: host, timers: timers, clock: clock, random: SplitMix(state: seed))
    }

    /// Another service of the same engine, as another event loop has it.
    func neighbour(seed: UInt64) -> HistoryService<HeldEngine> {
        HistoryService(
            engine: engine, session: engine.makeSession(on: loop, timers: timers), configuration: service.configuration,
            limits: service.limits, host: host, timers: timers, clock: .manual(time), random: SplitMix(state: seed))
    }

    /// Lets time pass.
    func pass(milliseconds: Int64) {
        time.advance(byMilliseconds: milliseconds)
        timers.turn()
    }

    // MARK: Calls

    /// A call that was served, and its answer if it has one.
    struct Answer<Method: RPCMethod> {
        fileprivate let written: ByteBuffer
        let token: LateAnswer?
        fileprivate let format: RPCFormat

        /// Whether there is an answer by now.
        var isGiven: Bool { token?.isGiven ?? true }

        /// The answer. Asked for once.
        func get() throws -> Method.Result {
            do throws(CallFailure<Method.Failure>) {
                return try decodeAnswer(token?.takeBytes() ?? written, format, Method.self)
            } catch {
                switch error {
                case .exception(let error): throw error
                case .call(let error): throw error
                }
            }
        }

        /// The error that was answered.
        func failure() -> StorageError? {
            do {
                _ = try get()
                return nil
            } catch {
                return error as? StorageError
            }
        }
    }

    func call<Method: RPCMethod>(
        _ method: Method.Type, _ arguments: Method.Arguments, on service: HistoryService<HeldEngine>? = nil
    ) throws -> Answer<Method> {
        let service = service ?? self.service
        let message = encodeCall(RPCWire(format), id: 1, method, arguments)
        let now = Clock.manual(time).now()
        let times = CallTimes(arrival: now, start: now)
        var bytes = ByteWriter(into: ByteBuffer())
        let outcome: CallOutcome
        switch format {
        case .messagePack:
            var reader = MessagePackReader(message)
            var writer = MessagePackWriter(bytes)
            outcome = try service.call(CallHead(try reader.readEnvelope()), times, &reader, &writer)
            bytes = writer.finish()
        case .thriftBinary:
            var reader = ThriftBinaryReader(message)
            var writer = ThriftBinaryWriter(bytes)
            outcome = try service.call(CallHead(try reader.readHead()), times, &reader, &writer)
            bytes = writer.finish()
        case .thriftCompact:
            var reader = ThriftCompactReader(message)
            var writer = ThriftCompactWriter(bytes)
            outcome = try service.call(CallHead(try reader.readHead()), times, &reader, &writer)
            bytes = writer.finish()
        }
        let written = bytes.finish()
        switch outcome {
        case .answered, .provisional: return Answer(written: written, token: nil, format: format)
        case .later(_, let token): return Answer(written: written, token: token, format: format)
        }
    }

    func write(
        _ owner: String, _ events: [Event], ttlMillis: Int64? = nil, timeoutMillis: Int32? = nil,
        on service: HistoryService<HeldEngine>? = nil
    ) throws -> Answer<HistoryMethods.SetData> {
        try call(
            HistoryMethods.SetData.self,
            .init(
                request: SetDataRequest(
                    owner: ByteBuffer(string: owner), events: events, ttlMillis: ttlMillis,
                    context: timeoutMillis.map { RequestContext(timeoutMillis: $0) })), on: service)
    }

    func read(
        _ owner: String, from fromMillis: Int64, to toMillis: Int64, limit: Int32? = nil, newestFirst: Bool? = nil,
        policy: ReadPolicy? = nil, timeoutMillis: Int32? = nil, on service: HistoryService<HeldEngine>? = nil
    ) throws -> Answer<HistoryMethods.GetDataByRange> {
        try call(
            HistoryMethods.GetDataByRange.self,
            .init(
                request: GetDataByRangeRequest(
                    owner: ByteBuffer(string: owner), fromMillis: fromMillis, toMillis: toMillis, limit: limit,
                    newestFirst: newestFirst, policy: policy,
                    context: timeoutMillis.map { RequestContext(timeoutMillis: $0) })), on: service)
    }

    /// Writes, and sees that it worked.
    func add(_ owner: String, _ events: [Event], ttlMillis: Int64? = nil) throws {
        let answer = try write(owner, events, ttlMillis: ttlMillis).get()
        precondition(answer.written == events.count)
    }

    /// The data of all events in a range, as text.
    func texts(_ owner: String, from fromMillis: Int64, to toMillis: Int64) throws -> [String] {
        try read(owner, from: fromMillis, to: toMillis).get().texts
    }
}

extension GetDataByRangeResponse {
    var texts: [String] { events.map { String(buffer: $0.data) } }
}

extension Event {
    static func at(_ timestampMillis: Int64, _ text: String) -> Event {
        Event(timestampMillis: timestampMillis, data: ByteBuffer(string: text))
    }
}
