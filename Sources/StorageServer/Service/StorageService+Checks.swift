//! What a request must satisfy before anything is executed, and the errors that say why it does not.

internal import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailWire
internal import StorageAPI
internal import StorageEngine
internal import Timing

extension StorageError {
    static func invalidArgument(_ message: String) -> StorageError {
        StorageError(code: .invalidArgument, message: message, effect: .notExecuted)
    }

    static func late(_ message: String) -> StorageError {
        StorageError(code: .deadlineExceeded, message: message, effect: .notExecuted)
    }

    static func shed(_ reason: ShedReason) -> StorageError {
        StorageError(
            code: .overloaded, message: reason.description, effect: .notExecuted,
            retryAfterMillis: reason.retryAfterMillis)
    }

    static func loading(_ loading: Loading) -> StorageError {
        StorageError(
            code: .unavailable, message: "the server is \(loading)", effect: .notExecuted,
            retryAfterMillis: loading.retryAfterMillis)
    }

    /// A write that is to be seen, and may or may not be kept.
    static func unconfirmed(_ reason: String) -> StorageError {
        StorageError(code: .unavailable, message: reason, effect: .unknown)
    }

    /// When the log's buffer has emptied, where the disk works, or a node is back: milliseconds.
    private static let retryAfterMillis: Int32 = 100

    /// What an engine refused to do.
    init(_ error: EngineError) {
        switch error {
        case .outOfMemory(let limit):
            self.init(
                code: .outOfMemory, message: "the store's memory limit of \(limit) bytes is reached",
                effect: .notExecuted)
        case .notAnInteger:
            self.init(
                code: .notAnInteger, message: "the stored value is no decimal 64-bit integer", effect: .notExecuted)
        case .overflow: self = .invalidArgument("the sum does not fit 64 bits")
        case .invalidCursor: self = .invalidArgument("cursor: not one that this server gave out since it started")
        case .readOnly(let reason): self.init(code: .readOnly, message: reason, effect: .notExecuted)
        case .overloaded(let reason):
            self.init(
                code: .overloaded, message: reason, effect: .notExecuted,
                retryAfterMillis: Self.retryAfterMillis)
        case .interrupted(let reason): self.init(code: .unavailable, message: reason, effect: .unknown)
        case .unavailable(let reason):
            self.init(
                code: .unavailable, message: reason, effect: .notExecuted,
                retryAfterMillis: Self.retryAfterMillis)
        case .unsupported(let what):
            self.init(code: .unsupported, message: what, effect: .notExecuted)
        }
    }
}

/// When a call was admitted: by this time expiries count. And when its budget is used up.
struct Admission {
    let now: WallTime
    let deadline: MonotonicTime
}

extension StorageService {
    /// Admits the call: the data must be loaded, its caller must be who it says, its budget must not be used up yet, and it
    /// must not have waited too long in overload.
    func admit<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> Admission {
        let deadline = try deadline(context, call)
        return Admission(now: clock.wallNow(), deadline: deadline)
    }

    /// Admits the call likewise, and tells when its budget is used up. Of the request's and the header's budget the smaller
    /// counts.
    func deadline<Method: RPCMethod>(
        _ context: RequestContext?, _ call: borrowing Call<Method>
    ) throws(StorageError) -> MonotonicTime {
        if !loading.isDone { throw .loading(loading) }
        if let origin = call.origin { try checkCaller(context, origin) }
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
    }

    func check(count: Int) throws(StorageError) {
        if count > limits.keysPerRequestMax {
            throw .invalidArgument("\(count) keys; limits.maxKeysPerRequest is \(limits.keysPerRequestMax)")
        }
    }

    /// When an entry expires that lives `ttlMillis` from `now`.
    func expiry(_ ttlMillis: Int64?, _ now: WallTime) -> WallTime {
        ttlMillis.map { now.advanced(byMilliseconds: $0) } ?? .distantFuture
    }

    /// The level that a write gets.
    func level(_ asked: StorageAPI.Durability?) throws(StorageError) -> EngineDurability {
        guard let asked, let level = EngineDurability(rawValue: asked.rawValue) else { return durability }
        if !engine.capabilities.durabilities.contains(level) {
            throw StorageError(
                code: .unsupported,
                message:
                    "durability \(level) is more than this server has; the best is \(engine.capabilities.bestDurability)",
                effect: .notExecuted)
        }
        return level
    }
}

extension StorageAPI.Durability {
    init(_ level: EngineDurability) { self.init(rawValue: level.rawValue) }
}
