import NIOCore
import NeedletailWire
import StorageAPI
import Testing

@testable import StorageServer

@Suite struct ManyKeysBehaviour {
    @Test(arguments: Way.all) func multiGetAnswersEveryPosition(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            for number in 0..<200 { try await storage.put("key\(number)", "value\(number)") }
            let names = (0..<500).map { "key\($0 * 3 % 250)" }
            let answer = try await storage.multiGet(names)
            #expect(answer.values.count == 500 && answer.versions == nil && answer.complete)
            for (index, name) in names.enumerated() {
                let number = index * 3 % 250
                #expect(answer.statusBytes[index] == (number < 200 ? Status.found : Status.missing), "\(name)")
                #expect(answer.texts[index] == (number < 200 ? "value\(number)" : ""), "\(name)")
            }
        }
    }

    @Test(arguments: Way.all) func anEmptyListIsAValidCall(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let read = try await storage.multiGet([])
            #expect(read.values.isEmpty && read.statuses.readableBytes == 0 && read.complete)
            #expect(try await storage.multiPut([]).statuses.readableBytes == 0)
            #expect(try await storage.multiPut([], atomic: true).statuses.readableBytes == 0)
            #expect(try await storage.multiRemove([]).removed == 0)
        }
    }

    @Test(arguments: Way.all) func versionsComeOnlyWhenAskedForAndAreZeroUnlessFound(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let version = try #require(try await storage.put("k", "v").version)
            let answer = try await storage.multiGet(["k", "missing", "k"], withVersions: true)
            #expect(answer.versions == [version, 0, version])
            #expect(try await storage.multiGet(["k"], withVersions: false).versions == nil)
        }
    }

    @Test(arguments: Way.all) func bothPoliciesAnswerAndAnotherIsRefused(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            try await storage.put("k", "v")
            for policy: ReadPolicy in [.cancel, .wait] {
                #expect(try await storage.multiGet(["k"], policy: policy).texts == ["v"])
            }
            await storage.expectError(.invalidArgument) {
                try await storage.multiGet(["k"], policy: ReadPolicy(rawValue: 3))
            }
        }
    }

    @Test(arguments: Way.all) func moreKeysThanAllowedRefuseTheWholeCall(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let most = (0..<10_000).map { "k\($0)" }
            #expect(try await storage.multiGet(most).statuses.readableBytes == 10_000)
            await storage.expectError(.invalidArgument) { try await storage.multiGet(most + ["k"]) }
            await storage.expectError(.invalidArgument) { try await storage.multiRemove(most + ["k"]) }
            await storage.expectError(.invalidArgument) { try await storage.multiPut((most + ["k"]).map { ($0, "v") }) }
            #expect(try await storage.text("k0") == nil)
        }
    }

    @Test(arguments: Way.all) func anAnswerStopsAtItsLimitAndSaysWhere(_ way: Way) async throws {
        var limits = ServiceLimits()
        limits.responseSizeMax = 100_000
        try await way.run(limits: limits) { (storage) async throws in
            for number in 0..<10 { try await storage.put("k\(number)", String(repeating: "v", count: 20_000)) }
            try await storage.put("small", "s")
            let answer = try await storage.multiGet((0..<10).map { "k\($0)" } + ["missing", "small"])
            #expect(answer.statusBytes.prefix(4).allSatisfy { $0 == Status.found })
            #expect(answer.statusBytes[4..<10].allSatisfy { $0 == Status.tooLarge })
            #expect(answer.statusBytes[10] == Status.missing)
            #expect(answer.values.totalByteCount <= 100_000 && !answer.complete)
            let page = try await storage.scan(limit: 100)
            #expect(page.cursor != nil && page.entries.count < 6)
            #expect(Set(try await storage.scanAll()).count == 11)
        }
    }

    @Test(arguments: Way.all) func multiPutAppliesInOrderAndTheLastWins(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let answer = try await storage.multiPut([("a", "1"), ("b", "2"), ("a", "3")])
            #expect(answer.statusBytes == [Status.stored, Status.stored, Status.stored])
            #expect(answer.durability == way.durability)
            #expect(try await storage.multiGet(["a", "b"]).texts == ["3", "2"])
            try await storage.multiPut([("a", "4")], ttlMillis: 50)
            #expect(try await storage.get("a").ttlMillis == 50)
        }
    }

    @Test(arguments: Way.all) func anAtomicMultiPutHasOneVersion(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let names = (0..<100).map { "k\($0)" }
            let answer = try await storage.multiPut(names.map { ($0, $0) }, atomic: true)
            #expect(answer.statusBytes.allSatisfy { $0 == Status.stored })
            let versions = try await storage.multiGet(names, withVersions: true).versions
            #expect(versions.map { Set($0).count } == 1)
            try await storage.multiPut(names.map { ($0, $0) })
            let single = try await storage.multiGet(names, withVersions: true).versions
            #expect(single.map { Set($0).count } == 100)
        }
    }

    @Test(arguments: Way.all) func anAtomicMultiPutIsAllOrNothingAtTheMemoryLimit(_ way: Way) async throws {
        try await way.run(memoryLimitBytes: 4 << 20) { (storage) async throws in
            let value = String(repeating: "v", count: 10_000)
            await storage.expectError(.outOfMemory) {
                try await storage.multiPut((0..<1_000).map { ("k\($0)", value) }, atomic: true)
            }
            #expect(try await storage.scanAll() == [])
            let partly = try await storage.multiPut((0..<1_000).map { ("k\($0)", value) })
            #expect(Set(partly.statusBytes) == [Status.stored, Status.failed])
            let found = try await storage.multiGet((0..<1_000).map { "k\($0)" }).statusBytes
            #expect(found.map { $0 == Status.found } == partly.statusBytes.map { $0 == Status.stored })
        }
    }

    @Test(arguments: Way.all) func multiRemoveCountsOnce(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            try await storage.multiPut([("a", "1"), ("b", "2"), ("c", "3")])
            let answer = try await storage.multiRemove(["a", "b", "a", "missing"])
            #expect(answer == MultiRemoveResponse(removed: 2, durability: way.durability))
            #expect(try await storage.scanAll() == ["c"])
        }
    }

    @Test(arguments: Way.all) func aScanMeetsEveryKeyThatStays(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let names = (0..<2_000).map { "key\($0)" }
            try await storage.multiPut(names.map { ($0, "v" + $0) })
            #expect(Set(try await storage.scanAll(limit: 77)) == Set(names))
            #expect(Set(try await storage.scanAll(prefix: "key19", limit: 10)).count == 111)
            #expect(try await storage.scanAll(prefix: "nothing") == [])
            var met: Set<String> = []
            var cursor: ByteBuffer?
            var round = 0
            repeat {
                let page = try await storage.scan(cursor: cursor, limit: 100)
                #expect(page.entries.count <= 100)
                for entry in page.entries { met.insert(String(buffer: entry.key)) }
                cursor = page.cursor
                // The table grows and shrinks under the scan.
                let others = (0..<500).map { "other\(round)-\($0)" }
                try await storage.multiPut(others.map { ($0, "o") })
                if round > 0 { _ = try await storage.multiRemove((0..<500).map { "other\(round - 1)-\($0)" }) }
                round += 1
            } while cursor != nil && round < 1_000
            #expect(met.isSuperset(of: names))
        }
    }

    @Test(arguments: Way.all) func aScanGivesValuesUnlessOnlyKeysAreAskedFor(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            let version = try await storage.put("k", "v").version
            let entry = try #require(try await storage.scan().entries.first)
            #expect(
                entry == ScannedEntry(key: ByteBuffer(string: "k"), value: ByteBuffer(string: "v"), version: version))
            #expect(try await storage.scan(keysOnly: true).entries.first?.value == nil)
        }
    }

    @Test(arguments: Way.all) func aScanRefusesLimitsAndCursorsThatAreNone(_ way: Way) async throws {
        try await way.run { (storage) async throws in
            for number in 0..<150 { try await storage.put("k\(number)", "v") }
            #expect(try await storage.scan().entries.count == 100)
            for limit: Int32 in [0, -1, 10_001] {
                await storage.expectError(.invalidArgument) { try await storage.scan(limit: limit) }
            }
            for cursor in ["", "x", String(repeating: "c", count: 100)] {
                await storage.expectError(.invalidArgument) {
                    try await storage.scan(cursor: ByteBuffer(string: cursor))
                }
            }
        }
    }
}
