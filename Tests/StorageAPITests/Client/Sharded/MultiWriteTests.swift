import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import Testing

@Suite struct MultiWriteTests {
    private static let generous = CallOptions(timeout: .seconds(30))
    private static let short = CallOptions(timeout: .seconds(5))

    private func entries(_ keys: [String]) -> MultiPutRequest {
        MultiPutRequest(entries: keys.map { Entry($0, "value of \($0)") })
    }

    private func keys(_ client: ShardedStorageClient, each count: Int = 1) -> [String] {
        client.servers.indices.flatMap { client.placement.keys(of: $0, count: count) }
    }

    private func storageError(_ error: any Error) -> StorageError? {
        if case .exception(let error) = error as? CallFailure<StorageError> { error } else { nil }
    }

    @Test(arguments: [1, 2, 5]) func entriesAreStoredAndRemovedWhereTheirKeysLie(serverCount: Int) async throws {
        try await TestServer.withSharded(Array(repeating: .working, count: serverCount)) { (client) async throws in
            let all = (0..<300).map { "key:\($0)" }.shuffled()
            let put = try await client.multiPut(entries(all + all.prefix(5)))
            #expect(put.allStatuses == Array(repeating: .stored, count: 305))
            #expect(put.durability == .memory)
            for key in all {
                let owner = client.servers[client.placement.server(of: ByteBuffer(string: key))]
                #expect(try await owner.get(GetRequest(key: ByteBuffer(string: key))).value?.text == "value of \(key)")
            }
            let request = MultiRemoveRequest(keys: BinaryList(strings: all + ["nobody"] + all.prefix(3)))
            let removed = try await client.multiRemove(request)
            #expect(removed.removed == 300)
            #expect(removed.durability == .memory)
            #expect(try await client.multiRemove(request) == MultiRemoveResponse(removed: 0))
        }
    }

    @Test func ofEqualKeysTheLastWins() async throws {
        try await TestServer.withSharded([.working, .working]) { (client) async throws in
            _ = try await client.multiPut(
                MultiPutRequest(entries: ["a", "b", "c", "d"].flatMap { [Entry($0, "1"), Entry($0, "2")] }))
            let answer = try await client.multiGet(MultiGetRequest(keys: ["a", "b", "c", "d"]))
            #expect(answer.texts == ["2", "2", "2", "2"])
        }
    }

    @Test func anAtomicBatchLiesOnOneServerOrIsRefused() async throws {
        let scripts = (0..<2).map { _ in ScriptedStorage(.works) }
        try await TestServer.withSharded(scripts.map { .scripted($0) }) { (client) async throws in
            var request = entries(keys(client))
            request.atomic = true
            await #expect {
                try await client.multiPut(request)
            } throws: { storageError($0)?.code == .unsupported && storageError($0)?.effect == .notExecuted }
            #expect(scripts.map(\.writeCount) == [0, 0])
            request.entries = client.placement.keys(of: 1, count: 4).map { Entry($0, "v") }
            #expect(try await client.multiPut(request).allStatuses == [.stored, .stored, .stored, .stored])
            #expect(scripts.map(\.writeCount) == [0, 1])
        }
    }

    @Test func entriesOfAServerThatFailedSaySo() async throws {
        let overloaded = ScriptedStorage(.throwing(.overloaded, .notExecuted))
        try await TestServer.withSharded([.gone, .working, .scripted(overloaded), .silent]) { (client) async throws in
            let answer = try await client.multiPut(entries(keys(client)), options: Self.short)
            #expect(answer.allStatuses == [.failed, .stored, .shed, .deadlineExceeded])
            #expect(answer.durability == .memory)
        }
    }

    @Test func whereNoServerStoresTheGravestFailureIsThrown() async throws {
        let refusing = ScriptedStorage(.throwing(.readOnly, .notExecuted))
        let unsure = ScriptedStorage(.throwing(.unavailable, .unknown))
        try await TestServer.withSharded([.scripted(refusing), .scripted(unsure)]) { (client) async throws in
            await #expect {
                try await client.multiPut(entries(keys(client)), options: Self.generous)
            } throws: { storageError($0)?.code == .unavailable && storageError($0)?.effect == .unknown }
            await #expect {
                try await client.multiPut(entries(client.placement.keys(of: 0, count: 2)), options: Self.generous)
            } throws: { storageError($0)?.code == .readOnly && storageError($0)?.effect == .notExecuted }
        }
    }

    @Test func aRemovalThatFailedOnSomeServersSaysWhatTheOthersDid() async throws {
        let failing = ScriptedStorage(.throwing(.readOnly, .notExecuted))
        try await TestServer.withSharded([.working, .scripted(failing)]) { (client) async throws in
            let all = keys(client, each: 2)
            _ = try await client.multiPut(entries(Array(all.prefix(2))))
            let request = MultiRemoveRequest(keys: BinaryList(strings: all))
            await #expect {
                try await client.multiRemove(request, options: Self.generous)
            } throws: {
                guard let error = storageError($0) else { return false }
                return error.code == .readOnly && error.effect == .unknown && error.message.contains("server 1")
                    && error.message.hasSuffix("the others have removed 2")
            }
            let only = MultiRemoveRequest(keys: BinaryList(strings: Array(all.suffix(2))))
            await #expect {
                try await client.multiRemove(only, options: Self.generous)
            } throws: { storageError($0)?.effect == .notExecuted }
        }
    }

    @Test(
        arguments: [
            (Durability.synced, Durability.logged, Durability.logged), (.synced, .synced, .synced), (.memory, nil, nil),
        ] as [(Durability?, Durability?, Durability?)])
    func theLowestDurabilityIsReportedAndNoneWhereOneIsNot(
        first: Durability?, second: Durability?, both: Durability?
    ) async throws {
        let scripts = [first, second].map { TestServer.scripted(ScriptedStorage(.reaches($0))) }
        try await TestServer.withSharded(scripts) { (client) async throws in
            let all = keys(client)
            #expect(try await client.multiPut(entries(all), options: Self.generous).durability == both)
            let removed = try await client.multiRemove(
                MultiRemoveRequest(keys: BinaryList(strings: all)), options: Self.generous)
            #expect(removed == MultiRemoveResponse(removed: 2, durability: both))
        }
    }

    @Test func aBadEntryRefusesTheCallBeforeAnyServerHasSeenIt() async throws {
        let scripts = (0..<2).map { _ in ScriptedStorage(.works) }
        try await TestServer.withSharded(scripts.map { .scripted($0) }) { (client) async throws in
            var request = entries(keys(client, each: 3))
            request.entries[4].ttlMillis = 0
            await #expect {
                try await client.multiPut(request)
            } throws: { storageError($0)?.code == .invalidArgument && storageError($0)?.effect == .notExecuted }
            await #expect {
                try await client.multiRemove(MultiRemoveRequest(keys: ["a", "b", "c", ""]))
            } throws: { storageError($0)?.code == .invalidArgument }
            #expect(scripts.map(\.writeCount) == [0, 0])
        }
    }
}
