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
        case .unsupported(let what):
            self.init(code: .unsupported, message: what, effect: .notExecuted)
        }
    }
}

extension StorageService {
    /// Admits the call: its budget must be valid and not used up yet.
    /// - Returns: the time of admission, by which expiries count.
    func admit(_ context: RequestContext?, _ times: CallTimes) throws(StorageError) -> WallTime {
        _ = try deadline(context, times)
        return clock.wallNow()
    }

    /// Admits the call likewise, and tells when its budget is used up.
    func deadline(_ context: RequestContext?, _ times: CallTimes) throws(StorageError) -> MonotonicTime {
        var budget = limits.defaultTimeoutMillis
        if let asked = context?.timeoutMillis, asked != 0 {
            if asked < 0 { throw .invalidArgument("context.timeoutMillis is \(asked); expected 0 or more") }
            budget = min(Int64(asked), limits.timeoutMillisMax)
        }
        let deadline = times.arrival.advanced(byMilliseconds: budget)
        if deadline <= times.start {
            counters.add(to: ServiceCounters.deadlineExceeded(.admission))
            throw .late("the call's \(budget) ms were over before it was executed")
        }
        return deadline
    }

    func check(key byteCount: Int, at index: Int? = nil) throws(StorageError) {
        if byteCount < 1 || byteCount > limits.keySizeMax {
            let which = index.map { "key \($0)" } ?? "the key"
            throw .invalidArgument("\(which) has \(byteCount) bytes; expected 1 to \(limits.keySizeMax)")
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
    func expiry(_ ttlMillis: Int64?, _ now: WallTime, at index: Int? = nil) throws(StorageError) -> WallTime {
        guard let ttlMillis else { return .distantFuture }
        if ttlMillis <= 0 {
            let which = index.map { "ttlMillis of entry \($0)" } ?? "ttlMillis"
            throw .invalidArgument("\(which) is \(ttlMillis); expected 1 or more")
        }
        return now.advanced(byMilliseconds: ttlMillis)
    }

    /// The level that a write gets.
    func level(_ asked: StorageAPI.Durability?) throws(StorageError) -> EngineDurability {
        guard let asked else { return durability }
        guard let level = EngineDurability(rawValue: asked.rawValue) else {
            throw .invalidArgument("durability is \(asked.rawValue); expected MEMORY, LOGGED, SYNCED or REPLICATED")
        }
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
