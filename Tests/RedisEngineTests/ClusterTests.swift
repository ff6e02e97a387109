//! What holds on a cluster of six real Redis processes, three primaries and their replicas: with all of them well, with
//! one that stands still, with one that is killed, while slots move, and when all of them are started again.

internal import NIOCore
internal import NeedletailWire
internal import RedisProcesses
internal import StorageEngine
internal import Synchronization
internal import Testing
internal import Timing

@testable internal import RedisEngine

@Suite(.enabled(if: RedisServer.isInstalled, "redis-server is not installed"), .serialized, .timeLimit(.minutes(4)))
struct ClusterTests {
    private func engine(
        _ cluster: RedisCluster, _ change: (inout RedisEngineConfiguration) -> Void = { _ in }
    ) async throws -> EngineUnderTest {
        try await EngineUnderTest(ports: cluster.nodes.prefix(2).map(\.port), change)
    }

    private static let keys = (0..<100).map { "key\($0)" }

    /// Which of the keys lie on the `index`th primary, as the cluster was made.
    private static func isOn(_ index: Int, _ key: String) -> Bool {
        let slot = Int(HashSlot.of(ByteBuffer(string: key)))
        return (16_384 * index / 3..<16_384 * (index + 1) / 3).contains(slot)
    }

    @Test func everyOperationFindsItsNode() async throws {
        let cluster = try RedisCluster()
        let engine = try await engine(cluster) { $0.replicas = 1 }
        let entries = (0..<500).map { ("key\($0)", "value\($0)") }
        #expect(try await engine.multiPut(entries).allSatisfy { $0 == .stored })
        let read = await engine.multiGet(entries.map(\.0) + ["none"])
        #expect(read.values == entries.map(\.1) + [""])
        #expect(read.statuses == entries.map { _ in .found } + [.missing])
        for index in 0..<20 {
            let (key, number) = ("one\(index)", "n\(index)")
            #expect(try await engine.put(key, "1", PutOptions(), .replicated).applied)
            #expect(try await engine.text(key) == "1")
            #expect(try await engine.swap(key, seen: "1", "2"))
            #expect(try await engine.increment(number, by: 2, initial: 40) == 42)
            #expect(try await engine.touch(key, expiry: .distantFuture))
            #expect(try await engine.remove(key))
            #expect(try await engine.remove(number))
        }
        #expect(Set(try await engine.scanAll(limit: 30)) == Set(entries.map(\.0)))
        let tagged = (0..<50).map { ("{tag}\($0)", "\($0)") }
        #expect(try await engine.multiPut(tagged, atomic: true).count == 50)
        #expect(await engine.multiGet(tagged.map(\.0)).values == tagged.map(\.1))
        await #expect(throws: EngineError.self) { try await engine.multiPut(entries, atomic: true) }
        #expect(try await engine.multiRemove(entries.map(\.0) + tagged.map(\.0)) == 550)
        let figures = engine.engine.figures.snapshot
        #expect(figures.redirections == 0 && figures.connectionFailures == 0)
        // One for data and one for writes that wait, to each primary.
        #expect(figures.openConnections <= 6)

        // Fewer replicas than have to have it: the write is there, and not known to be kept.
        let demanding = try await self.engine(cluster) {
            $0.replicas = 2
            $0.replicationTimeout = .milliseconds(50)
        }
        do {
            try await demanding.put("k", "v", PutOptions(), .replicated)
            Issue.record("a write was on two replicas where there is one")
        } catch {
            #expect(error.isInterruption)
        }
        #expect(try await engine.text("k") == "v")
        try await engine.close()
        try await demanding.close()
    }

    @Test func aFrozenNodeCostsItsOwnKeysAndNoneOfTheOthers() async throws {
        let cluster = try RedisCluster(nodeTimeoutMillis: 60_000)
        let engine = try await engine(cluster)
        let entries = Self.keys.map { ($0, "v" + $0) }
        #expect(try await engine.multiPut(entries).allSatisfy { $0 == .stored })
        for _ in 0..<20 { _ = await engine.multiGet(Self.keys) }
        let before = engine.engine.figures.snapshot

        try cluster.nodes[1].freeze()
        let frozen = Self.keys.map { Self.isOn(1, $0) }
        var times: [Double] = []
        // Reads that brought all keys of the other nodes.
        var complete = 0
        for _ in 0..<100 {
            let read = await engine.multiGet(Self.keys, milliseconds: 50)
            for (status, isFrozen) in zip(read.statuses, frozen) {
                #expect(status == .deadlineExceeded || status == .found && !isFrozen)
            }
            if !zip(read.statuses, frozen).contains(where: { $0 != .found && !$1 }) { complete += 1 }
            times.append(read.milliseconds)
        }
        times.sort()
        // On a quiet machine 100, and 55 ms at the 99th percentile; tests run beside others that take both cores.
        #expect(complete >= 80)
        #expect(times[50] < 100)
        // Only the frozen node's own connection was replaced, if any.
        #expect(engine.engine.figures.snapshot.openConnections >= before.openConnections - 1)
        cluster.nodes[1].resume()
        let read = await engine.multiGet(Self.keys)
        #expect(read.values == entries.map(\.1))
        try await engine.close()
    }

