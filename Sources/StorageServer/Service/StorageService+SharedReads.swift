//! Large reads, shared with the other event loops of the server.

internal import MemoryEngine
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailTelemetry
internal import NeedletailWire
internal import StorageAPI
internal import StorageEngine
internal import Timing

extension StorageService {
    /// Reads of so many keys and more are shared. On two idle cores, one connection, values of 100 bytes: the median of 1,024
    /// keys is 0.87 of what one loop takes, for 1.25 of its CPU time; of 2,048 keys 0.91 for 1.2; of 4,096 keys 0.76 for
    /// 1.05 (`needletail-load workload --workload multi-get --keys-per-call N --connections 1`, against a server with two
    /// loops that is pinned to no core).
    static var sharedKeysMin: Int { 2_048 }

    /// Reads with whoever helps; the answer is given when the last chunk has been read, or the time is over.
    /// - Returns: nil if there is nobody who could help.
    func share(
        _ keys: BinaryList, withVersions: Bool, waits: Bool, until deadline: MonotonicTime,
        _ call: Call<StorageMethods.MultiGet>
    ) -> Reply? {
        guard let crew, let eventLoop else { return nil }
        let read = SharedRead(
            keys, withVersions: withVersions, now: clock.wallNow(), until: deadline,
            valueBytesMax: checks.limits.valueBytesMax(ofKeys: keys.count, withVersions: withVersions), call.format,
            call.head.keys)
        guard crew.call(for: read, except: eventLoop) else { return nil }
        help(read)
        let deferred = DeferredCall(call)
        let place = NIOLoopBound((service: self, call: deferred), eventLoop: eventLoop)
        let isWaiting = read.wait {
            eventLoop.execute { place.value.service.answer(read, waits: waits, place.value.call) }
        }
        if isWaiting {
            deferred.wait(until: deadline, timers, cancel: read.cancel) { [self] in
                read.cancel()
                answer(read, waits: waits, deferred)
            }
        } else {
            answer(read, waits: waits, deferred)
        }
        return deferred.reply
    }

    /// Takes chunks of a read as long as there are some.
    @specialized(where Engine == MemoryEngine)
    func help(_ read: SharedRead) {
        while let (index, keys, isFull) = read.take() {
            let chunk = read.keys.selecting(keys)
            let bytes = ByteWriter(into: ByteBuffer(), minimumCapacity: 16_384)
            switch read.format {
            case .messagePack:
                var writer = MessagePackWriter(bytes, keys: read.answerKeys)
                var page = self.read(chunk, for: read, isFull: isFull, into: &writer)
                writer.finish().finish { page.values.append($0) }
                read.end(index, page)
            case .thriftBinary:
                var writer = ThriftBinaryWriter(bytes)
                var page = self.read(chunk, for: read, isFull: isFull, into: &writer)
                writer.finish().finish { page.values.append($0) }
                read.end(index, page)
            case .thriftCompact:
                var writer = ThriftCompactWriter(bytes)
                var page = self.read(chunk, for: read, isFull: isFull, into: &writer)
                writer.finish().finish { page.values.append($0) }
                read.end(index, page)
            }
        }
    }

    /// - Parameter isFull: no value has a place in the answer any more; none is written.
    @inline(__always)
    private func read<Writer: MessageWriter & ~Copyable>(
        _ chunk: BinaryList, for read: SharedRead, isFull: Bool, into writer: inout Writer
    ) -> ReadPage {
        var page = ReadPage()
        page.statuses.reserveCapacity(chunk.count)
        var isLate = false
        engine.read(chunk, now: read.now, session: session) { batch in
            isLate = isLate || read.deadline <= clock.now()
            for index in 0..<batch.count {
                let item = isLate ? ReadItem(.deadlineExceeded) : batch[index]
                if item.status == .found {
                    page.hits += 1
                    page.valueBytes += item.byteCount
                    if isFull {
                        writer.writeAbsentBinary()
                    } else if let shared = item.shared {
                        writer.write(shared)
                    } else {
                        writer.write(item.value)
                    }
                } else {
                    if item.status == .missing { page.misses += 1 }
                    writer.writeAbsentBinary()
                }
                page.statuses.append(item.status.rawValue)
                if read.withVersions { page.versions.append(item.version) }
            }
        }
        return page
    }

    /// Answers a read that others ended, or whose time is over.
    private func answer(_ read: SharedRead, waits: Bool, _ call: DeferredCall<StorageMethods.MultiGet>) {
        guard !call.isDone else { return }
        let result = read.collect()
        if let failure = count(result, waits: waits) { return call.fail(failure) }
        call.send(encoded: result.encoded(call.head, read.format))
    }

    /// Counts a read.
    /// - Returns: why it is answered with an error, if all was asked for.
    private func count(_ result: SharedReadResult, waits: Bool) -> StorageError? {
        counters.add(result.keyCount, to: ServiceCounters.keysRequested)
        counters.add(result.hits + result.tooLarge, to: ServiceCounters.hits)
        counters.add(result.misses, to: ServiceCounters.misses)
        guard result.late > 0 else { return nil }
        counters.add(to: ServiceCounters.deadlineExceeded(.execute))
        counters.add(result.missingPages, to: ServiceCounters.partsCancelled)
        return waits ? .late("\(result.late) keys were not read within the call's time") : nil
    }
}
