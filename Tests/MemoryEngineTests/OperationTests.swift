//! Each operation, and each sentence of the contract that concerns the engine.

import NIOCore
import NeedletailWire
import StorageEngine
import Testing
import Timing

@testable import MemoryEngine

@Suite struct OperationTests {
    let store = Store()

    @Test func aPutIsReadBackWithItsVersion() throws {
        let outcome = try store.put("key", "value")
        #expect(outcome.applied && outcome.version == 1 && outcome.previous == nil)
        let result = store.get("key")
        #expect(result.status == .found && result.value == Array("value".utf8) && result.version == 1)
        #expect(result.expiry == .distantFuture)
        #expect(store.get("other").status == .missing)
        store.engine._checkInvariants()
    }

    @Test func theFirstVersionIsTheConfiguredOne() throws {
        let store = Store(MemoryEngineConfiguration(shardCount: 1, firstVersion: 1_700_000_000_000_000))
        #expect(try store.put("a", "1").version == 1_700_000_000_000_000)
    }

    @Test func everyChangeGivesANewVersion() throws {
        var versions = [try store.put("n", "1").version, try store.put("n", "1").version]
        versions.append(try store.increment("n").version)
        #expect(try store.touch("n", ttl: nil))
        versions.append(store.get("n").version)
        let found = versions.compactMap { $0 }
        #expect(found.count == 4 && zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func conditionAndVersionMustBothHold() throws {
        #expect(try !store.put("k", "x", condition: .ifPresent).applied)
        #expect(try store.put("k", "x", condition: .ifPresent).version == nil)
        let first = try store.put("k", "a", condition: .ifAbsent)
        #expect(first.applied)
        let refused = try store.put("k", "b", condition: .ifAbsent, previous: true)
        #expect(!refused.applied && refused.version == first.version && refused.previous == ByteBuffer(string: "a"))
        #expect(store.text("k") == "a")
        #expect(try !store.put("k", "b", condition: .ifPresent, ifVersion: 999).applied)
        #expect(try !store.put("k", "b", condition: .ifAbsent, ifVersion: first.version).applied)
        let second = try store.put("k", "b", condition: .ifPresent, ifVersion: first.version, previous: true)
        #expect(second.applied && second.previous == ByteBuffer(string: "a"))
        // On a missing key any version fails but 0, which means "must be missing".
        #expect(try !store.put("none", "x", ifVersion: 5).applied)
        #expect(try !store.put("k", "x", ifVersion: 0).applied)
        #expect(try store.put("none", "x", ifVersion: 0).applied)
    }

    @Test func removeHonoursTheVersion() throws {
        let version = try store.put("k", "v").version
        #expect(try !store.remove("k", ifVersion: 77))
        #expect(try !store.remove("k", ifVersion: 0))
        #expect(try store.remove("k", ifVersion: version))
        #expect(try !store.remove("k"))
        #expect(try !store.remove("k", ifVersion: 0))
        #expect(store.get("k").status == .missing)
    }

    @Test func anExpiredKeyIsMissingEverywhere() throws {
        for key in ["a", "b", "c", "d", "e", "f", "g"] { try store.put(key, "1", ttl: 1_000) }
        store.time.advance(byMilliseconds: 999)
        #expect(store.text("a") == "1")
        store.time.advance(byMilliseconds: 1)
        #expect(store.get("a").status == .missing)
        #expect(store.get(["a", "b"]).map(\.status) == [.missing, .missing])
        #expect(try store.scan().isEmpty)
        #expect(try !store.put("a", "2", condition: .ifPresent).applied)
        #expect(try store.put("b", "2", condition: .ifAbsent, previous: true).previous == nil)
        #expect(try store.put("c", "2", ifVersion: 0).applied)
        #expect(try !store.remove("d"))
        #expect(try !store.touch("e", ttl: 5))
        #expect(try store.increment("f", initial: 10).value == 11)
        #expect(try store.engine.multiRemove(["a", "g"], now: store.now, session: store.session).removed == 0)
        store.engine._checkInvariants()
    }

    @Test func aPutWithoutExpiryClearsIt() throws {
        try store.put("k", "1", ttl: 100)
        try store.put("k", "2")
        store.time.advance(byMilliseconds: 1_000)
        store.maintain()
        #expect(store.text("k") == "2")
    }

    @Test func touchSetsAndClearsTheExpiry() throws {
        #expect(try !store.touch("k", ttl: 100))
        try store.put("k", "v")
        #expect(try store.touch("k", ttl: 100))
        #expect(store.get("k").expiry == store.expiry(in: 100))
        #expect(try store.touch("k", ttl: nil))
        store.time.advance(byMilliseconds: 1_000)
        store.maintain()
        #expect(store.text("k") == "v" && store.get("k").expiry == .distantFuture)
        #expect(try store.touch("k", ttl: 100))
        store.time.advance(byMilliseconds: 100)
        #expect(store.get("k").status == .missing)
        store.engine._checkInvariants()
    }

    @Test func anIncrementWithoutExpiryKeepsIt() throws {
        try store.put("n", "5", ttl: 1_000)
        let expiry = store.get("n").expiry
        #expect(try store.increment("n").value == 6)
        #expect(store.get("n").expiry == expiry)
        #expect(try store.increment("n", ttl: 5_000).value == 7)
        #expect(store.get("n").expiry == store.expiry(in: 5_000))
        #expect(try store.increment("fresh").value == 1)
        #expect(store.get("fresh").expiry == .distantFuture)
    }

    @Test(arguments: [
        ("0", 0), ("-1", -1), ("7", 7), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
    ])
    func decimalTextIsANumber(text: String, number: Int64) throws {
        try store.put("n", text)
        #expect(try store.increment("n", by: 0).value == number)
        #expect(store.text("n") == text)
    }

