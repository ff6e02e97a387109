//! What the tests of the engine share: a sink that keeps results, short names, threads, scale.

import Glibc
import NIOCore
import NeedletailWire
import StorageEngine
import Synchronization
import Timing

@testable import MemoryEngine

/// How much work the tests do: `TEST_SCALE=full` for the counts that a release asks for.
enum Scale {
    static let isFull = unsafe getenv("TEST_SCALE").map { unsafe String(cString: $0) } == "full"
    static func pick(_ ci: Int, full: Int) -> Int { isFull ? full : ci }
}

/// Keeps copies of what a read handed out.
struct CollectingSink {
    struct Result: Equatable {
        var status: KeyStatus
        var value: [UInt8]
        var version: Int64
        var expiry: WallTime
        var isShared: Bool
    }

    var results: [Result] = []
    var batchSizes: [Int] = []

    mutating func append(_ batch: borrowing ReadBatch) {
        batchSizes.append(batch.count)
        for index in 0..<batch.count {
            let item = batch[index]
            results.append(
                Result(
                    status: item.status, value: item.bytes, version: item.version, expiry: item.expiry,
                    isShared: item.shared != nil))
        }
    }
}

extension ReadItem {
    var bytes: [UInt8] { unsafe value.withUnsafeBytes { unsafe Array($0) } }
}

/// An engine with a session and a clock that tests move by hand.
final class Store {
    let engine: MemoryEngine
    let session: MemorySession
    let time = ManualTime()

    init(_ configuration: MemoryEngineConfiguration = MemoryEngineConfiguration(shardCount: 4, seed: 1)) {
        engine = MemoryEngine(configuration: configuration)
        session = engine.makeSession()
    }

    var now: WallTime { Clock.manual(time).wallNow() }
    func expiry(in milliseconds: Int64) -> WallTime { now.advanced(byMilliseconds: milliseconds) }

    @discardableResult
    func put(
        _ key: String, _ value: String, ttl: Int64? = nil, condition: WriteCondition = .always,
        ifVersion: Int64? = nil, previous: Bool = false
    ) throws(EngineError) -> PutOutcome {
        let options = PutOptions(
            expiry: ttl.map { expiry(in: $0) } ?? .distantFuture, condition: condition, ifVersion: ifVersion,
            returnPrevious: previous)
        return try put(ByteBuffer(string: key), ByteBuffer(string: value), options)
    }

    @discardableResult
    func put(_ key: ByteBuffer, _ value: ByteBuffer, _ options: PutOptions = PutOptions()) throws(EngineError)
        -> PutOutcome
    {
        try engine.put(
            key.readableBytesSpan, value: value.readableBytesSpan, options: options, now: now, session: session)
    }

    func get(_ key: String) -> CollectingSink.Result {
        var sink = CollectingSink()
        let bytes = ByteBuffer(string: key)
        engine.read(bytes.readableBytesSpan, now: now, session: session) { sink.append($0) }
        return sink.results[0]
    }

    /// The value as text; nil if missing.
    func text(_ key: String) -> String? {
        let result = get(key)
        return result.status == .found ? String(decoding: result.value, as: UTF8.self) : nil
    }

    func get(_ keys: BinaryList) -> [CollectingSink.Result] {
        var sink = CollectingSink()
        engine.read(keys, now: now, session: session) { sink.append($0) }
        return sink.results
    }

    func remove(_ key: String, ifVersion: Int64? = nil) throws(EngineError) -> Bool {
        let bytes = ByteBuffer(string: key)
        return try engine.remove(bytes.readableBytesSpan, ifVersion: ifVersion, now: now, session: session).removed > 0
    }

    func increment(_ key: String, by delta: Int64 = 1, initial: Int64 = 0, ttl: Int64? = nil) throws(EngineError)
        -> IncrementOutcome
    {
        let bytes = ByteBuffer(string: key)
        return try engine.increment(
            bytes.readableBytesSpan, by: delta, initial: initial, expiry: ttl.map { expiry(in: $0) }, now: now,
            session: session)
    }

    func touch(_ key: String, ttl: Int64?) throws(EngineError) -> Bool {
        let bytes = ByteBuffer(string: key)
        return try engine.touch(
            bytes.readableBytesSpan, expiry: ttl.map { expiry(in: $0) } ?? .distantFuture, now: now, session: session)
    }

    /// All pages of a scan: the keys, in the order they came.
    func scan(prefix: String = "", limit: Int = 100, keysOnly: Bool = false) throws(EngineError) -> [String] {
        var keys: [String] = []
        var cursor: ByteBuffer?
        repeat {
            var count = 0
            let options = ScanOptions(
                cursor: cursor, prefix: ByteBuffer(string: prefix), limit: limit, keysOnly: keysOnly)
            cursor = try engine.scan(options, now: now, session: session) { key, _ in
                unsafe keys.append(key.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
                count += 1
            }
            precondition(count <= limit)
        } while cursor != nil
        return keys
    }

    func maintain() {
        engine.maintain(worker: 0, of: 1, now: now, session: session)
    }
}

/// Runs `body` on `count` threads and waits for them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Work: Sendable {
        let index: Int
        let body: @Sendable (Int) -> Void
        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }
    let threads = (0..<count).map { index in
        var thread = pthread_t()
        let work = unsafe Unmanaged.passRetained(Work(index, body))
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                work.body(work.index)
                return nil
            }, unsafe work.toOpaque())
        precondition(result == 0)
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A 16-byte key for each number.
func key16(_ number: Int) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.writeInteger(UInt64(number))
    bytes.writeInteger(UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
    return bytes
}
