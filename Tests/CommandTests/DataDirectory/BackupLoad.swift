//! Clients that write while a backup is taken: single keys in the order of their numbers, and atomic batches.

internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI

final class BackupLoad: Sendable {
    private static let lanes = 4
    static let batchKeys = ["a", "b", "c"]

    private let server: RunningServer
    private let isEnding = LockedBox(false)
    /// How many writes of each lane were acknowledged.
    private let acknowledged = LockedBox(Array(repeating: 0, count: lanes))

    init(_ server: RunningServer) { self.server = server }

    var counts: [Int] { acknowledged.value }

    /// The keys of one lane's write: one, or in every fourth those of a batch.
    static func keys(_ lane: Int, _ number: Int) -> [String] {
        let name = "lane-\(lane)-\(number)"
        return number % 4 == 3 ? batchKeys.map { "\(name)-\($0)" } : [name]
    }

    /// Writes until `end`.
    func run() async throws {
        try await withThrowingTaskGroup { group in
            for lane in 0..<Self.lanes { group.addTask { try await self.run(lane) } }
            try await group.waitForAll()
        }
    }

    func end() { isEnding.update { $0 = true } }

    private func run(_ lane: Int) async throws {
        let client = StorageClient(RPCClient(to: .tcp(host: "127.0.0.1", port: server.port)))
        var number = 0
        while !isEnding.value {
            let entries = Self.keys(lane, number).map {
                Entry(key: ByteBuffer(string: $0), value: ByteBuffer(string: "\(number)"))
            }
            _ = try await client.multiPut(MultiPutRequest(entries: entries, durability: .synced, atomic: true))
            number += 1
            acknowledged.update { [number] in $0[lane] = number }
        }
        await client.rpc.close()
    }
}
