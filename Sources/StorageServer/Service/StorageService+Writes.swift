//! The writes: check everything, then ask the engine once.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import StorageEngine
internal import Timing

extension StorageService {
    func put(_ request: borrowing PutRequest, _ times: CallTimes) throws(StorageError) -> PutResponse {
        let now = try admit(request.context, times)
        try check(key: request.key.readableBytes)
        try check(value: request.value.readableBytes)
        let expiry = try expiry(request.ttlMillis, now)
        let level = try level(request.durability)
        guard let condition = WriteCondition(rawValue: (request.condition ?? .always).rawValue) else {
            throw .invalidArgument(
                "condition is \(request.condition?.rawValue ?? 0); expected ALWAYS, IF_ABSENT or IF_PRESENT")
        }
        try checkVersions(areNeeded: request.ifVersion != nil)
        let options = PutOptions(
            expiry: expiry, condition: condition, ifVersion: request.ifVersion,
            returnPrevious: request.returnPrevious ?? false)
        let outcome = try engineCall { () throws(EngineError) in
            try engine.put(
                request.key.readableBytesSpan, value: request.value, options: options, now: now, session: session)
        }
        return PutResponse(
            applied: outcome.applied, version: outcome.version,
            durability: outcome.applied ? Durability(level) : nil, previous: outcome.previous)
    }

    func remove(_ request: RemoveRequest, _ times: CallTimes) throws(StorageError) -> RemoveResponse {
        let now = try admit(request.context, times)
        try check(key: request.key.readableBytes)
        let level = try level(request.durability)
        try checkVersions(areNeeded: request.ifVersion != nil)
        let removed = try engineCall { () throws(EngineError) in
            try engine.remove(
                request.key.readableBytesSpan, ifVersion: request.ifVersion, now: now, session: session)
        }
        return RemoveResponse(removed: removed, durability: removed ? Durability(level) : nil)
    }

    func multiPut(_ request: MultiPutRequest, _ times: CallTimes) throws(StorageError) -> MultiPutResponse {
        let now = try admit(request.context, times)
        let level = try level(request.durability)
        try check(count: request.entries.count)
        var entries: [EngineEntry] = []
        entries.reserveCapacity(request.entries.count)
        for (index, entry) in request.entries.enumerated() {
            try check(key: entry.key.readableBytes, at: index)
            try check(value: entry.value.readableBytes, at: index)
            entries.append(
                EngineEntry(
                    key: entry.key, value: entry.value, expiry: try expiry(entry.ttlMillis, now, at: index)))
        }
        let atomic = request.atomic ?? false
        if atomic && !engine.capabilities.atomicBatches {
            throw StorageError(EngineError.unsupported("this engine has no atomic batches"))
        }
        let statuses = try engineCall { () throws(EngineError) in
            try engine.multiPut(entries, atomic: atomic, now: now, session: session)
        }
        return MultiPutResponse(
            statuses: ByteBuffer(bytes: statuses.lazy.map(\.rawValue)),
            durability: statuses.contains(.stored) ? Durability(level) : nil)
    }

    func multiRemove(_ request: MultiRemoveRequest, _ times: CallTimes) throws(StorageError) -> MultiRemoveResponse {
        let now = try admit(request.context, times)
        let level = try level(request.durability)
        try check(keys: request.keys)
        let removed = try engineCall { () throws(EngineError) in
            try engine.multiRemove(request.keys, now: now, session: session)
        }
        return MultiRemoveResponse(
            removed: Int32(truncatingIfNeeded: removed), durability: removed > 0 ? Durability(level) : nil)
    }

    func increment(_ request: IncrementRequest, _ times: CallTimes) throws(StorageError) -> IncrementResponse {
        let now = try admit(request.context, times)
        try check(key: request.key.readableBytes)
        let level = try level(request.durability)
        let expiry = request.ttlMillis == nil ? nil : try expiry(request.ttlMillis, now)
        let outcome = try engineCall { () throws(EngineError) in
            try engine.increment(
                request.key.readableBytesSpan, by: request.delta, initial: request.initial ?? 0, expiry: expiry,
                now: now, session: session)
        }
        return IncrementResponse(value: outcome.value, version: outcome.version, durability: Durability(level))
    }

    func touch(_ request: TouchRequest, _ times: CallTimes) throws(StorageError) -> TouchResponse {
        let now = try admit(request.context, times)
        try check(key: request.key.readableBytes)
        let level = try level(request.durability)
        let expiry = try expiry(request.ttlMillis, now)
        let found = try engineCall { () throws(EngineError) in
            try engine.touch(request.key.readableBytesSpan, expiry: expiry, now: now, session: session)
        }
        return TouchResponse(found: found, durability: found ? Durability(level) : nil)
    }

    private func checkVersions(areNeeded: Bool) throws(StorageError) {
        if areNeeded && !engine.capabilities.versions {
            throw StorageError(EngineError.unsupported("this engine's entries carry no versions"))
        }
    }

    private func engineCall<Outcome>(
        _ body: () throws(EngineError) -> Outcome
    ) throws(StorageError) -> Outcome {
        do throws(EngineError) { return try body() } catch { throw StorageError(error) }
    }
}

/// The API's own, where an unqualified `Durability` could also be the engine's.
private typealias Durability = StorageAPI.Durability
