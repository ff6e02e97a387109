//! Service `Storage` over an engine that answers later. One instance per event loop, used on that loop only. Checks are those
//! of the embedded engine's service; each call is one operation of the engine, under the call's deadline.

internal import NIOCore
package import NeedletailRPC
package import NeedletailTelemetry
package import NeedletailWire
package import StorageAPI
package import StorageEngine
internal import Timing

package final class DeferredStorageService<Engine: DeferredEngine>: RPCService, StorageHandler {
    let engine: Engine
    let session: Engine.Session
    let checks: RequestChecks
    let width: FanOutWidth
    let timers: LoopTimers

    /// - Parameters:
    ///   - session: the engine's, of the loop that this is for.
    ///   - width: of reads of many keys.
    ///   - timers: that loop's.
    init(
        engine: Engine, session: Engine.Session, checks: RequestChecks, width: FanOutWidth, timers: LoopTimers
    ) {
        self.engine = engine
        self.session = session
        self.checks = checks
        self.width = width
        self.timers = timers
    }

    package static var methodNames: [String] { StorageMethod.allCases.map { "\($0.name)" } }

    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> CallOutcome {
        if let refused = checks.refuseUnread(head, times, &reader, &writer) { return refused }
        return try dispatch(head, times, &reader, &writer)
    }

    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> CallOutcome {
        if let refused = checks.refuseUnread(head, times, &reader, &writer) { return refused }
        return try dispatch(head, times, &reader, &writer)
    }

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

    package var callers: LoopCallers? { checks.callers }

    package var shedsCalls: Bool { true }

    package var notes: CallNotes? { checks.notes }

    package func isUrgent(_ head: borrowing CallHead) -> Bool { StorageMethod(head.method) == .ping }

    package func ping<Writer: MessageWriter & ~Copyable>(
        _ call: Call<StorageMethods.Ping>, _ writer: inout Writer
    ) -> Reply { call.answer("pong", &writer) }

    // MARK: One operation

    /// Begins an operation and answers with what `result` makes of its outcome.
    /// - Parameter late: what a call answers whose time is over before the operation has ended.
    func begin<Method: RPCMethod, Outcome>(
        _ call: Call<Method>, until deadline: MonotonicTime, late: StorageError,
        _ start: (EngineCall<Outcome>) -> Void, _ result: @escaping (Outcome) -> Method.Result
    ) -> Reply where Method.Failure == StorageError {
        let deferred = DeferredCall(call)
        let operation = EngineCall<Outcome> { outcome in
            switch outcome {
            case .success(let outcome): deferred.send(result(outcome))
            case .failure(let error): deferred.fail(StorageError(error))
            }
        }
        start(operation)
        deferred.wait(until: deadline, timers, cancel: operation.cancel) { [checks] in
            checks.counters.add(to: ServiceCounters.deadlineExceeded(.execute))
            deferred.fail(late)
        }
        return deferred.reply
    }

    /// Begins a write: when its time is over, nobody knows whether it was made.
    func beginWrite<Method: RPCMethod, Outcome>(
        _ call: Call<Method>, _ admission: Admission, _ start: (EngineCall<Kept<Outcome>>) -> Void,
        _ result: @escaping (Kept<Outcome>) -> Method.Result
    ) -> Reply where Method.Failure == StorageError {
        begin(
            call, until: admission.deadline,
            late: StorageError(
                code: .deadlineExceeded, message: "the engine had not confirmed the change within the call's time",
                effect: .unknown), start, result)
    }
}
