internal import NIOCore
package import NeedletailRPC
internal import NeedletailWire
package import StorageAPI
internal import StorageEngine
internal import Timing

extension DeferredStorageService {
    package func put<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing PutRequest.View, _ call: Call<StorageMethods.Put>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        try checks.check(key: request.key)
        try checks.check(value: request.value, of: request.key)
        let level = try checks.level(request.durability)
        try checks.checkVersions(areNeeded: request.ifVersion != nil)
        let options = PutOptions(
            expiry: checks.expiry(request.ttlMillis, admission.now),
            condition: request.condition.flatMap { WriteCondition(rawValue: $0.rawValue) } ?? .always,
            ifVersion: request.ifVersion, returnPrevious: request.returnPrevious ?? false)
        let (key, value) = (ByteBuffer(copying: request.key), ByteBuffer(copying: request.value))
        return beginWrite(call, admission) {
            engine.put(key, value: value, options: options, durability: level, $0, session: session)
        } _: { kept in
            PutResponse(
                applied: kept.outcome.applied, version: kept.outcome.version,
                durability: kept.outcome.applied ? StorageAPI.Durability(kept.durability) : nil,
                previous: kept.outcome.previous)
        }
    }

    package func remove<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing RemoveRequest.View, _ call: Call<StorageMethods.Remove>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        try checks.check(key: request.key)
        let level = try checks.level(request.durability)
        try checks.checkVersions(areNeeded: request.ifVersion != nil)
        let (key, version) = (ByteBuffer(copying: request.key), request.ifVersion)
        return beginWrite(call, admission) {
            engine.remove(key, ifVersion: version, durability: level, $0, session: session)
        } _: { kept in
            RemoveResponse(
                removed: kept.outcome, durability: kept.outcome ? StorageAPI.Durability(kept.durability) : nil)
        }
    }

    package func multiPut<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiPutRequest.View, _ call: Call<StorageMethods.MultiPut>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let level = try checks.level(request.durability)
        let entries = try checks.entries(request, admission.now)
        let atomic = request.atomic ?? false
        return beginWrite(call, admission) {
            engine.multiPut(entries, atomic: atomic, durability: level, $0, session: session)
        } _: { kept in
            MultiPutResponse(
                statuses: ByteBuffer(bytes: kept.outcome.lazy.map(\.rawValue)),
                durability: kept.outcome.contains(.stored) ? StorageAPI.Durability(kept.durability) : nil)
        }
    }

    package func multiRemove<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiRemoveRequest.View, _ call: Call<StorageMethods.MultiRemove>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        let level = try checks.level(request.durability)
        try checks.check(keys: request.keys)
        let keys = request.keys
        return beginWrite(call, admission) {
            engine.multiRemove(keys, durability: level, $0, session: session)
        } _: { kept in
            MultiRemoveResponse(
                removed: Int32(truncatingIfNeeded: kept.outcome),
                durability: kept.outcome > 0 ? StorageAPI.Durability(kept.durability) : nil)
        }
    }

    package func increment<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing IncrementRequest.View, _ call: Call<StorageMethods.Increment>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        try checks.check(key: request.key)
        let level = try checks.level(request.durability)
        let key = ByteBuffer(copying: request.key)
        let (delta, initial) = (request.delta, request.initial ?? 0)
        let expiry = request.ttlMillis.map { admission.now.advanced(byMilliseconds: $0) }
        return beginWrite(call, admission) {
            engine.increment(
                key, by: delta, initial: initial, expiry: expiry, durability: level, $0, session: session)
        } _: { kept in
            IncrementResponse(
                value: kept.outcome.value, version: kept.outcome.version,
                durability: StorageAPI.Durability(kept.durability))
        }
    }

    package func touch<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing TouchRequest.View, _ call: Call<StorageMethods.Touch>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        try checks.check(key: request.key)
        let level = try checks.level(request.durability)
        let key = ByteBuffer(copying: request.key)
        let expiry = checks.expiry(request.ttlMillis, admission.now)
        return beginWrite(call, admission) {
            engine.touch(key, expiry: expiry, durability: level, $0, session: session)
        } _: { kept in
            TouchResponse(
                found: kept.outcome, durability: kept.outcome ? StorageAPI.Durability(kept.durability) : nil)
        }
    }
}