    @Test func aFailoverLosesNothingThatReplicasHaveAndNeedsNoHelp() async throws {
        let cluster = try RedisCluster(nodeTimeoutMillis: 1_000)
        let engine = try await engine(cluster) { $0.replicas = 1 }
        for key in Self.keys { try await engine.put(key, "v" + key, PutOptions(), .replicated) }
        cluster.nodes[0].kill()
        let end = ContinuousClock().now + .seconds(60)
        var read = await engine.multiGet(Self.keys, milliseconds: 500)
        while read.statuses.contains(where: { $0 != .found }), ContinuousClock().now < end {
            for (key, (status, value)) in zip(Self.keys, zip(read.statuses, read.values)) {
                // No wrong value, and the others are not touched.
                switch status {
                case .found: #expect(value == "v" + key)
                case .failed, .deadlineExceeded: break
                default: Issue.record("\(key) is \(status)")
                }
            }
            read = await engine.multiGet(Self.keys, milliseconds: 500)
        }
        #expect(read.values == Self.keys.map { "v" + $0 })
        for key in Self.keys { try await engine.put(key, "w") }
        // It comes back as a replica.
        try cluster.nodes[0].restart()
        try cluster.waitUntilWhole()
        #expect(await engine.multiGet(Self.keys).values == Self.keys.map { _ in "w" })
        try await engine.close()
    }

    @Test func slotsMoveUnderLoadWithoutAWrongValue() async throws {
        let cluster = try RedisCluster()
        let engine = try await engine(cluster)
        let keys = (0..<40).map { "{move}\($0)" }
        let slot = Int(HashSlot.of(ByteBuffer(string: "move")))
        _ = try await engine.multiPut(keys.map { ($0, "v" + $0) })
        let source = try #require(try cluster.primary(of: slot))
        let target = try #require(cluster.nodes.prefix(3).first { $0 !== source })

        let isMoving = Flag()
        let load = Task { () async throws -> Int in
            var reads = 0
            while isMoving.value || reads < 10 {
                let read = await engine.multiGet(keys)
                #expect(read.statuses.allSatisfy { $0 == .found }, "\(read.failure as Any)")
                #expect(read.values == keys.map { "v" + $0 })
                let count = try await engine.increment("{move}counter", by: 1)
                #expect(count == reads + 1)
                let isSwapped = try await engine.swap("{move}0", seen: "v{move}0", "v{move}0")
                #expect(isSwapped)
                reads += 1
            }
            return reads
        }
        try cluster.migrate(slot: slot, from: source, to: target)
        isMoving.clear()
        let reads = try await load.value
        #expect(try await engine.text("{move}counter") == "\(reads)")
        #expect(engine.engine.figures.snapshot.redirections > 0)
        #expect(Set(try await engine.scanAll(prefix: "{move}")) == Set(keys + ["{move}counter"]))
        try await engine.close()
    }

    @Test func allNodesAreStartedAgainUnderLoad() async throws {
        let cluster = try RedisCluster(nodeTimeoutMillis: 1_000)
        let engine = try await engine(cluster)
        _ = try await engine.multiPut(Self.keys.map { ($0, "v" + $0) })
        let isRestarting = Flag()
        let load = Task { () async throws -> Void in
            repeat {
                let read = await engine.multiGet(Self.keys, milliseconds: 50)
                for (key, (status, value)) in zip(Self.keys, zip(read.statuses, read.values)) where status == .found {
                    #expect(value == "v" + key || value == "w")
                }
                _ = try? await engine.put(Self.keys[0], "w")
            } while isRestarting.value
        }
        for node in cluster.nodes { node.kill() }
        for node in cluster.nodes { try node.restart() }
        try cluster.waitUntilWhole()
        isRestarting.clear()
        try await load.value
        let end = ContinuousClock().now + .seconds(30)
        var statuses: [KeyStatus] = []
        repeat {
            statuses = (try? await engine.multiPut(Self.keys.map { ($0, "x") })) ?? []
        } while (statuses.count != 100 || statuses.contains(.failed)) && ContinuousClock().now < end
        #expect(await engine.multiGet(Self.keys).values == Self.keys.map { _ in "x" })
        try await engine.close()
    }

    @Test func readsFromReplicasAreHedgedWhenOneStandsStill() async throws {
        let cluster = try RedisCluster(nodeTimeoutMillis: 60_000)
        let writer = try await engine(cluster) { $0.replicas = 1 }
        for key in Self.keys { try await writer.put(key, "v" + key, PutOptions(), .replicated) }
        try await writer.close()
        // Nodes tell of a replica once they have heard that it has something.
        try wait("all nodes tell of all replicas") {
            try cluster.nodes.allSatisfy { node in
                let slots = try node.command("CLUSTER", "SLOTS").split(whereSeparator: \.isNewline)
                return cluster.nodes.allSatisfy { slots.contains("\($0.port)") }
            }
        }
        let engine = try await engine(cluster) {
            $0.readFrom = .any
            $0.hedgeShare = 0.5
        }
        let keys = Self.keys.filter { Self.isOn(0, $0) }
        for _ in 0..<200 { _ = await engine.multiGet(keys) }
        // Before it is known that it stands still, a read that goes there is sent to the primary, too.
        try cluster.nodes[3].freeze()
        for _ in 0..<20 {
            let read = await engine.multiGet(keys, milliseconds: 5_000)
            #expect(read.values == keys.map { "v" + $0 })
        }
        #expect(engine.engine.figures.snapshot.hedges > 0)
        cluster.nodes[3].resume()
        try await engine.close()
    }
}

/// Set until it is cleared.
private final class Flag: Sendable {
    private let isSet = Atomic(true)

    var value: Bool { isSet.load(ordering: .relaxed) }

    func clear() { isSet.store(false, ordering: .relaxed) }
}
