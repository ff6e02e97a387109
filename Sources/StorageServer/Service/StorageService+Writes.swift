//! The writes: check everything, then ask the engine once, then answer when the log has kept what changed.

internal import NIOCore
package import NeedletailRPC
internal import NeedletailWire
package import StorageAPI
internal import StorageEngine
internal import Timing

extension StorageService {
    package func put<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing PutRequest.View, _ call: Call<StorageMethods.Put>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let now = admission.now
        try checks.check(key: request.key)
        try checks.check(value: request.value, of: request.key)
        let expiry = checks.expiry(request.ttlMillis, now)
        let level = try checks.level(request.durability)
        let condition = request.condition.flatMap { WriteCondition(rawValue: $0.rawValue) } ?? .always
        try checks.checkVersions(areNeeded: request.ifVersion != nil)
        let options = PutOptions(
            expiry: expiry, condition: condition, ifVersion: request.ifVersion,
            returnPrevious: request.returnPrevious ?? false)
        try checks.checkMemory()
        let outcome = try engineCall { () throws(EngineError) in
            try engine.put(
                request.key, value: request.value, options: options, now: now, session: session)
        }
        return answer(
            call,
            PutResponse(
                applied: outcome.applied, version: outcome.version,
                durability: outcome.applied ? Durability(level) : nil, previous: outcome.previous),
            changed: outcome.applied, level, admission, &writer)
    }

    package func remove<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing RemoveRequest.View, _ call: Call<StorageMethods.Remove>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let now = admission.now
        try checks.check(key: request.key)
        let level = try checks.level(request.durability)
        try checks.checkVersions(areNeeded: request.ifVersion != nil)
        let outcome = try engineCall { () throws(EngineError) in
            try engine.remove(
                request.key, ifVersion: request.ifVersion, now: now, session: session)
        }
        let removed = outcome.removed > 0
        return answer(
            call, RemoveResponse(removed: removed, durability: removed ? Durability(level) : nil),
            changed: outcome.isChange, level, admission, &writer)
    }

    package func multiPut<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiPutRequest.View, _ call: Call<StorageMethods.MultiPut>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let now = admission.now
        let level = try checks.level(request.durability)
        if !request.entries.isEmpty { try checks.checkMemory() }
        let entries = try checks.entries(request, now)
        let atomic = request.atomic ?? false
        if atomic && !engine.capabilities.atomicBatches {
            throw StorageError(EngineError.unsupported("this engine has no atomic batches"))
        }
        let statuses = try engineCall { () throws(EngineError) in
            try engine.multiPut(entries, atomic: atomic, now: now, session: session)
        }
        let changed = statuses.contains(.stored)
        return answer(
            call,
            MultiPutResponse(
                statuses: ByteBuffer(bytes: statuses.lazy.map(\.rawValue)),
                durability: changed ? Durability(level) : nil),
            changed: changed, level, admission, &writer)
    }

    package func multiRemove<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiRemoveRequest.View, _ call: Call<StorageMethods.MultiRemove>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let now = admission.now
        let level = try checks.level(request.durability)
        try checks.check(keys: request.keys)
        let outcome = try engineCall { () throws(EngineError) in
            try engine.multiRemove(request.keys, now: now, session: session)
        }
        return answer(
            call,
            MultiRemoveResponse(
                removed: Int32(truncatingIfNeeded: outcome.removed),
                durability: outcome.removed > 0 ? Durability(level) : nil),
            changed: outcome.isChange, level, admission, &writer)
    }

    package func increment<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing IncrementRequest.View, _ call: Call<StorageMethods.Increment>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let now = admission.now
        try checks.check(key: request.key)
        let level = try checks.level(request.durability)
        try checks.checkMemory()
        let expiry = request.ttlMillis.map { now.advanced(byMilliseconds: $0) }
        let outcome = try engineCall { () throws(EngineError) in
            try engine.increment(
                request.key, by: request.delta, initial: request.initial ?? 0, expiry: expiry,
                now: now, session: session)
        }
        return answer(
            call, IncrementResponse(value: outcome.value, version: outcome.version, durability: Durability(level)),
            changed: true, level, admission, &writer)
    }

    package func touch<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing TouchRequest.View, _ call: Call<StorageMethods.Touch>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let now = admission.now
        try checks.check(key: request.key)
        let level = try checks.level(request.durability)
        let expiry = checks.expiry(request.ttlMillis, now)
        let found = try engineCall { () throws(EngineError) in
            try engine.touch(request.key, expiry: expiry, now: now, session: session)
        }
        return answer(
            call, TouchResponse(found: found, durability: found ? Durability(level) : nil), changed: found, level,
            admission, &writer)
    }

    /// Answers a write: at once, if it changed nothing or has reached its level; with its group, if it reaches it with that;
    /// else when it has.
    @inline(__always)
    private func answer<Method: RPCMethod, Writer: MessageWriter & ~Copyable>(
        _ call: Call<Method>, _ result: Method.Result, changed: Bool, _ level: EngineDurability,
        _ admission: Admission, _ writer: inout Writer
    ) -> Reply where Method.Failure == StorageError {
        let reply = call.answer(result, &writer)
        guard changed, level > .memory else { return reply }
        if engine.joinGroup(level, session: session) { return .provisional }
        let write = WaitingWrite(call, until: admission.deadline, among: waiting)
        guard engine.confirm(level, session: session, write.confirmed) else { return reply }
        waiting.add(write)
        return .later(write)
    }

    private func engineCall<Outcome>(
        _ body: () throws(EngineError) -> Outcome
    ) throws(StorageError) -> Outcome {
        do throws(EngineError) { return try body() } catch { throw StorageError(error) }
    }
}

/// The API's own, where an unqualified `Durability` could also be the engine's.
private typealias Durability = StorageAPI.Durability
