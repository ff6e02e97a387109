//! An engine with one session on an event loop of its own, as a server would have it; its operations as async calls.

internal import NIOCore
internal import NIOPosix
internal import NeedletailWire
internal import StorageEngine
internal import Timing

@testable internal import RedisEngine

final class EngineUnderTest: Sendable {
    /// What a read of many keys came to.
    struct Read: Sendable {
        var statuses: [KeyStatus]
        var values: [String]
        var failure: EngineError?
        var milliseconds: Double
    }

    /// The loop's own things; touched on it only.
    private final class Loop {
        let session: RedisSession
        let timers: LoopTimers

        init(_ engine: RedisEngine, on eventLoop: any EventLoop) {
            timers = LoopTimers(clock: .system) { nanoseconds, turn in
                eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds), turn)
            }
            session = engine.makeSession(on: eventLoop, timers: timers)
        }
    }

    let engine: RedisEngine
    private let eventLoop: any EventLoop
    private let loop: NIOLoopBound<Loop>

    init(_ configuration: RedisEngineConfiguration) async throws {
        let engine = RedisEngine(configuration)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        self.engine = engine
        self.eventLoop = eventLoop
        loop = try await eventLoop.submit { NIOLoopBound(Loop(engine, on: eventLoop), eventLoop: eventLoop) }.get()
    }

    convenience init(ports: [Int], _ change: (inout RedisEngineConfiguration) -> Void = { _ in }) async throws {
        var configuration = RedisEngineConfiguration(
            endpoints: ports.map { RedisEndpoint(host: "127.0.0.1", port: $0) })
        change(&configuration)
        try await self.init(configuration)
    }

    func close() async throws { try await eventLoop.submit { self.loop.value.session.close() }.get() }

    /// Runs one operation to its end.
    func call<Outcome, Result: Sendable>(
        _ begin: @escaping @Sendable (EngineCall<Outcome>, RedisSession) -> Void,
        _ map: @escaping @Sendable (Outcome) -> Result
    ) async throws(EngineError) -> Result {
        let result: Swift.Result<Result, EngineError> = await withCheckedContinuation { continuation in
            eventLoop.execute {
                begin(EngineCall { continuation.resume(returning: $0.map(map)) }, self.loop.value.session)
            }
        }
        return try result.get()
    }

    func get(_ key: String) async throws(EngineError) -> StoredValue? {
        try await call({ self.engine.get(ByteBuffer(string: key), $0, session: $1) }, { $0 })
    }

    func text(_ key: String) async throws(EngineError) -> String? {
        try await get(key).map { String(buffer: $0.value) }
    }

    @discardableResult
    func put(
        _ key: String, _ value: String, _ options: PutOptions = PutOptions(), _ durability: Durability = .memory
    ) async throws(EngineError) -> PutOutcome {
        try await call(
            {
                self.engine.put(
                    ByteBuffer(string: key), value: ByteBuffer(string: value), options: options, durability: durability,
                    $0, session: $1)
            }, \.outcome)
    }

    func swap(
        _ key: String, seen: String?, _ value: String, expiry: WallTime = .distantFuture
    ) async throws(EngineError) -> Bool {
        try await call(
            {
                self.engine.compareAndSwap(
                    ByteBuffer(string: key), seen: seen.map { StoredValue(ByteBuffer(string: $0)) },
                    value: ByteBuffer(string: value), expiry: expiry, durability: .memory, $0, session: $1)
            }, \.outcome)
    }

    func remove(_ key: String) async throws(EngineError) -> Bool {
        try await call(
            { self.engine.remove(ByteBuffer(string: key), ifVersion: nil, durability: .memory, $0, session: $1) },
            \.outcome)
    }

    func increment(
        _ key: String, by delta: Int64, initial: Int64 = 0, expiry: WallTime? = nil
    ) async throws(EngineError) -> Int64 {
        try await call(
            {
                self.engine.increment(
                    ByteBuffer(string: key), by: delta, initial: initial, expiry: expiry, durability: .memory, $0,
                    session: $1)
            }, \.outcome.value)
    }

    func touch(_ key: String, expiry: WallTime) async throws(EngineError) -> Bool {
        try await call(
            { self.engine.touch(ByteBuffer(string: key), expiry: expiry, durability: .memory, $0, session: $1) },
            \.outcome)
    }

    func multiPut(
        _ entries: [(String, String)], atomic: Bool = false, expiry: WallTime = .distantFuture
    ) async throws(EngineError) -> [KeyStatus] {
        let entries = entries.map {
            EngineEntry(key: ByteBuffer(string: $0.0), value: ByteBuffer(string: $0.1), expiry: expiry)
        }
        return try await call(
            { self.engine.multiPut(entries, atomic: atomic, durability: .memory, $0, session: $1) }, \.outcome)
    }

    func multiRemove(_ keys: [String]) async throws(EngineError) -> Int {
        try await call(
            { self.engine.multiRemove(BinaryList(strings: keys), durability: .memory, $0, session: $1) }, \.outcome)
    }

    func scan(_ options: ScanOptions) async throws(EngineError) -> ScanPage {
        try await call({ self.engine.scan(options, $0, session: $1) }, { $0 })
    }

    /// All keys that begin with `prefix`, as often as they come.
    func scanAll(prefix: String = "", limit: Int = 100, keysOnly: Bool = false) async throws -> [String] {
        var options = ScanOptions(prefix: ByteBuffer(string: prefix), limit: limit, keysOnly: keysOnly)
        var keys: [String] = []
        repeat {
            let page = try await scan(options)
            keys += page.entries.map { String(buffer: $0.key) }
            options.cursor = page.cursor
        } while options.cursor != nil
        return keys
    }

    /// Reads many keys, and takes what there is when the time is over.
    func multiGet(
        _ keys: [String], milliseconds: Int64 = 10_000,
        width: FanOutWidth = FanOutWidth(concurrency: 64, keysPerPart: 1_000)
    ) async -> Read {
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                let loop = self.loop.value
                let start = Clock.system.now()
                var read: MultiRead?
                var timer: LoopTimer?
                let finish = {
                    guard let ended = read else { return }
                    read = nil
                    timer?.cancel()
                    ended.cancel()
                    continuation.resume(
                        returning: Read(
                            statuses: ended.statuses, values: ended.values.map { String(buffer: $0) },
                            failure: ended.failure,
                            milliseconds: Double(Clock.system.now().nanoseconds(since: start)) / 1e6))
                }
                let begun = MultiRead(BinaryList(strings: keys), width: width, then: finish)
                read = begun
                timer = loop.timers.schedule(at: start.advanced(byMilliseconds: milliseconds), finish)
                self.engine.multiGet(begun, session: loop.session)
            }
        }
    }
}
