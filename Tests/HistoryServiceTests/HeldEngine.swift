//! A memory engine whose operations wait until the test lets them go on, in whatever order it likes, or has them fail.

import MemoryEngine
import NIOCore
import NeedletailWire
import StorageEngine
import Timing

/// Used on the test's thread alone.
final class HeldEngine: DeferredEngine, @unchecked Sendable {
    typealias Session = MemorySession

    enum Operation { case get, swap, part }

    let base: AtOnceEngine<MemoryEngine>
    /// Whether operations wait.
    var holds = false
    /// Those that do.
    private(set) var waiting: [(operation: Operation, goOn: () -> Void)] = []
    /// Asked for each operation that goes on: why it fails.
    var failure: (Operation) -> EngineError? = { _ in nil }
    /// Has every swap find that somebody else was there.
    var losesSwaps = false
    private(set) var begun: [Operation] = []

    init(clock: Clock) {
        base = AtOnceEngine(
            MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 4, seed: 1)), clock: clock)
    }

    /// Lets one of the waiting operations go on.
    func release(_ index: Int = 0) { waiting.remove(at: index).goOn() }

    func releaseAll() { while !waiting.isEmpty { release() } }

    private func begin(_ operation: Operation, _ body: @escaping () -> Void) {
        begun.append(operation)
        if holds { waiting.append((operation, body)) } else { body() }
    }

    var capabilities: EngineCapabilities { base.capabilities }

    func makeSession(on eventLoop: any EventLoop, timers: LoopTimers) -> MemorySession {
        base.makeSession(on: eventLoop, timers: timers)
    }

    func get(_ key: ByteBuffer, _ call: EngineCall<StoredValue?>, session: MemorySession) {
        begin(.get) { [self] in
            if let error = failure(.get) { return call.fail(error) }
            base.get(key, call, session: session)
        }
    }

    func compareAndSwap(
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

    func multiGet(_ read: MultiRead, session: MemorySession) {
        read.run(
            (0..<read.keys.count).map { index in
                let key = read.keys.buffer(at: index)
                return ReadPart([Int32(index)]) { [self] part in
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

    func put(
        _ key: ByteBuffer, value: ByteBuffer, options: PutOptions, durability: Durability,
        _ call: EngineCall<Kept<PutOutcome>>, session: MemorySession
    ) { base.put(key, value: value, options: options, durability: durability, call, session: session) }

    // The history asks for nothing else.

    func remove(
        _ key: ByteBuffer, ifVersion version: Int64?, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: MemorySession
    ) { call.fail(.unsupported("remove")) }

    func multiPut(
        _ entries: [EngineEntry], atomic: Bool, durability: Durability, _ call: EngineCall<Kept<[KeyStatus]>>,
        session: MemorySession
    ) { call.fail(.unsupported("multiPut")) }

    func multiRemove(
        _ keys: BinaryList, durability: Durability, _ call: EngineCall<Kept<Int>>, session: MemorySession
    ) { call.fail(.unsupported("multiRemove")) }

    func increment(
        _ key: ByteBuffer, by delta: Int64, initial: Int64, expiry: WallTime?, durability: Durability,
        _ call: EngineCall<Kept<IncrementOutcome>>, session: MemorySession
    ) { call.fail(.unsupported("increment")) }

    func touch(
        _ key: ByteBuffer, expiry: WallTime, durability: Durability, _ call: EngineCall<Kept<Bool>>,
        session: MemorySession
    ) { call.fail(.unsupported("touch")) }

    func scan(_ options: ScanOptions, _ call: EngineCall<ScanPage>, session: MemorySession) {
        call.fail(.unsupported("scan"))
    }

    func statistics() -> EngineStatistics { base.statistics() }
}
