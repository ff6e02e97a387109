internal import NIOCore
package import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailWire
package import StorageAPI
internal import StorageEngine
internal import Timing

extension DeferredStorageService {
    package func get<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing GetRequest.View, _ call: Call<StorageMethods.Get>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let admission = try checks.admit(request.context, call)
        try checks.check(key: request.key)
        let key = ByteBuffer(copying: request.key)
        return begin(call, until: admission.deadline, late: .late("the value was not read within the call's time")) {
            engine.get(key, $0, session: session)
        } _: { [checks] found in
            checks.counters.add(to: ServiceCounters.keysRequested)
            checks.counters.add(to: found == nil ? ServiceCounters.misses : ServiceCounters.hits)
            guard let found else { return GetResponse() }
            let ttlMillis =
                found.expiry == .distantFuture ? nil : found.expiry.milliseconds - admission.now.milliseconds
            return GetResponse(value: found.value, version: found.version, ttlMillis: ttlMillis)
        }
    }

    package func multiGet<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing MultiGetRequest.View, _ call: Call<StorageMethods.MultiGet>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let deadline = try checks.deadline(request.context, call)
        try checks.check(keys: request.keys)
        // Parts bring values alone.
        if request.withVersions ?? false {
            throw StorageError(EngineError.unsupported("this engine's entries carry no versions"))
        }
        let waits = request.policy == .wait
        let deferred = DeferredCall(call)
        var done = {}
        let read = MultiRead(request.keys, width: width) { done() }
        done = { [unowned read, self] in answer(read, waits: waits, deferred) }
        read.observer = checks.partObserver
        // Those that are answered are the first that fit, by their places; what comes first may be others.
        read.valueBytesMax = 2 * max(checks.limits.valueBytesMax(ofKeys: request.keys.count, withVersions: false), 0)
        engine.multiGet(read, session: session)
        deferred.wait(until: deadline, timers, cancel: read.cancel) { [self] in
            read.cancel()
            checks.counters.add(to: ServiceCounters.deadlineExceeded(.execute))
            checks.counters.add(read.cancelledParts, to: ServiceCounters.partsCancelled)
            answer(read, waits: waits, deferred)
        }
        return deferred.reply
    }

    /// Answers with what there is; or with an error, if all was asked for and is not there.
    private func answer(_ read: MultiRead, waits: Bool, _ call: DeferredCall<StorageMethods.MultiGet>) {
        let keys = read.keys.count
        let result = MultiReadResult(
            read, valueBytesMax: checks.limits.valueBytesMax(ofKeys: keys, withVersions: false))
        checks.counters.add(keys, to: ServiceCounters.keysRequested)
        checks.counters.add(result.hits + result.tooLarge, to: ServiceCounters.hits)
        checks.counters.add(result.misses, to: ServiceCounters.misses)
        if waits, result.late > 0 {
            return call.fail(.late("\(result.late) keys were not read within the call's time"))
        }
        call.send(writing: result)
    }

    package func scan<Writer: MessageWriter & ~Copyable>(
        _ request: borrowing ScanRequest.View, _ call: Call<StorageMethods.Scan>, _ writer: inout Writer
    ) throws(StorageError) -> Reply {
        let deadline = try checks.deadline(request.context, call)
        let options = checks.scanOptions(request)
        return begin(call, until: deadline, late: .late("the page was not read within the call's time")) {
            engine.scan(options, $0, session: session)
        } _: { page in
            ScanResponse(
                entries: page.entries.map { key, value in
                    ScannedEntry(key: key, value: options.keysOnly ? nil : value.value, version: value.version)
                }, cursor: page.cursor)
        }
    }
}
