//! Each operation over the memory engine.

import LogSimulation
import MemoryEngine
import NIOCore
import NIOEmbedded
import NeedletailWire
import StorageEngine
import Testing
import Timing
import WriteAheadLog

struct AtOnceEngineTests {
    @Test func aValueIsThereOnceItWasPutUntilItExpires() throws {
        let store = try AtOnceStore()
        #expect(try store.get("k") == nil)
        let expiry = store.now.advanced(byMilliseconds: 10)
        let outcome = try store.put("k", "v", PutOptions(expiry: expiry))
        #expect(outcome?.applied == true)
        let found = try store.get("k")
        #expect(found == StoredValue(ByteBuffer(string: "v"), version: outcome?.version, expiry: expiry))
        store.time.advance(byMilliseconds: 10)
        #expect(try store.get("k") == nil)
    }

    @Test func aLargeValueIsShared() throws {
        let store = try AtOnceStore()
        let value = String(repeating: "x", count: 100_000)
        try store.put("k", value)
        #expect(try store.get("k")?.value == ByteBuffer(string: value))
    }

    @Test func onlyWhoSawTheValueSwapsIt() throws {
        let store = try AtOnceStore()
        #expect(try store.swap("k", seen: nil, "1") == true)
        #expect(try store.swap("k", seen: nil, "2") == false)
        let seen = try store.get("k")
        let expiry = store.now.advanced(byMilliseconds: 10)
        #expect(try store.swap("k", seen: seen, "3", expiry: expiry) == true)
        #expect(try store.swap("k", seen: seen, "4") == false)
        #expect(try store.get("k")?.value == ByteBuffer(string: "3"))
        // What has expired is as if it had never been there.
        let expired = try store.get("k")
        store.time.advance(byMilliseconds: 10)
        #expect(try store.swap("k", seen: expired, "5") == false)
        #expect(try store.swap("k", seen: nil, "6") == true)
    }

