//! Service `History` over an engine: everything that happened to one owner, read by time range. One instance per event loop,
//! used on that loop only. A write is a `HistoryWrite`, a read a `RangeRead`; both answer later, or before the call returns
//! where the engine does.

internal import NIOCore
package import NeedletailRPC
internal import NeedletailWire
package import StorageAPI
package import StorageEngine
package import Timing

package final class HistoryService<Engine: DeferredEngine>: RPCService, HistoryHandler {
    let engine: Engine
    let session: Engine.Session
    let configuration: HistoryConfiguration
    let limits: HistoryLimits
    let host: any HistoryHost
    let timers: LoopTimers
    let clock: Clock
    let periods: Periods
    let reader: BlobReader
    let writer: BlobWriter
    let pages: AnswerPages
    var retryDelays: RetryDelays

    /// - Parameters:
    ///   - session: the engine's, of the loop that this is for.
    ///   - timers: that loop's.
    ///   - thrift: decodes the events of Thrift blobs; nil: what our compiler generates.
    ///   - random: spreads the retries of writers that met.
    package init(
        engine: Engine, session: Engine.Session, configuration: HistoryConfiguration, limits: HistoryLimits,
        host: any HistoryHost, timers: LoopTimers, clock: Clock,
        thrift: (any ThriftEventDecoder)? = nil,
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.engine = engine
        self.session = session
        self.configuration = configuration
        self.limits = limits
        self.host = host
        self.timers = timers
        self.clock = clock
        periods = Periods(lengthMillis: configuration.periodMillis)
        reader = BlobReader(configuration.buffers, thrift: thrift, clock: clock)
        writer = BlobWriter(configuration.codec, sizeMax: limits.valueSizeMax)
        pages = AnswerPages(configuration.buffers)
        retryDelays = RetryDelays(random)
    }

    /// The host decides which calls are shed.
    package var shedsCalls: Bool { true }

    package func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?) {
        if let method = HistoryMethod(rawValue: method) { host.answered(method, format, threw: failure) }
    }

    package func cancelled(_ method: Int, _ format: RPCFormat) {
        if let method = HistoryMethod(rawValue: method) { host.cancelled(method, format) }
    }

    package func failure(_ type: StorageError.Type, for refusal: CallRefusal) -> StorageError? {
        host.failure(of: refusal)
    }

    package func setData<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing SetDataRequest.View, _ call: Call<HistoryMethods.SetData>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let deadline = try host.deadline(request.context, call)
        try check(owner: request.owner)
        let level = try host.level(request.durability)
        if request.events.isEmpty { return call.answer(SetDataResponse(written: 0), &writer) }
        try host.checkMemory()
        let expiry = request.ttlMillis.map { clock.wallNow().advanced(byMilliseconds: $0) } ?? .distantFuture
        let write = HistoryWrite(
            request.events, owner: request.owner, expiry: expiry, level: level, until: deadline, for: self,
            call.later())
        write.begin()
        return write.reply
    }

    package func getDataByRange<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing GetDataByRangeRequest.View, _ call: Call<HistoryMethods.GetDataByRange>,
        _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let deadline = try host.deadline(request.context, call)
        try check(owner: request.owner)
        if request.toMillis <= request.fromMillis {
            return call.answer(GetDataByRangeResponse(events: [], complete: true), &writer)
        }
        let range = request.fromMillis..<request.toMillis
        let isNewestFirst = request.newestFirst ?? false
        let numbers = try numbers(of: periods.periods(in: range), isNewestFirst: isNewestFirst)
        let order = AnswerOrder(
            range: range, isNewestFirst: isNewestFirst, eventsMax: request.limit.map(Int.init) ?? .max)
        let read = RangeRead(
            numbers, owner: request.owner, order, waitsForAll: request.policy == .wait, until: deadline, for: self,
            call.later())
        read.begin()
        return read.reply
    }

    private func check(owner: RawSpan) throws(StorageError) {
        let size = owner.byteCount + HistoryKey.overheadBytes
        if size > limits.keySizeMax {
            throw .refusal(
                .invalidArgument, "the owner's keys have \(size) bytes; limits.maxKeySize is \(limits.keySizeMax)")
        }
    }

    /// The periods, one by one, in the order of the answer.
    private func numbers(
        of periods: ClosedRange<Int64>, isNewestFirst: Bool
    ) throws(StorageError) -> [Int64] {
        let (distance, overflow) = periods.upperBound.subtractingReportingOverflow(periods.lowerBound)
        if overflow || distance >= limits.keysPerRequestMax {
            throw .refusal(
                .invalidArgument,
                "the range has more than limits.maxKeysPerRequest (\(limits.keysPerRequestMax)) periods of \(configuration.periodMillis) ms"
            )
        }
        return isNewestFirst ? periods.reversed() : Array(periods)
    }
}

extension HistoryService {
    /// Why the blob of the period that `timestampMillis` lies in cannot be read or written, as it is answered.
    func failure(of error: BlobError, at timestampMillis: Int64) -> StorageError {
        let start = periods.start(of: periods.period(at: timestampMillis))
        switch error {
        case .sizeOverLimit, .rawSizeOverLimit:
            return .refusal(.invalidArgument, "the period that begins at \(start) would have \(error)")
        default: return .refusal(.internal, "what is stored for the period that begins at \(start) is \(error)")
        }
    }
}

extension StorageError {
    /// What was not executed.
    static func refusal(_ code: ErrorCode, _ message: String) -> StorageError {
        StorageError(code: code, message: message, effect: .notExecuted)
    }
}
