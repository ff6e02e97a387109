//! The code of `Client.md`, between `// snippet` and `// end`: `SnippetTests` runs it, `PageTests` compares.

import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI

enum SeveralServers {
    static func calls(_ targets: [RPCTarget]) async throws -> MultiGetResponse {
        // snippet
        let servers = targets.map { StorageClient(RPCClient(to: $0)) }
        let storage = ShardedStorageClient(servers) { server, failure in
            print("\(targets[server]) has no part in an answer: \(failure)")
        }

        let names = (1...100).map { "user:\($0)" }
        let entries = names.map { Entry(key: ByteBuffer(string: $0), value: ByteBuffer(string: "value of \($0)")) }
        let stored = try await storage.multiPut(MultiPutRequest(entries: entries))
        let failed = names.indices.filter { stored.status(at: $0) != .stored }
        print("\(names.count - failed.count) stored, \(failed.count) to be repeated")

        let answer = try await storage.multiGet(
            MultiGetRequest(keys: BinaryList(strings: names)), options: CallOptions(timeout: .milliseconds(500)))
        print(answer.complete ? "all are known" : "some are not")
        // end
        for server in servers { await server.rpc.close() }
        return answer
    }

    static func walk(_ storage: ShardedStorageClient) async throws -> Int {
        // snippet
        var count = 0
        var cursor: ByteBuffer?
        repeat {
            let page = try await storage.scan(
                ScanRequest(cursor: cursor, prefix: ByteBuffer(string: "user:"), limit: 1_000, keysOnly: true))
            count += page.entries.count
            cursor = page.cursor
        } while cursor != nil
        // end
        return count
    }
}
