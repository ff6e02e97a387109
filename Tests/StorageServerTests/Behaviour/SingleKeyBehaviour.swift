import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import Testing

@testable import StorageServer

@Suite struct SingleKeyBehaviour {
    @Test(arguments: Way.all) func pingAnswersPong(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let answer = try await storage.caller.call(StorageMethods.Ping.self, .init())
            #expect(answer == "pong")
        }
    }

    @Test(arguments: Way.all) func whatWasPutIsRead(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.get("k") == GetResponse())
            let put = try await storage.put("k", "one")
            #expect(put.applied && put.durability == way.durability && put.previous == nil)
            #expect(try await storage.get("k") == GetResponse(value: ByteBuffer(string: "one"), version: put.version))
            let again = try await storage.put("k", "")
            #expect(again.applied)
            #expect(try await storage.text("k") == "")
            let large = String(repeating: "x", count: 300_000)
            try await storage.put("k", large)
            #expect(try await storage.text("k") == large)
        }
    }

    @Test(arguments: Way.all) func everyChangeGivesALaterVersion(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let first = try #require(try await storage.put("k", "one").version)
            let second = try #require(try await storage.put("k", "one").version)
            #expect(second > first)
            try await storage.touch("k", ttlMillis: 10)
            #expect((try await storage.get("k").version ?? 0) > second)
        }
    }

    @Test(arguments: Way.all) func keysHaveOneToFourThousandNinetySixBytes(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let longest = String(repeating: "k", count: 4_096)
            try await storage.put(longest, "v")
            #expect(try await storage.text(longest) == "v")
            for key in ["", longest + "k"] {
                await storage.expectError(.invalidArgument) { try await storage.get(key) }
                await storage.expectError(.invalidArgument) { try await storage.put(key, "v") }
                await storage.expectError(.invalidArgument) { try await storage.remove(key) }
                await storage.expectError(.invalidArgument) { try await storage.increment(key, 1) }
                await storage.expectError(.invalidArgument) { try await storage.touch(key, ttlMillis: 1) }
                await storage.expectError(.invalidArgument) { try await storage.multiGet(["a", key]) }
                await storage.expectError(.invalidArgument) { try await storage.multiRemove(["a", key]) }
                await storage.expectError(.invalidArgument) { try await storage.multiPut([("a", "v"), (key, "v")]) }
            }
            #expect(try await storage.text("a") == nil)
        }
    }

    @Test(arguments: Way.all) func aValueOverTheLimitRefusesTheWholeCall(_ way: Way) async throws {
        var limits = ServiceLimits()
        limits.valueSizeMax = 100
        try await way.run(limits: limits) { (storage) async throws in
            try await storage.put("k", String(repeating: "v", count: 100))
            let over = String(repeating: "v", count: 101)
            await storage.expectError(.invalidArgument) { try await storage.put("k", over) }
            await storage.expectError(.invalidArgument) { try await storage.multiPut([("a", "v"), ("b", over)]) }
            #expect(try await storage.text("a") == nil)
        }
    }

    @Test(arguments: Way.all) func aConditionMustHold(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.put("k", "v", condition: .ifPresent) == PutResponse(applied: false))
            #expect(try await storage.put("k", "v", condition: .ifAbsent).applied)
            let refused = try await storage.put("k", "w", condition: .ifAbsent, returnPrevious: true)
            #expect(!refused.applied && refused.durability == nil)
            #expect(refused.previous == ByteBuffer(string: "v"))
            #expect(try await storage.text("k") == "v")
            #expect(try await storage.put("k", "w", condition: .ifPresent).applied)
            #expect(try await storage.text("k") == "w")
        }
    }

    @Test(arguments: Way.all) func conditionAndVersionMustBothHold(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.put("k", "v", condition: .ifPresent) == PutResponse(applied: false))
            let created = try await storage.put("k", "v", condition: .ifAbsent)
            #expect(created.applied)
            let refused = try await storage.put("k", "w", condition: .ifAbsent, returnPrevious: true)
            #expect(
                refused
                    == PutResponse(
                        applied: false, version: created.version, previous: ByteBuffer(string: "v")))
            let version = try #require(created.version)
            #expect(try await storage.put("k", "w", ifVersion: version + 1).applied == false)
            #expect(try await storage.put("k", "w", condition: .ifAbsent, ifVersion: version).applied == false)
            #expect(try await storage.put("k", "w", condition: .ifPresent, ifVersion: version).applied)
            #expect(try await storage.text("k") == "w")
        }
    }

    @Test(arguments: Way.all) func versionZeroMeansMustBeMissing(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.put("k", "v", ifVersion: 5) == PutResponse(applied: false))
            #expect(try await storage.put("k", "v", condition: .ifPresent, ifVersion: 0).applied == false)
            #expect(try await storage.put("k", "v", ifVersion: 0).applied)
            #expect(try await storage.put("k", "v", ifVersion: 0).applied == false)
            #expect(try await storage.remove("k", ifVersion: 0) == RemoveResponse(removed: false))
            #expect(try await storage.text("k") == "v")
        }
    }

    @Test(arguments: Way.all) func previousIsGivenWheneverAskedForAndPresent(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.put("k", "1", returnPrevious: true).previous == nil)
            #expect(try await storage.put("k", "2").previous == nil)
            #expect(try await storage.put("k", "3", returnPrevious: true).previous == ByteBuffer(string: "2"))
        }
    }

    @Test(arguments: Way.all) func removedKeysAreMissing(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.remove("k") == RemoveResponse(removed: false))
            try await storage.put("k", "v")
            #expect(try await storage.remove("k") == RemoveResponse(removed: true, durability: way.durability))
            #expect(try await storage.text("k") == nil)
            #expect(try await storage.remove("k") == RemoveResponse(removed: false))
        }
    }

    @Test(arguments: Way.all) func aRemovalKeepsToItsVersion(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let version = try #require(try await storage.put("k", "v").version)
            #expect(try await storage.remove("k", ifVersion: version - 1) == RemoveResponse(removed: false))
            #expect(try await storage.text("k") == "v")
            #expect(
                try await storage.remove("k", ifVersion: version)
                    == RemoveResponse(removed: true, durability: way.durability))
            #expect(try await storage.text("k") == nil)
            #expect((try await storage.put("k", "v").version ?? 0) > version)
        }
    }

    @Test(arguments: Way.all) func anExpiredKeyIsMissing(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            try await storage.put("k", "v", ttlMillis: 1_000)
            #expect(try await storage.get("k").ttlMillis == 1_000)
            storage.advance(byMilliseconds: 999)
            #expect(try await storage.get("k").ttlMillis == 1)
            storage.advance(byMilliseconds: 1)
            #expect(try await storage.get("k") == GetResponse())
            #expect(try await storage.multiGet(["k"]).statusBytes == [Status.missing])
            #expect(try await storage.scanAll() == [])
            #expect(try await storage.touch("k", ttlMillis: 5) == TouchResponse(found: false))
            #expect(try await storage.put("k", "v", condition: .ifPresent) == PutResponse(applied: false))
            #expect(try await storage.remove("k").removed == false)
            #expect(try await storage.put("k", "w", condition: .ifAbsent).applied)
        }
    }

    @Test(arguments: Way.all) func aTimeToLiveOfZeroOrLessIsRefused(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            for ttl: Int64 in [0, -1, .min] {
                await storage.expectError(.invalidArgument) { try await storage.put("k", "v", ttlMillis: ttl) }
                await storage.expectError(.invalidArgument) { try await storage.touch("k", ttlMillis: ttl) }
                await storage.expectError(.invalidArgument) { try await storage.increment("k", 1, ttlMillis: ttl) }
                await storage.expectError(.invalidArgument) { try await storage.multiPut([("k", "v")], ttlMillis: ttl) }
            }
            #expect(try await storage.text("k") == nil)
            try await storage.put("k", "v", ttlMillis: .max)
            storage.advance(byMilliseconds: 1 << 40)
            #expect(try await storage.text("k") == "v")
        }
    }

    @Test(arguments: Way.all) func aPutClearsTheExpiryAndAnIncrementKeepsIt(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            try await storage.put("k", "1", ttlMillis: 500)
            try await storage.increment("k", 1)
            #expect(try await storage.get("k").ttlMillis == 500)
            try await storage.increment("k", 1, ttlMillis: 900)
            #expect(try await storage.get("k").ttlMillis == 900)
            try await storage.put("k", "1")
            #expect(try await storage.get("k").ttlMillis == nil)
        }
    }

    @Test(arguments: Way.all) func touchSetsOrClearsTheExpiry(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.touch("k", ttlMillis: 10) == TouchResponse(found: false))
            try await storage.put("k", "v")
            #expect(
                try await storage.touch("k", ttlMillis: 10) == TouchResponse(found: true, durability: way.durability))
            let touched = try await storage.get("k")
            #expect(touched.ttlMillis == 10 && touched.value == ByteBuffer(string: "v"))
            try await storage.touch("k", ttlMillis: nil)
            storage.advance(byMilliseconds: 100)
            #expect(try await storage.text("k") == "v")
        }
    }

    @Test(arguments: Way.all) func incrementAddsToTheValueOrTheInitialOrZero(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            #expect(try await storage.increment("a", 5).value == 5)
            #expect(try await storage.increment("a", -7, initial: 100).value == -2)
            #expect(try await storage.increment("b", -7, initial: 100).value == 93)
            #expect(try await storage.text("a") == "-2")
            let answer = try await storage.increment("a", 2)
            #expect(answer.value == 0 && answer.durability == way.durability)
            #expect(try await storage.get("a").version == answer.version)
            #expect(try await storage.text("a") == "0")
        }
    }

    @Test(arguments: Way.all) func incrementRefusesWhatIsNoIntegerAndWhatOverflows(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            for value in ["", "-", "-0", "00", "01", "+1", "1.0", " 1", "1 ", "9223372036854775808", "x"] {
                try await storage.put("k", value)
                await storage.expectError(.notAnInteger) { try await storage.increment("k", 1) }
                #expect(try await storage.text("k") == value)
            }
            try await storage.put("k", "9223372036854775807")
            await storage.expectError(.invalidArgument) { try await storage.increment("k", 1) }
            try await storage.put("k", "-9223372036854775808")
            await storage.expectError(.invalidArgument) { try await storage.increment("k", -1) }
            #expect(try await storage.increment("k", .max).value == -1)
            await storage.expectError(.invalidArgument) { try await storage.increment("m", 1, initial: .max) }
            #expect(try await storage.text("m") == nil)
        }
    }

    @Test(arguments: Way.all) func durabilityIsReportedAndNeverPromisedBeyondTheEngine(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            for level: Durability in [.memory, .logged, .synced, .replicated] {
                if level.rawValue <= way.durability.rawValue {
                    #expect(try await storage.put("k", "v", durability: level).durability == level)
                } else {
                    await storage.expectError(.unsupported) { try await storage.put("k", "w", durability: level) }
                }
            }
            await storage.expectError(.invalidArgument) {
                try await storage.put("k", "w", durability: Durability(rawValue: 99))
            }
            await storage.expectError(.invalidArgument) {
                try await storage.put("k", "w", condition: Condition(rawValue: 99))
            }
            #expect(try await storage.text("k") == "v")
        }
    }

    @Test(arguments: Way.all) func atTheMemoryLimitWritesFailAndReadsAndRemovalsGoOn(_ way: Way) async throws {
        try await way.run(memoryLimitBytes: 4 << 20) { (storage) async throws in
            let value = String(repeating: "v", count: 10_000)
            var stored = 0
            do {
                while stored < 1_000 {
                    try await storage.put("k\(stored)", value)
                    stored += 1
                }
                Issue.record("10 MB went into 4 MiB")
            } catch let error as StorageError {
                #expect(error.code == .outOfMemory && error.effect == .notExecuted)
            }
            #expect(stored > 100)
            #expect(try await storage.text("k0") == value)
            for index in 0..<stored { #expect(try await storage.remove("k\(index)").removed) }
            try await storage.put("k", value)
        }
    }

    @Test(arguments: Way.all) func aNegativeBudgetIsRefusedAndABudgetCountsFromArrival(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            await storage.expectError(.invalidArgument) {
                try await storage.put("k", "v", context: RequestContext(timeoutMillis: -1))
            }
            await storage.expectError(.invalidArgument) {
                try await storage.multiGet(["k"], context: RequestContext(timeoutMillis: -1))
            }
            try await storage.put("k", "v", context: RequestContext(timeoutMillis: 0))
            let context = RequestContext(
                fromService: "feed", logID: "1", timeoutMillis: 1, baggage: ["a": "b", "c": ""])
            #expect(try await storage.multiGet(["k"], context: context).texts == ["v"])
        }
    }
}
