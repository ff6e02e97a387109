//! What a request must satisfy before anything is executed.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailWire
internal import StorageAPI
internal import StorageEngine
internal import Timing

/// When a call was admitted: by this time expiries count. And when its budget is used up.
struct Admission {
    let now: WallTime
    let deadline: MonotonicTime
}

/// The rules that a request must keep, and what is taken for granted where it says nothing. One for each event loop.
final class RequestChecks {
    let limits: ServiceLimits
    let capabilities: EngineCapabilities
    /// What a write gets that asks for nothing.
    let durability: EngineDurability
    let clock: Clock
    let counters: CounterBlock
    /// Where calls that say where they come from are noted; nil: nobody looks.
    let callers: LoopCallers?
    let loading: Loading
    let memory: MemoryGate
    let notes: CallNotes
    /// Nil: hot keys and large values are not looked for.
    let sampler: KeySampler?
    /// Nil: calls are not traced.
    let tracing: CallTracing?

    init(
        _ limits: ServiceLimits, _ capabilities: EngineCapabilities, clock: Clock, counters: CounterBlock,
        callers: LoopCallers? = nil, loading: Loading, memory: MemoryGate = MemoryGate(),
        notes: CallNotes = CallNotes(), sampler: KeySampler? = nil, tracing: CallTracing? = nil
    ) {
        self.limits = limits
        self.capabilities = capabilities
        durability = limits.durability ?? capabilities.bestDurability
        self.clock = clock
        self.counters = counters
        self.callers = callers
        self.loading = loading
        self.memory = memory
        self.notes = notes
        self.sampler = sampler
        self.tracing = tracing
    }

    /// Admits the call: the data must be loaded, its caller must be who it says, its budget must not be used up yet, and it
    /// must not have waited too long in overload.
    func admit<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> Admission {
        let deadline = try deadline(context, call)
        return Admission(now: clock.wallNow(), deadline: deadline)
    }

    /// Admits the call likewise, and tells when its budget is used up.
    func deadline<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> MonotonicTime {
        begin(context, call)
        return try checkDeadline(context, call)
    }

    /// Notes the call for who looks at calls.
    func begin<Method: RPCMethod>(_ context: RequestContext?, _ call: borrowing Call<Method>) {
        note(context)
        if let tracing { notes.current.span = tracing.begin(context, call) }
    }

    /// When the call's budget is used up, if it may be executed at all. Of the request's and the header's budget the smaller
    /// counts.
    func checkDeadline<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> MonotonicTime {
        if !loading.isDone { throw .loading(loading) }
        if let origin = call.origin {
            try checkCaller(context, origin)
            // Whoever may not call as somebody takes nobody's place among the callers.
            noteCaller(context, origin)
        } else if case .some = context {
            noteCaller(context, nil)
        }
        let times = call.times
        let timeoutMillis = context?.timeoutMillis ?? 0
        var budget = limits.defaultTimeoutMillis
        if timeoutMillis != 0 { budget = min(Int64(timeoutMillis), limits.timeoutMillisMax) }
        if times.headerTimeoutMillis != 0 {
            if times.headerTimeoutMillis < 0 { throw .invalidArgument("the header's timeout is negative") }
            let asked = min(Int64(times.headerTimeoutMillis), limits.timeoutMillisMax)
            budget = timeoutMillis == 0 ? asked : min(budget, asked)
        }
        let deadline = times.arrival.advanced(byMilliseconds: budget)
        if deadline <= times.start {
            counters.add(to: ServiceCounters.deadlineExceeded(.admission))
            throw .late("the call's \(budget) ms were over before it was executed")
        }
        if let reason = times.pressure.shedReason(budgetMillis: budget) {
            counters.add(to: ServiceCounters.shed(reason))
            throw .shed(reason)
        }
        return deadline
    }

    /// A key is within the IDL's bounds; the configured one may be tighter.
    func check(key byteCount: Int, at index: Int? = nil) throws(StorageError) {
        if byteCount > limits.keySizeMax {
            let which = index.map { "key \($0)" } ?? "the key"
            throw .invalidArgument("\(which) has \(byteCount) bytes; limits.maxKeySize is \(limits.keySizeMax)")
        }
    }

