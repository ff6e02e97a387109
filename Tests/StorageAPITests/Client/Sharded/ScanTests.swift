import NIOCore
import NeedletailRPC
import Testing

@testable import StorageAPI

@Suite struct ScanTests {
    /// All pages of a walk.
    private func walk(_ client: ShardedStorageClient, limit: Int32) async throws -> [ScanResponse] {
        var pages: [ScanResponse] = []
        var cursor: ByteBuffer?
        repeat {
            pages.append(try await client.scan(ScanRequest(cursor: cursor, limit: limit)))
            cursor = pages.last?.cursor
        } while cursor != nil && pages.count < 1_000
        return pages
    }

    @Test(arguments: [1, 3]) func aWalkMeetsTheKeysOfAllServers(serverCount: Int) async throws {
        try await TestServer.withSharded(Array(repeating: .working, count: serverCount)) { (client) async throws in
            let keys = (0..<200).map { "key:\($0)" }
            _ = try await client.multiPut(MultiPutRequest(entries: keys.map { Entry($0, $0) }))
            let pages = try await walk(client, limit: 30)
            #expect(Set(pages.flatMap(\.entries).map(\.key.text)) == Set(keys))
            #expect(pages.allSatisfy { $0.entries.count <= 30 })
        }
    }

    @Test func aWalkOverServersWithoutKeysEnds() async throws {
        try await TestServer.withSharded([.working, .working, .working]) { (client) async throws in
            #expect(try await walk(client, limit: 10).flatMap(\.entries).isEmpty)
        }
    }

    @Test(arguments: [
        "", "abc", "\u{0}\u{2}\u{0}", "\u{0}\u{3}\u{0}\u{0}", "\u{0}\u{2}\u{0}\u{2}", "\u{0}\u{2}\u{0}\u{1}nonsense",
    ])
    func aCursorThatIsNoneIsRefused(cursor: String) async throws {
        try await TestServer.withSharded([.working, .working]) { (client) async throws in
            await #expect {
                try await client.scan(ScanRequest(cursor: ByteBuffer(string: cursor)))
            } throws: {
                guard case .exception(let error) = $0 as? CallFailure<StorageError> else { return false }
                return error.code == .invalidArgument && error.effect == .notExecuted
            }
        }
    }

    @Test func aCursorComesBackAsItWas() {
        for place in [
            ScanPlace(server: 0, cursor: ByteBuffer(string: "abc")), ScanPlace(server: 65_534, cursor: nil),
        ] {
            #expect(ScanPlace(cursor: place.encoded(serverCount: 65_535), serverCount: 65_535) == place)
        }
        #expect(ScanPlace(cursor: nil, serverCount: 3) == ScanPlace(server: 0, cursor: nil))
    }
}
