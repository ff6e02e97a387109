//! The reads: straight from the engine's memory into the answer.

internal import NIOCore
package import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailWire
package import StorageAPI
internal import StorageEngine
internal import Timing

extension StorageService {
    package func get<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing GetRequest.View, _ call: Call<StorageMethods.Get>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let deadline = try checks.deadline(request.context, call)
        let now = clock.wallNow()
        try checks.check(key: request.key)
        writer.beginResult(call.head, .structure)
        var isHit = false
        var valueBytes = 0
        engine.read(request.key, now: now, session: session) { batch in
            let item = batch[0]
            isHit = item.status == .found
            valueBytes = item.byteCount
            Self.write(item, now, hasVersion: engine.capabilities.versions, &writer)
        }
        writer.endResult()
        checks.sampler?.saw(valueBytes: valueBytes, of: request.key)
        let end = clock.now()
        checks.notes.current.end = end
        if deadline <= end {
            counters.add(to: ServiceCounters.deadlineExceeded(.execute))
            throw .late("the value was found after the call's time was over")
        }
        counters.add(to: ServiceCounters.keysRequested)
        counters.add(to: isHit ? ServiceCounters.hits : ServiceCounters.misses)
        return .written
    }

    /// A `GetResponse`, without making one.
    private static func write<Writer: MessageWriter & ~Copyable>(
        _ item: ReadItem, _ now: WallTime, hasVersion: Bool, _ writer: inout Writer
    ) {
        guard item.status == .found else {
            _ = writer.beginStruct(fieldCount: 0)
            writer.endStruct()
            return
        }
        let expires = item.expiry != .distantFuture
        var scope = writer.beginStruct(fieldCount: 1 + (hasVersion ? 1 : 0) + (expires ? 1 : 0))
        writer.field(&scope, 1, "value", .binary)
        write(value: item, &writer)
        if hasVersion {
            writer.field(&scope, 2, "version", .int64)
            writer.write(item.version)
        }
        if expires {
            writer.field(&scope, 3, "ttlMillis", .int64)
            writer.write(item.expiry.milliseconds - now.milliseconds)
        }
        writer.endStruct()
    }

    private static func write<Writer: MessageWriter & ~Copyable>(value item: ReadItem, _ writer: inout Writer) {
        if let shared = item.shared { writer.write(shared) } else { writer.write(item.value) }
    }

    package func multiGet<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiGetRequest.View, _ call: Call<StorageMethods.MultiGet>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let deadline = try checks.deadline(request.context, call)
        try checks.check(keys: request.keys)
        let withVersions = request.withVersions ?? false
        try checks.checkVersions(areNeeded: withVersions)
        if request.keys.count >= Self.sharedKeysMin,
            let reply = share(
                request.keys, withVersions: withVersions, waits: request.policy == .wait, until: deadline, call)
        {
            return reply
        }
        let late = write(request.keys, withVersions: withVersions, until: deadline, call.head, &writer)
        if late > 0 {
            counters.add(to: ServiceCounters.deadlineExceeded(.execute))
            if request.policy == .wait { throw .late("\(late) keys were not read within the call's time") }
        }
        return .written
    }

    /// A `MultiGetResponse`, each value written as the engine lends it. At the deadline, which is looked at once for each
    /// batch, the keys that are left are given up.
    /// - Returns: how many keys that were.
    private func write<Writer: MessageWriter & ~Copyable>(
        _ keys: BinaryList, withVersions: Bool, until deadline: MonotonicTime, _ head: AnswerHead,
        _ writer: inout Writer
    ) -> Int {
        let start = writer.byteCount
        let valueBytesMax = checks.limits.valueBytesMax(ofKeys: keys.count, withVersions: withVersions)
        writer.beginResult(head, .structure)
        var scope = writer.beginStruct(fieldCount: withVersions ? 4 : 3)
        writer.field(&scope, 1, "values", .list)
        writer.beginList(of: .binary, count: keys.count)
        // Taken out for as long: the runtime checks every access to an object's property for exclusivity, here one a key.
        var (statuses, versions) = (statusScratch, versionScratch)
        (statusScratch, versionScratch) = ([], [])
        statuses.removeAll(keepingCapacity: true)
        versions.removeAll(keepingCapacity: true)
        var hits = 0
        var misses = 0
        var tooLarge = 0
        var isLate = false
        engine.read(keys, now: clock.wallNow(), session: session) { batch in
            isLate = isLate || deadline <= clock.now()
            for index in 0..<batch.count {
                let item = isLate ? ReadItem(.deadlineExceeded) : batch[index]
                switch item.status {
                case .found where writer.byteCount - start + item.byteCount > valueBytesMax:
                    tooLarge += 1
                    statuses.append(EngineKeyStatus.tooLarge.rawValue)
                    writer.writeAbsentBinary()
                    if withVersions { versions.append(0) }
                    continue
                case .found:
                    hits += 1
                    Self.write(value: item, &writer)
                case .missing:
                    misses += 1
                    writer.writeAbsentBinary()
                default: writer.writeAbsentBinary()
                }
                statuses.append(item.status.rawValue)
                if withVersions { versions.append(item.version) }
            }
        }
        writer.field(&scope, 2, "statuses", .binary)
        writer.write(unsafe statuses.span.bytes)
        if withVersions {
            writer.field(&scope, 3, "versions", .list)
            writer.write(versions)
        }
        writer.field(&scope, 4, "complete", .bool)
        writer.write(hits + misses == keys.count)
        writer.endStruct()
        writer.endResult()
        (statusScratch, versionScratch) = (statuses, versions)
        counters.add(keys.count, to: ServiceCounters.keysRequested)
        counters.add(hits + tooLarge, to: ServiceCounters.hits)
        counters.add(misses, to: ServiceCounters.misses)
        return keys.count - hits - misses - tooLarge
    }

    package func scan<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing ScanRequest.View, _ call: Call<StorageMethods.Scan>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let now = try checks.admit(request.context, call).now
        let options = checks.scanOptions(request)
        var entries: [ScannedEntry] = []
        do throws(EngineError) {
            let cursor = try engine.scan(options, now: now, session: session) { key, item in
                entries.append(
                    ScannedEntry(
                        key: ByteBuffer(copying: key),
                        value: options.keysOnly ? nil : item.shared ?? ByteBuffer(copying: item.value),
                        version: engine.capabilities.versions ? item.version : nil))
            }
            return call.answer(ScanResponse(entries: entries, cursor: cursor), &writer)
        } catch {
            throw StorageError(error)
        }
    }
}
