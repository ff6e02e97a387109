//! The server over six Redis processes under load, while a primary is killed, slots move, and all nodes are started again.
//! No wrong value may be read, every failure has a type, and writes go on without help. Acknowledged writes that are
//! lost are counted and printed by level, as Redis promises none of them: `memory` is one node's, `replicated` has
//! waited for a replica (`WAIT 1`), which may not be the one that is promoted.
//!
//! `TEST_SCALE=full` does it all five times.

import NIOCore
import NeedletailRPC
import NeedletailWire
import RedisProcesses
import StorageAPI
import Synchronization
import Testing

@testable import RedisEngine

@Suite(.enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .serialized, .timeLimit(.minutes(30)))
struct ClusterFaultTests {
    private static let levels: [StorageAPI.Durability] = [.memory, .replicated]
    private static let writersPerLevel = 4
    private static let keysPerWriter = 24
    /// All keys of the last writer of each level are in the slot that moves.
    private static let tag = "moves"

    private static func keys(_ level: StorageAPI.Durability, _ writer: Int) -> [String] {
        let name = "\(level).\(writer)"
        return (0..<keysPerWriter).map { writer == writersPerLevel - 1 ? "{\(tag)}\(name).\($0)" : "\(name).\($0)" }
    }

    private static func keys(_ level: StorageAPI.Durability) -> [String] {
        (0..<writersPerLevel).flatMap { keys(level, $0) }
    }

    /// Whether the load goes on.
    private final class Load: Sendable {
        private let isOn = Atomic(true)

        var goesOn: Bool { isOn.load(ordering: .relaxed) }

        func end() { isOn.store(false, ordering: .relaxed) }
    }

    @Test func nothingWrongIsReadAndWritesGoOnByThemselves() async throws {
        for _ in 0..<(TestScale.isFull ? 5 : 1) {
            let cluster = try RedisCluster(nodeTimeoutMillis: 1_000, isPersistent: true)
            try await ServedCluster.run(cluster) { client in
                let slot = Int(HashSlot.of(ByteBuffer(string: Self.tag)))
                try await self.underLoad(client, cluster, "a primary is killed") {
                    let primary = try #require(try cluster.primary(of: slot))
                    primary.kill()
                    try wait("another node serves its slots") { (try? cluster.primary(of: slot)) ?? nil != nil }
                    try primary.restart()
                    try cluster.waitUntilWhole()
                }
                try await self.underLoad(client, cluster, "a slot moves") {
                    let source = try #require(try cluster.primary(of: slot))
                    let target = try #require(try cluster.nodes.first { try $0 !== source && $0.isPrimary })
                    try cluster.migrate(slot: slot, from: source, to: target)
                }
                try await self.underLoad(client, cluster, "all nodes are started again") {
                    for node in cluster.nodes { node.kill() }
                    for node in cluster.nodes { try node.restart() }
                    try cluster.waitUntilWhole()
                }
            }
        }
    }

    /// Has writers and a reader at work while `fault` happens, waits until writes are taken again, and looks at what is left.
    private func underLoad(
        _ client: StorageClient, _ cluster: RedisCluster, _ name: String, _ fault: @Sendable () throws -> Void
    ) async throws {
        let load = Load()
        let histories = Dictionary(uniqueKeysWithValues: Self.levels.map { ($0, WriteHistory()) })
        // The numbers begin anew: what is there from before must not be taken for them.
        for level in Self.levels {
            _ = try await client.multiRemove(MultiRemoveRequest(keys: BinaryList(strings: Self.keys(level))))
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (level, history) in histories {
                for writer in 0..<Self.writersPerLevel {
                    tasks.addTask { await write(client, level, Self.keys(level, writer), history, load) }
                }
                tasks.addTask { try await read(client, Self.keys(level), history, load) }
            }
            for history in histories.values { try await until("writes are taken") { history.acknowledgedCount > 500 } }
            try fault()
            // Recovered: every key of every level is written.
            let marks = histories.mapValues(\.acknowledgedCount)
            for (level, history) in histories {
                let mark = marks[level] ?? 0
                try await until("writes are taken again") { history.acknowledgedCount > mark + 500 }
                try await until("every key is taken again") { await isWhole(client, level, cluster) }
            }
            load.end()
            try await tasks.waitForAll()
        }
        for (level, history) in histories.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let keys = Self.keys(level)
            let answer = try await client.read(BinaryList(strings: keys), timeoutMillis: 20_000)
            #expect(answer.complete)
            var lost = 0
            for (index, key) in keys.enumerated() {
                let value = answer.statusBytes[index] == Status.found ? answer.texts[index] : nil
                if let value { history.saw(key, value) }
                if history.isLost(key, value) { lost += 1 }
            }
            print(
                "\(name), \(level): \(history.acknowledgedCount) writes acknowledged, the last one lost of \(lost) of \(keys.count) keys; other ends: \(history.failures)"
            )
            #expect(history.wrong.isEmpty, "\(history.wrong.prefix(3))")
            #expect(history.failures.keys.allSatisfy { !$0.hasPrefix("untyped") })
        }
        #expect(try await client.ping() == "pong")
        #expect(cluster.nodes.allSatisfy { $0.isRunning })
    }

    private func write(
        _ client: StorageClient, _ level: StorageAPI.Durability, _ keys: [String], _ history: WriteHistory, _ load: Load
    ) async {
        while load.goesOn {
            for key in keys {
                let number = history.attempt(key)
                let request = PutRequest(
                    key: ByteBuffer(string: key), value: ByteBuffer(string: WriteHistory.value(key, number)),
                    durability: level, context: RequestContext(timeoutMillis: 500))
                do throws(CallFailure<StorageError>) {
                    let answer = try await client.put(request, options: CallOptions(timeout: .seconds(30)))
                    if answer.applied, answer.durability == level {
                        history.acknowledged(key, number)
                    } else {
                        history.failed("untyped: \(answer)")
                    }
                } catch {
                    switch error {
                    case .exception(let error)
                    where [.unavailable, .deadlineExceeded, .readOnly, .overloaded].contains(error.code):
                        history.failed("\(error.code) \(error.effect)")
                    default: history.failed("untyped: \(error)")
                    }
                }
            }
        }
    }

    private func read(
        _ client: StorageClient, _ keys: [String], _ history: WriteHistory, _ load: Load
    ) async throws {
        let list = BinaryList(strings: keys)
        while load.goesOn {
            let answer = try await client.read(list, timeoutMillis: 100)
            for (index, status) in answer.statusBytes.enumerated() {
                switch status {
                case Status.found: history.saw(keys[index], answer.texts[index])
                case Status.missing, Status.deadlineExceeded, Status.failed: break
                default: Issue.record("\(keys[index]) is \(status)")
                }
            }
        }
    }

    /// Whether writes of this level are taken wherever there are keys. (Their values are other keys'.)
    private func isWhole(
        _ client: StorageClient, _ level: StorageAPI.Durability, _ cluster: RedisCluster
    ) async -> Bool {
        let entries = (0..<100).map { Entry(key: ByteBuffer(string: "probe\($0)"), value: ByteBuffer(string: "p")) }
        let answer = try? await client.multiPut(
            MultiPutRequest(entries: entries, durability: level, context: RequestContext(timeoutMillis: 2_000)),
            options: CallOptions(timeout: .seconds(30)))
        return answer?.statusBytes.allSatisfy { $0 == Status.stored } ?? false
    }

    private func until(_ what: String, _ holds: () async -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(90)
        while await !holds() {
            guard ContinuousClock.now < end else {
                Issue.record("it did not come about that \(what)")
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
