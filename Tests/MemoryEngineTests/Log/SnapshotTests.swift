import NIOCore
import StorageEngine
import Testing
import Timing
import WriteAheadLog

@testable import MemoryEngine

@Suite struct SnapshotTests {
    @Test func everyEntryIsHandedOutWithItsVersionAndExpiry() throws {
        let store = Store()
        for number in 0..<1_000 {
            try store.put("key \(number)", "\(number)", ttl: number % 2 == 0 ? 1 : nil)
        }
        // What has expired is handed out too: a later record of the log may prolong it.
        store.time.advance(byMilliseconds: 10)
        var found: [String: (value: String, version: Int64, isTimed: Bool)] = [:]
        var snapshot = MemorySnapshot(of: store.engine)
        snapshot.settle()
        var slices = 0
        while snapshot.nextSlice({ key, value, version, expiry in
            found[key.text] = (value.text, version, expiry != .distantFuture)
        }) { slices += 1 }
        #expect(slices > 1)
        #expect(found.count == 1_000)
        for number in 0..<1_000 {
            let entry = found["key \(number)"]
            #expect(entry?.value == "\(number)")
            #expect(entry?.version == Int64(number + 1))
            #expect(entry?.isTimed == (number % 2 == 0))
        }
    }

    @Test func whatStaysIsHandedOutWhileTheTableGrowsAndShrinks() throws {
        let store = Store()
        for number in 0..<500 { try store.put("stays \(number)", "x") }
        var found: Set<String> = []
        var snapshot = MemorySnapshot(of: store.engine)
        var turn = 0
        while snapshot.nextSlice({ key, _, _, _ in found.insert(key.text) }) {
            for number in 0..<500 {
                if turn % 2 == 0 {
                    try store.put("comes \(turn) \(number)", "x")
                } else {
                    _ = try store.remove("comes \(turn - 1) \(number)")
                }
            }
            turn += 1
        }
        #expect(turn > 0)
        #expect((0..<500).allSatisfy { found.contains("stays \($0)") })
    }

    /// While it lasts, nothing is freed.
    @Test func aSliceIsBoundedInBytes() throws {
        let store = Store(MemoryEngineConfiguration(shardCount: 1, seed: 1))
        let value = ByteBuffer(repeating: 1, count: 100_000)
        for number in 0..<300 { try store.put(key16(number), value) }
        var snapshot = MemorySnapshot(of: store.engine)
        var (count, isMore) = (0, true)
        while isMore {
            var bytes = 0
            isMore = snapshot.nextSlice { _, value, _, _ in (count, bytes) = (count + 1, bytes + value.byteCount) }
            // And the bucket with which it ends.
            #expect(bytes < 3_000_000)
        }
        #expect(count == 300)
    }

    @Test func anEmptyEngineHasAnEmptySnapshot() {
        var snapshot = MemorySnapshot(of: MemoryEngine())
        var count = 0
        while snapshot.nextSlice({ _, _, _, _ in count += 1 }) {}
        #expect(count == 0)
    }
}

extension RawSpan {
    fileprivate var text: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}