    @Test(arguments: [
        "", "-", "-0", "00", "01", "+1", " 1", "1 ", "1a", "9223372036854775808", "-9223372036854775809", "1.0",
        "99999999999999999999", "-00", "--1",
    ])
    func otherTextIsNotAnInteger(text: String) throws {
        let version = try store.put("n", text).version
        #expect(throws: EngineError.notAnInteger) { try store.increment("n") }
        #expect(store.text("n") == text && store.get("n").version == version)
    }

    @Test func overflowChangesNothing() throws {
        try store.put("n", "9223372036854775807")
        #expect(throws: EngineError.overflow) { try store.increment("n") }
        #expect(throws: EngineError.overflow) { try store.increment("m", by: -1, initial: .min) }
        #expect(store.text("n") == "9223372036854775807" && store.get("m").status == .missing)
        #expect(try store.increment("m", by: 5, initial: -5).value == 0)
        #expect(store.text("m") == "0")
    }

    @Test func manyKeysAreAnsweredInOrderWithDuplicates() throws {
        for number in 0..<500 { try store.put("key\(number)", "value\(number)") }
        let names = (0..<1_000).map { "key\($0 * 7 % 700)" }
        var sink = CollectingSink()
        store.engine.read(BinaryList(strings: names), now: store.now, session: store.session) { sink.append($0) }
        #expect(sink.results.count == 1_000 && sink.batchSizes.allSatisfy { $0 > 0 && $0 <= ReadBatch.capacity })
        for (index, result) in sink.results.enumerated() {
            let number = index * 7 % 700
            #expect(result.status == (number < 500 ? .found : .missing))
            #expect(result.value == (number < 500 ? Array("value\(number)".utf8) : []))
        }
        #expect(store.get(BinaryList()).isEmpty)
    }

    @Test func keysAndValuesOfAllLengths() throws {
        var generator = SeededGenerator(seed: 3)
        var expected: [(ByteBuffer, [UInt8])] = []
        for length in Array(0...300) + [1_000, 4_000, 4_096, 4_080, 16_383, 16_384, 20_000, 65_535] {
            let key = (0..<max(length, 2)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let value = (0..<length * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
            expected.append((ByteBuffer(bytes: key), value))
            try store.put(ByteBuffer(bytes: key), ByteBuffer(bytes: value))
        }
        let results = store.get(BinaryList(expected.map(\.0)))
        for ((_, value), result) in zip(expected, results) {
            #expect(result.status == .found && result.value == value)
            #expect(result.isShared == (value.count >= MemoryEngine.sharedValueBytesMin))
        }
        store.engine._checkInvariants()
    }

    @Test func anEmptyKeyIsAKey() throws {
        try store.put("", "empty")
        #expect(store.text("") == "empty" && store.get(["", "x"]).map(\.status) == [.found, .missing])
        #expect(try store.remove(""))
    }

    @Test func multiPutAppliesInOrderAndTheLastWins() throws {
        func entry(_ key: String, _ value: String) -> EngineEntry {
            EngineEntry(key: ByteBuffer(string: key), value: ByteBuffer(string: value))
        }
        for atomic in [false, true] {
            let entries = [entry("a", "1"), entry("b", "1"), entry("a", "2")]
            let statuses = try store.engine.multiPut(
                entries, atomic: atomic, now: store.now, session: store.session)
            #expect(statuses == [.stored, .stored, .stored])
            #expect(store.text("a") == "2" && store.text("b") == "1")
            #expect((store.get("a").version == store.get("b").version) == atomic)
            #expect(try store.engine.multiPut([], atomic: atomic, now: store.now, session: store.session) == [])
        }
        store.engine._checkInvariants()
    }

    @Test func anAtomicBatchKeepsExpiries() throws {
        let entries = (0..<100).map { number in
            EngineEntry(
                key: ByteBuffer(string: "\(number)"), value: ByteBuffer(string: "v"),
                expiry: number % 2 == 0 ? store.expiry(in: 50) : .distantFuture)
        }
        _ = try store.engine.multiPut(entries, atomic: true, now: store.now, session: store.session)
        store.time.advance(byMilliseconds: 50)
        #expect((0..<100).filter { store.text("\($0)") != nil } == (0..<100).filter { $0 % 2 == 1 })
    }

    @Test func multiRemoveCountsADuplicateOnce() throws {
        for key in ["a", "b", "c"] { try store.put(key, "1") }
        let removed = try store.engine.multiRemove(["a", "x", "b", "a"], now: store.now, session: store.session).removed
        #expect(removed == 2)
        #expect(try store.scan() == ["c"])
    }

    @Test func statisticsCount() throws {
        for number in 0..<100 { try store.put("\(number)", "v", ttl: number < 40 ? 10 : nil) }
        #expect(store.engine.statistics().keys == 100)
        store.time.advance(byMilliseconds: 1_000)
        store.maintain()
        let statistics = store.engine.statistics()
        #expect(statistics.keys == 60 && statistics.expiredKeys == 40 && statistics.evictedKeys == 0)
        #expect(statistics.entryBytes > 0 && statistics.tableBytes > 0 && statistics.memoryLimitBytes == 0)
    }

    @Test func aScanClosureMayUseTheEngineWithTheSameSession() throws {
        for number in 0..<50 { try store.put("\(number)", "v") }
        _ = try store.engine.scan(ScanOptions(limit: 1_000), now: store.now, session: store.session) { key, _ in
            let name = unsafe key.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
            #expect(store.text(name) == "v")
            #expect((try? store.remove(name)) == true)
        }
        #expect(store.engine.statistics().keys == 0)
    }
}