    /// The one key of a call.
    func check(key: RawSpan) throws(StorageError) {
        noteKeys(1)
        sampler?.saw(key)
        try check(key: key.byteCount)
    }

    /// What is to be stored under the one key of a call.
    func check(value: RawSpan, of key: RawSpan) throws(StorageError) {
        try check(value: value.byteCount)
        sampler?.saw(valueBytes: value.byteCount, of: key)
    }

    func check(value byteCount: Int, at index: Int? = nil) throws(StorageError) {
        if byteCount > limits.valueSizeMax {
            let which = index.map { "value \($0)" } ?? "the value"
            throw .invalidArgument(
                "\(which) has \(byteCount) bytes; limits.maxValueSize is \(limits.valueSizeMax)")
        }
    }

    func check(keys: BinaryList) throws(StorageError) {
        try check(count: keys.count)
        for index in keys.indices { try check(key: keys.byteCount(at: index), at: index) }
        sampler?.saw(keys)
    }

    func check(count: Int) throws(StorageError) {
        noteKeys(count)
        if count > limits.keysPerRequestMax {
            throw .invalidArgument("\(count) keys; limits.maxKeysPerRequest is \(limits.keysPerRequestMax)")
        }
        counters.add(to: ServiceCounters.requestsOfKeys(count))
        counters.add(count, to: ServiceCounters.keysInRequests)
    }

    /// When an entry expires that lives `ttlMillis` from `now`.
    func expiry(_ ttlMillis: Int64?, _ now: WallTime) -> WallTime {
        ttlMillis.map { now.advanced(byMilliseconds: $0) } ?? .distantFuture
    }

    /// The level that a write gets.
    func level(_ asked: StorageAPI.Durability?) throws(StorageError) -> EngineDurability {
        guard let asked, let level = EngineDurability(rawValue: asked.rawValue) else { return durability }
        if !capabilities.durabilities.contains(level) {
            throw StorageError(
                code: .unsupported,
                message:
                    "durability \(level) is more than this server has; the best is \(capabilities.bestDurability)",
                effect: .notExecuted)
        }
        return level
    }

    func checkVersions(areNeeded: Bool) throws(StorageError) {
        if areNeeded && !capabilities.versions {
            throw StorageError(EngineError.unsupported("this engine's entries carry no versions"))
        }
    }

    /// What makes the store grow is executed only while the process has memory. Removals need no leave.
    func checkMemory() throws(StorageError) {
        if memory.isOpen { return }
        memory.countRefusal()
        throw .memoryFull
    }

    // MARK: What a request asks the engine for

    func scanOptions(_ request: borrowing ScanRequest.View) -> ScanOptions {
        let limit = Int(request.limit ?? ServiceLimits.scanLimitDefault)
        return ScanOptions(
            cursor: ByteBuffer(copying: request.cursor), prefix: ByteBuffer(copying: request.prefix) ?? ByteBuffer(),
            limit: limit, byteLimit: limits.scanBytesMax(ofEntries: limit), keysOnly: request.keysOnly ?? false)
    }

    func entries(_ request: borrowing MultiPutRequest.View, _ now: WallTime) throws(StorageError) -> [EngineEntry] {
        try check(count: request.entries.count)
        var entries: [EngineEntry] = []
        entries.reserveCapacity(request.entries.count)
        for (index, entry) in request.entries.enumerated() {
            try check(key: entry.key.readableBytes, at: index)
            try check(value: entry.value.readableBytes, at: index)
            entries.append(EngineEntry(key: entry.key, value: entry.value, expiry: expiry(entry.ttlMillis, now)))
            sampler?.saw(entry.value.readableBytes, of: entry.key)
        }
        return entries
    }

    // MARK: Counting

    func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?) {
        let code = failure.map { ($0 as? StorageError)?.code ?? .internal }
        noteEnd(code, method, format)
        counters.add(to: ServiceCounters.requests(method, format, code))
    }

    func cancelled(_ method: Int, _ format: RPCFormat) {
        noteEnd(.cancelled, method, format)
        counters.add(to: ServiceCounters.requests(method, format, .cancelled))
    }

    func refused(_ format: RPCFormat) { counters.add(to: ServiceCounters.refused(format)) }
}

extension StorageAPI.Durability {
    init(_ level: EngineDurability) { self.init(rawValue: level.rawValue) }
}
