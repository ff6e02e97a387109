//! The code of `Client.md`, between `// snippet` and `// end`: `SnippetTests` runs it, `PageTests` compares.

import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI

enum FirstCalls {
    static func first(_ target: RPCTarget) async throws {
        // snippet
        let connection = try await RPCClient.connect(to: target)
        let storage = StorageClient(connection)

        let key = ByteBuffer(string: "user:1")
        let stored = try await storage.put(PutRequest(key: key, value: ByteBuffer(string: "Ada"), ttlMillis: 60_000))
        print("stored as version \(stored.version ?? 0), durability \(stored.durability ?? .memory)")

        let found = try await storage.get(GetRequest(key: key))
        print(found.value.map { String(buffer: $0) } ?? "nobody")

        await connection.close()
        // end
    }

    static func options(_ connection: RPCClient, _ key: ByteBuffer) async throws -> GetResponse {
        // snippet
        let storage = StorageClient(connection, options: CallOptions(timeout: .milliseconds(500)))
        let answer = try await storage.get(GetRequest(key: key), options: CallOptions(timeout: .seconds(2)))
        // end
        return answer
    }

    static func partial(_ storage: StorageClient, _ names: [String]) async throws -> [String] {
        // snippet
        let request = MultiGetRequest(keys: BinaryList(strings: names), policy: .cancel)
        let answer = try await storage.multiGet(request, options: CallOptions(timeout: .milliseconds(500)))
        var again: [String] = []
        for (index, name) in names.enumerated() {
            switch answer.status(at: index) {
            case .found: print(name, answer.values.byteCount(at: index))
            case .missing: print(name, "is missing")
            default: again.append(name)
            }
        }
        print(answer.complete ? "complete" : "to ask for again: \(again)")
        // end
        return again
    }

    static func cancelled(_ storage: StorageClient, _ key: ByteBuffer) async {
        // snippet
        let read = Task { try await storage.get(GetRequest(key: key)) }
        read.cancel()
        // end
        _ = await read.result
    }

    static func metadata(_ connection: RPCClient) -> StorageClient {
        // snippet
        let metadata = CallMetadata(
            fromService: "orders", fromCluster: "blue", toService: "storage", logID: "20261121-4711",
            baggage: ["tenant": "acme"])
        let storage = StorageClient(connection, options: CallOptions(metadata: metadata))
        // end
        return storage
    }
}
