//! Service `Storage` over an engine: checks requests, asks the engine, writes answers. One instance per event loop, used on
//! that loop only. All is done at once, but that the answer to a write waits until its level is reached: for the end of its
//! group of calls, or for the log's threads (WaitingWrites).
//!
//! Dispatch is generated and generic over the format; its three instances are made here, where the formats and the engine
//! are known.

internal import MemoryEngine
package import NIOCore
package import NeedletailRPC
package import NeedletailTelemetry
package import NeedletailWire
package import StorageAPI
package import StorageEngine
package import Timing

package final class StorageService<Engine: StorageEngine>: RPCService, StorageHandler {
    let engine: Engine
    let session: Engine.Session
    let checks: RequestChecks
    let clock: Clock
    let counters: CounterBlock
    let loading: Loading
    let waiting: WaitingWrites
    let timers: LoopTimers
    let eventLoop: (any EventLoop)?
    /// Who helps with large reads.
    let crew: ReadCrew<Engine>?
    /// Scratch of multiGet, kept so that a call allocates nothing for it.
    var statusScratch: [UInt8] = []
    var versionScratch: [Int64] = []

    /// - Parameters:
    ///   - eventLoop: the loop that this is for; nil: no call asks for more than the level `memory`.
    ///   - timers: that loop's; nil: the service's own.
    ///   - counters: a block of `ServiceCounters.count`, this loop's own.
    ///   - loading: until it is done, calls are refused.
    package convenience init(
        engine: Engine, limits: ServiceLimits, on eventLoop: (any EventLoop)? = nil, timers: LoopTimers? = nil,
        clock: Clock, counters: CounterBlock, loading: Loading = .done
    ) {
        self.init(
            engine: engine,
            checks: RequestChecks(limits, engine.capabilities, clock: clock, counters: counters, loading: loading),
            on: eventLoop, timers: timers ?? LoopTimers(on: eventLoop, clock: clock))
    }

    init(
        engine: Engine, checks: RequestChecks, on eventLoop: (any EventLoop)?, timers: LoopTimers,
        crew: ReadCrew<Engine>? = nil
    ) {
        self.engine = engine
        self.checks = checks
        (self.eventLoop, self.timers, self.crew) = (eventLoop, timers, crew)
        session = engine.makeSession(on: eventLoop)
        (clock, counters, loading) = (checks.clock, checks.counters, checks.loading)
        waiting = WaitingWrites(timers, clock: clock, counters: counters)
    }

    package static var methodNames: [String] { StorageMethod.allCases.map { "\($0.name)" } }

    // MARK: Calls

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> CallOutcome {
        if let refused = checks.refuseUnread(head, times, &reader, &writer) { return refused }
        return try dispatch(head, times, &reader, &writer)
    }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> CallOutcome {
        if let refused = checks.refuseUnread(head, times, &reader, &writer) { return refused }
        return try dispatch(head, times, &reader, &writer)
    }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> CallOutcome {
        if let refused = checks.refuseUnread(head, times, &reader, &writer) { return refused }
        return try dispatch(head, times, &reader, &writer)
    }

    package func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?) {
        checks.answered(method, format, threw: failure)
    }

    package func cancelled(_ method: Int, _ format: RPCFormat) { checks.cancelled(method, format) }

    package func refused(_ refusal: CallRefusal, _ format: RPCFormat) { checks.refused(format) }

    package func failure(_ type: StorageError.Type, for refusal: CallRefusal) -> StorageError? { StorageError(refusal) }

    package func ping<Writer: MessageWriter & ~Copyable>(
        _ call: Call<StorageMethods.Ping>, _ writer: inout Writer
    ) -> Reply { call.answer("pong", &writer) }

    package var callers: LoopCallers? { checks.callers }

    // MARK: Overload

    /// It decides which calls are shed: it knows their budgets, and `OVERLOADED`.
    package var shedsCalls: Bool { true }

    package var notes: CallNotes? { checks.notes }

    package func isUrgent(_ head: borrowing CallHead) -> Bool { StorageMethod(head.method) == .ping }

    // MARK: Looking ahead

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func anticipate(_ head: borrowing CallHead, _ reader: inout MessagePackReader) throws(WireError) -> Bool {
        try anticipateKey(head, &reader)
    }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftBinaryReader) throws(WireError) -> Bool {
        try anticipateKey(head, &reader)
    }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftCompactReader) throws(WireError) -> Bool {
        try anticipateKey(head, &reader)
    }

    @_lifetime(reader: copy reader)
    private func anticipateKey<Reader: MessageReader & ~Copyable & ~Escapable>(
        _ head: borrowing CallHead, _ reader: inout Reader
    ) throws(WireError) -> Bool {
        let key: RawSpan
        switch StorageMethod(head.method) {
        case .get: key = try StorageMethods.Get.View(arguments: &reader).request.key
        case .put: key = try StorageMethods.Put.View(arguments: &reader).request.key
        case .remove: key = try StorageMethods.Remove.View(arguments: &reader).request.key
        case .increment: key = try StorageMethods.Increment.View(arguments: &reader).request.key
        case .touch: key = try StorageMethods.Touch.View(arguments: &reader).request.key
        case .ping, .multiGet, .multiPut, .multiRemove, .scan, nil: return false
        }
        engine.anticipate(key, session: session)
        return true
    }

    package func finishAnticipating() { engine.finishAnticipating(session: session) }

    package func finishGroup() -> Bool { engine.finishGroup(session: session) }

    /// The engine's share of housekeeping that falls to this loop.
    /// - Returns: false if there is more to do than one slice.
    package func maintain(worker: Int, of workers: Int) -> Bool {
        guard loading.isDone else { return true }
        return engine.maintain(worker: worker, of: workers, now: clock.wallNow(), session: session)
    }
}
