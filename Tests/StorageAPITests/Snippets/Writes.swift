//! The code of `Client.md`, between `// snippet` and `// end`: `SnippetTests` runs it, `PageTests` compares.

import NIOCore
import NeedletailRPC
import StorageAPI

enum Writes {
    static func increment(_ storage: StorageClient, _ key: ByteBuffer) async -> String {
        var line = ""
        // snippet
        do {
            let sum = try await storage.increment(IncrementRequest(key: key, delta: 1))
            line = "now \(sum.value)"
        } catch .exception(let error) where error.code == .notAnInteger {
            line = "no number: \(error.message)"
        } catch {
            switch error.effect {
            case .notExecuted: line = "not added, may be repeated after \(error.retryAfter ?? .milliseconds(20))"
            case .executed: line = "added, but the sum is not known"
            case .unknown, .unrecognized: line = "perhaps added: \(error)"
            }
        }
        // end
        return line
    }

    static func compareAndSet(_ storage: StorageClient, _ key: ByteBuffer) async throws -> Bool {
        // snippet
        let current = try await storage.get(GetRequest(key: key))
        let changed = try await storage.put(
            PutRequest(
                key: key, value: ByteBuffer(string: "Ada Lovelace"), ifVersion: current.version ?? 0,
                durability: .memory))
        print(changed.applied ? "changed" : "somebody else was faster")
        // end
        return changed.applied
    }
}