    @Test func aSwapWithoutVersionIsRefused() throws {
        let store = try AtOnceStore()
        try store.put("k", "1")
        #expect(throws: EngineError.self) {
            try store.swap("k", seen: StoredValue(ByteBuffer(string: "1")), "2")
        }
        #expect(try store.get("k")?.value == ByteBuffer(string: "1"))
    }

    @Test func whatIsRemovedIsGone() throws {
        let store = try AtOnceStore()
        try store.put("a", "1")
        let version = try store.get("a")?.version
        func remove(_ version: Int64?) throws -> Bool? {
            try store.result {
                store.engine.remove(
                    ByteBuffer(string: "a"), ifVersion: version, durability: .memory, $0, session: store.session)
            }?.get().outcome
        }
        #expect(try remove((version ?? 0) + 1) == false)
        #expect(try remove(version) == true)
        #expect(try remove(nil) == false)
        try store.put("b", "1")
        let removed = try store.result {
            store.engine.multiRemove(["a", "b", "b"], durability: .memory, $0, session: store.session)
        }?.get()
        #expect(removed?.outcome == 1)
    }

    @Test func ofEqualKeysTheLastIsKept() throws {
        let store = try AtOnceStore()
        let entries = [("a", "1"), ("b", "2"), ("a", "3")].map {
            EngineEntry(key: ByteBuffer(string: $0), value: ByteBuffer(string: $1))
        }
        for atomic in [false, true] {
            let kept = try store.result {
                store.engine.multiPut(entries, atomic: atomic, durability: .memory, $0, session: store.session)
            }?.get()
            #expect(kept?.outcome == [.stored, .stored, .stored])
        }
        #expect(try store.get("a")?.value == ByteBuffer(string: "3"))
    }

    @Test func numbersCount() throws {
        let store = try AtOnceStore()
        func increment(by delta: Int64) -> Result<Kept<IncrementOutcome>, EngineError>? {
            store.result {
                store.engine.increment(
                    ByteBuffer(string: "n"), by: delta, initial: 5, expiry: nil, durability: .memory, $0,
                    session: store.session)
            }
        }
        #expect(try increment(by: 2)?.get().outcome.value == 7)
        #expect(try increment(by: -10)?.get().outcome.value == -3)
        try store.put("n", "no number")
        #expect(throws: EngineError.notAnInteger) { try increment(by: 1)?.get() }
    }

    @Test func aTouchedValueExpiresWhenItWasTold() throws {
        let store = try AtOnceStore()
        func touch() throws -> Bool? {
            try store.result {
                store.engine.touch(
                    ByteBuffer(string: "k"), expiry: store.now.advanced(byMilliseconds: 5), durability: .memory, $0,
                    session: store.session)
            }?.get().outcome
        }
        #expect(try touch() == false)
        try store.put("k", "v")
        #expect(try touch() == true)
        store.time.advance(byMilliseconds: 5)
        #expect(try store.get("k") == nil)
    }

    @Test func aScanFindsAllKeysOfAPrefix() throws {
        let store = try AtOnceStore()
        let keys = Set((0..<300).map { "a\($0)" })
        for key in keys { try store.put(key, "v" + key) }
        try store.put("b", "v")
        var found: Set<String> = []
        var cursor: ByteBuffer?
        repeat {
            let page = try store.result {
                store.engine.scan(
                    ScanOptions(cursor: cursor, prefix: ByteBuffer(string: "a"), limit: 50), $0,
                    session: store.session)
            }?.get()
            for (key, value) in page?.entries ?? [] {
                found.insert(String(buffer: key))
                #expect(value.value == ByteBuffer(string: "v" + String(buffer: key)))
                #expect(value.version != nil)
            }
            cursor = page?.cursor
        } while cursor != nil
        #expect(found == keys)
        let failure = store.result {
            store.engine.scan(ScanOptions(cursor: ByteBuffer(string: "?")), $0, session: store.session)
        }
        #expect(throws: EngineError.invalidCursor) { try failure?.get() }
    }

    @Test func aWriteEndsWhenItsLevelIsReached() throws {
        let store = try AtOnceStore(isLogged: true)
        var kept: Kept<PutOutcome>?
        func put(_ durability: Durability) {
            let call = EngineCall<Kept<PutOutcome>> { kept = try? $0.get() }
            store.engine.put(
                ByteBuffer(string: "k"), value: ByteBuffer(string: "v"), options: PutOptions(), durability: durability,
                call, session: store.session)
        }
        put(.memory)
        #expect(kept?.durability == .memory)
        kept = nil
        put(.synced)
        #expect(kept == nil)
        // It is to be seen all the same.
        #expect(try store.get("k") != nil)
        store.loop.run()
        store.log?.commit()
        store.loop.run()
        #expect(kept?.durability == .synced)
    }

    @Test func aWriteThatChangedNothingDoesNotWait() throws {
        let store = try AtOnceStore(isLogged: true)
        let kept = store.result {
            store.engine.touch(
                ByteBuffer(string: "k"), expiry: .distantFuture, durability: .synced, $0, session: store.session)
        }
        #expect(try kept?.get().outcome == false)
    }

    @Test func manyKeysAreReadInPartsOfTheWidth() throws {
        let store = try AtOnceStore()
        for index in 0..<10 where index % 3 != 0 { try store.put("k\(index)", "v\(index)") }
        let keys = BinaryList(strings: (0..<10).map { "k\($0)" })
        for width in [FanOutWidth(concurrency: 1, keysPerPart: 1), FanOutWidth(concurrency: 4, keysPerPart: 3)] {
            var hasEnded = false
            let read = MultiRead(keys, width: width) { hasEnded = true }
            store.engine.multiGet(read, session: store.session)
            #expect(hasEnded)
            #expect(read.statuses == (0..<10).map { $0 % 3 == 0 ? .missing : .found })
            #expect(read.values == (0..<10).map { $0 % 3 == 0 ? ByteBuffer() : ByteBuffer(string: "v\($0)") })
        }
    }

    @Test func anyNumberOfPartsNeedsNoStack() throws {
        let store = try AtOnceStore()
        let keys = BinaryList(strings: (0..<20_000).map { "k\($0)" })
        var hasEnded = false
        let read = MultiRead(keys, width: FanOutWidth(concurrency: 1, keysPerPart: 1)) { hasEnded = true }
        store.engine.multiGet(read, session: store.session)
        #expect(hasEnded && read.statuses.allSatisfy { $0 == .missing })
    }

    @Test func noKeysAreReadAtOnce() throws {
        let store = try AtOnceStore()
        var hasEnded = false
        let read = MultiRead(BinaryList(), width: FanOutWidth(concurrency: 1, keysPerPart: 1)) { hasEnded = true }
        store.engine.multiGet(read, session: store.session)
        #expect(hasEnded)
    }

    @Test func whoTakesAValueMayUseTheEngine() throws {
        let store = try AtOnceStore()
        for index in 0..<5 { try store.put("k\(index)", "v") }
        var taken: [Int] = []
        let read = MultiRead(
            BinaryList(strings: (0..<5).map { "k\($0)" }), width: FanOutWidth(concurrency: 1, keysPerPart: 5)
        ) {}
        read.onValue = { index, value in
            #expect(value == ByteBuffer(string: "v"))
            _ = try? store.put("k\(index)", "other")
            taken.append(index)
        }
        store.engine.multiGet(read, session: store.session)
        #expect(taken == [0, 1, 2, 3, 4])
        #expect(read.values.allSatisfy { $0.readableBytes == 0 })
    }
}
