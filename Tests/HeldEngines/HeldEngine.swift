//! A memory engine whose operations wait until the test lets them go on, in whatever order it likes, or has them fail.
//!
//! What was begun is done when it goes on, whether somebody still waits for it or not, as behind a network; but a swap
//! whose call has ended is not made. Who gives up an operation is seen in `cancelled`.

package import MemoryEngine
package import NIOCore
package import NeedletailWire
package import StorageEngine
package import Timing

/// Used on the test's thread alone.
package final class HeldEngine: DeferredEngine, @unchecked Sendable {
    package typealias Session = MemorySession

    package enum Operation { case get, swap, part, write, scan }

    package let base: AtOnceEngine<MemoryEngine>
    /// Whether operations wait.
    package var holds = false
    /// Those that do.
    package private(set) var waiting: [(operation: Operation, goOn: () -> Void)] = []
    /// Asked for each operation that goes on: why it fails.
    package var failure: (Operation) -> EngineError? = { _ in nil }
    /// Has every swap find that somebody else was there.
    package var losesSwaps = false
    package private(set) var begun: [Operation] = []
    /// Operations that were begun, and whose end nobody waits for any more.
    package private(set) var cancelled: [Operation] = []

    package init(clock: Clock) {
        base = AtOnceEngine(
            MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 4, seed: 1)), clock: clock)
    }

    /// Lets one of the waiting operations go on.
    package func release(_ index: Int = 0) { waiting.remove(at: index).goOn() }

    package func releaseAll() { while !waiting.isEmpty { release() } }

    private func begin(_ operation: Operation, _ body: @escaping () -> Void) {
        begun.append(operation)
        if holds { waiting.append((operation, body)) } else { body() }
    }

    /// Begins an operation that is done even if nobody waits for it.
    private func begin<Outcome>(
        _ operation: Operation, _ call: EngineCall<Outcome>, _ body: @escaping (EngineCall<Outcome>) -> Void
    ) {
        call.onCancel = { [self] in cancelled.append(operation) }
        begin(operation) { [self] in
            if let error = failure(operation) { return call.fail(error) }
            body(EngineCall { call.end($0) })
        }
    }

    package var capabilities: EngineCapabilities { base.capabilities }

    package func makeSession(on eventLoop: any EventLoop, timers: LoopTimers) -> MemorySession {
        base.makeSession(on: eventLoop, timers: timers)
    }

    package func close(_ session: MemorySession) {}

    package func statistics() -> EngineStatistics { base.statistics() }

    // MARK: Reads

    package func get(_ key: ByteBuffer, _ call: EngineCall<StoredValue?>, session: MemorySession) {
        begin(.get, call) { [self] in base.get(key, $0, session: session) }
    }

    /// Every key is a part of its own.
    package func multiGet(_ read: MultiRead, session: MemorySession) {
        read.run(
            (0..<read.keys.count).map { index in
                let key = read.keys.buffer(at: index)
                return ReadPart([Int32(index)]) { [self] part in
                    part.onCancel = { self.cancelled.append(.part) }
                    begin(.part) { [self] in
                        if let error = failure(.part) { return part.end(error) }
                        base.get(
                            key,
                            EngineCall { result in
                                if let found = try? result.get() {
                                    part.found(found.value, at: Int32(index))
                                } else {
                                    part.missing(at: Int32(index))
                                }
                                part.end()
                            }, session: session)
                    }
                }
            })
    }

    package func scan(_ options: ScanOptions, _ call: EngineCall<ScanPage>, session: MemorySession) {
        begin(.scan, call) { [self] in base.scan(options, $0, session: session) }
    }

    // MARK: Writes

    package func compareAndSwap(
        _ key: ByteBuffer, seen: StoredValue?, value: ByteBuffer, expiry: WallTime, durability: Durability,
        _ call: EngineCall<Kept<Bool>>, session: MemorySession
    ) {
        begin(.swap) { [self] in
            if let error = failure(.swap) { return call.fail(error) }
            if losesSwaps { return call.succeed(Kept(false, durability)) }
            base.compareAndSwap(
                key, seen: seen, value: value, expiry: expiry, durability: durability, call, session: session)
        }
    }

    package func put(
        _ key: ByteBuffer, value: ByteBuffer, options: PutOptions, durability: Durability,
        _ call: EngineCall<Kept<PutOutcome>>, session: MemorySession
    ) {
        begin(.write, call) { [self] in
            base.put(key, value: value, options: options, durability: durability, $0, session: session)
        }
    }

    package func remove(
        _ key: ByteBuffer, ifVersion version: Int64?, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: MemorySession
    ) {
        begin(.write, call) { [self] in
            base.remove(key, ifVersion: version, durability: durability, $0, session: session)
        }
    }

    package func multiPut(
        _ entries: [EngineEntry], atomic: Bool, durability: Durability, _ call: EngineCall<Kept<[KeyStatus]>>,
        session: MemorySession
    ) {
        begin(.write, call) { [self] in
            base.multiPut(entries, atomic: atomic, durability: durability, $0, session: session)
        }
    }

    package func multiRemove(
        _ keys: BinaryList, durability: Durability, _ call: EngineCall<Kept<Int>>, session: MemorySession
    ) {
        begin(.write, call) { [self] in base.multiRemove(keys, durability: durability, $0, session: session) }
    }

    package func increment(
        _ key: ByteBuffer, by delta: Int64, initial: Int64, expiry: WallTime?, durability: Durability,
        _ call: EngineCall<Kept<IncrementOutcome>>, session: MemorySession
    ) {
        begin(.write, call) { [self] in
            base.increment(
                key, by: delta, initial: initial, expiry: expiry, durability: durability, $0, session: session)
        }
    }

    package func touch(
        _ key: ByteBuffer, expiry: WallTime, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: MemorySession
    ) {
        begin(.write, call) { [self] in
            base.touch(key, expiry: expiry, durability: durability, $0, session: session)
        }
    }
}
