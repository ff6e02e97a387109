//! Many threads on one engine: what readers see is always some key's true value, and never goes back.

import NIOCore
import NeedletailWire
import StorageEngine
import Synchronization
import Testing
import Timing

@testable import MemoryEngine

@Suite(.serialized) struct ConcurrencyTests {
    private static let readers = 3
    private static let writers = 2

    /// A value that tells its key and says whether it is whole.
    private static func value(_ key: Int, length: Int) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt64(key))
        bytes.writeRepeatingByte(UInt8(truncatingIfNeeded: key), count: length)
        return bytes
    }

    private static func isWhole(_ item: borrowing ReadItem, _ key: Int) -> Bool {
        unsafe item.value.withUnsafeBytes { bytes in
            unsafe bytes.count >= 8
                && UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) == UInt64(key)
                && bytes.dropFirst(8).allSatisfy { $0 == UInt8(truncatingIfNeeded: key) }
        }
    }

    /// Checks each result against the key that was asked for.
    private struct CheckingSink {
        var keys: [Int] = []
        var next = 0
        /// The highest version seen of each key.
        var versions: [Int64]
        /// Keys below this are never removed.
        let permanent: Int
        var found = 0

        mutating func append(_ batch: borrowing ReadBatch) {
            for index in 0..<batch.count {
                let key = keys[next]
                next += 1
                let item = batch[index]
                guard item.status == .found else {
                    precondition(item.status == .missing && key >= permanent, "key \(key) is missing")
                    continue
                }
                precondition(ConcurrencyTests.isWhole(item, key), "key \(key) has another's value")
                precondition(item.version >= versions[key], "key \(key) went back")
                versions[key] = item.version
                found += 1
            }
        }
    }

    @Test(arguments: [0, 1 << 20])
    func readersSeeWholeValuesThatNeverGoBack(limit: Int) {
        let keyCount = 3_000
        // Without a limit, keys below this are never removed, and must be found by every read and scan.
        let permanent = limit == 0 ? 500 : 0
        let steps = Scale.pick(8_000, full: 400_000)
        let engine = MemoryEngine(
            configuration: MemoryEngineConfiguration(
                shardCount: 4, memoryLimitBytes: limit, evictionPolicy: limit == 0 ? .none : .s3fifo, seed: 1))
        let time = ManualTime()
        let clock = Clock.manual(time)
        let keys = (0..<keyCount).map { key16($0) }
        let setup = engine.makeSession()
        for key in 0..<permanent {
            let bytes = keys[key]
            _ = try? engine.put(
                bytes.readableBytesSpan, value: Self.value(key, length: 10).readableBytesSpan, options: PutOptions(),
                now: clock.wallNow(), session: setup)
        }
        let running = Atomic<Int>(Self.writers)
        onThreads(Self.writers + Self.readers + 2) { thread in
            let session = engine.makeSession()
            var generator = SeededGenerator(seed: UInt64(thread))
            switch thread {
            case 0..<Self.writers:
                for step in 0..<steps {
                    Self.write(step, engine, session, keys, permanent, clock.wallNow(), &generator)
                    if step % 100 == 0 { time.advance(byMilliseconds: 1) }
                }
                running.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            case Self.writers..<Self.writers + Self.readers:
                var sink = CheckingSink(versions: Array(repeating: 0, count: keyCount), permanent: permanent)
                while running.load(ordering: .relaxed) > 0 {
                    sink.keys = (0..<100).map { _ in Int.random(in: 0..<keyCount, using: &generator) }
                    sink.next = 0
                    let list = BinaryList(sink.keys.map { keys[$0] })
                    engine.read(list, now: clock.wallNow(), session: session) { sink.append($0) }
                    sink.keys = [Int.random(in: 0..<keyCount, using: &generator)]
                    sink.next = 0
                    let key = keys[sink.keys[0]]
                    engine.read(key.readableBytesSpan, now: clock.wallNow(), session: session) { sink.append($0) }
                }
            case Self.writers + Self.readers:
                while running.load(ordering: .relaxed) > 0 {
                    Self.scanAll(engine, session, permanent, clock.wallNow())
                }
            default:
                while running.load(ordering: .relaxed) > 0 {
                    engine.maintain(worker: 0, of: 1, now: clock.wallNow(), session: session)
                    _ = engine.statistics()
                }
            }
        }
        engine._checkInvariants()
    }

    private static func write(
        _ step: Int, _ engine: MemoryEngine, _ session: MemorySession, _ keys: [ByteBuffer], _ permanent: Int,
        _ now: WallTime, _ generator: inout SeededGenerator
    ) {
        // Phases of filling and emptying, so that the tables split and merge under the readers.
        let empties = step / 1_000 % 2 == 1
        let number = Int.random(in: 0..<keys.count, using: &generator)
        let key = keys[number]
        let isLarge = Int.random(in: 0..<500, using: &generator) == 0
        let value = value(number, length: isLarge ? 20_000 : .random(in: 0...200, using: &generator))
        let expiry =
            number >= permanent && Bool.random(using: &generator)
            ? now.advanced(byMilliseconds: .random(in: 1...100, using: &generator)) : .distantFuture
        switch Int.random(in: 0..<20, using: &generator) {
        case 0:
            let entries = (0..<10).map { offset in
                let number = (number + offset * 37) % keys.count
                return EngineEntry(key: keys[number], value: Self.value(number, length: 20))
            }
            _ = try? engine.multiPut(entries, atomic: true, now: now, session: session)
        case 1:
            _ = try? engine.touch(key.readableBytesSpan, expiry: expiry, now: now, session: session)
        case 2..<(empties ? 16 : 5) where number >= permanent:
            _ = try? engine.remove(key.readableBytesSpan, ifVersion: nil, now: now, session: session)
        default:
            _ = try? engine.put(
                key.readableBytesSpan, value: value.readableBytesSpan, options: PutOptions(expiry: expiry), now: now,
                session: session)
        }
    }

    /// Every permanent key is handed out, with its own value.
    private static func scanAll(_ engine: MemoryEngine, _ session: MemorySession, _ permanent: Int, _ now: WallTime) {
        var seen = Array(repeating: false, count: permanent)
        var cursor: ByteBuffer?
        repeat {
            cursor = try? engine.scan(ScanOptions(cursor: cursor, limit: 50), now: now, session: session) { key, item in
                let number = unsafe key.withUnsafeBytes {
                    unsafe Int(UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)))
                }
                precondition(isWhole(item, number), "a scan mixes key \(number) up")
                if number < permanent { seen[number] = true }
            }
        } while cursor != nil
        precondition(seen.allSatisfy { $0 }, "a scan lost a key")
    }

    @Test func incrementsOfManyThreadsAddUp() {
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 2, seed: 1))
        let now = WallTime(milliseconds: 1)
        let rounds = Scale.pick(3_000, full: 100_000)
        let key = ByteBuffer(string: "counter")
        onThreads(4) { _ in
            let session = engine.makeSession()
            for _ in 0..<rounds {
                _ = try? engine.increment(
                    key.readableBytesSpan, by: 1, initial: 0, expiry: nil, now: now, session: session)
            }
        }
        var sink = CollectingSink()
        engine.read(key.readableBytesSpan, now: now, session: engine.makeSession()) { sink.append($0) }
        #expect(String(decoding: sink.results[0].value, as: UTF8.self) == "\(4 * rounds)")
        engine._checkInvariants()
    }

    /// Else a put under the condition of a version could overwrite what its client has never seen.
    @Test func aVersionNamesOneValueAlsoWhereABatchRepeatsAKey() {
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 1, seed: 1))
        let now = WallTime(milliseconds: 1)
        let key = ByteBuffer(string: "k")
        let batch = (0..<50).map { EngineEntry(key: key, value: Self.value($0, length: 10)) }
        let isWriting = Atomic<Int>(1)
        onThreads(2) { thread in
            let session = engine.makeSession()
            if thread == 0 {
                for _ in 0..<Scale.pick(1_000, full: 100_000) {
                    _ = try? engine.multiPut(batch, atomic: true, now: now, session: session)
                }
                isWriting.store(0, ordering: .relaxed)
            }
            while isWriting.load(ordering: .relaxed) > 0 {
                engine.read(key.readableBytesSpan, now: now, session: session) { results in
                    let item = results[0]
                    precondition(item.status == .missing || Self.isWhole(item, 49), "a value that did not last")
                }
            }
        }
        engine._checkInvariants()
    }

    @Test func whatAPinnedReaderSeesStaysUntilItEnds() throws {
        /// Overwrites everything, from another thread, while a batch is lent.
        struct MeddlingSink {
            let engine: MemoryEngine
            let key: ByteBuffer

            mutating func append(_ batch: borrowing ReadBatch) {
                let before = batch[0].bytes
                let engine = engine
                let key = key
                onThreads(1) { _ in
                    let session = engine.makeSession()
                    for _ in 0..<1_000 {
                        _ = try? engine.put(
                            key.readableBytesSpan, value: ByteBuffer(repeating: 9, count: 100).readableBytesSpan,
                            options: PutOptions(),
                            now: WallTime(milliseconds: 1), session: session)
                    }
                    engine.maintain(worker: 0, of: 1, now: WallTime(milliseconds: 1), session: session)
                }
                #expect(batch[0].bytes == before)
                #expect(engine.shards[0].retired.count >= 1_000)
            }
        }
        let store = Store(MemoryEngineConfiguration(shardCount: 1, seed: 1))
        let key = ByteBuffer(string: "k")
        try store.put(key, ByteBuffer(repeating: 1, count: 100))
        var sink = MeddlingSink(engine: store.engine, key: key)
        store.engine.read(key.readableBytesSpan, now: store.now, session: store.session) { sink.append($0) }
        store.maintain()
        #expect(store.engine.shards[0].retired.count == 0)
        store.engine._checkInvariants()
    }

    @Test func sessionsAreReused() {
        let engine = MemoryEngine(configuration: MemoryEngineConfiguration(shardCount: 1))
        for _ in 0..<3 * Epochs.sessionsMax { _ = engine.makeSession() }
        let sessions = (0..<Epochs.sessionsMax).map { _ in engine.makeSession() }
        #expect(sessions.count == Epochs.sessionsMax)
    }
}
