//! A Redis cluster of several processes on this machine.

internal import Foundation

/// Primaries that share the slots evenly, and their replicas.
public final class RedisCluster: Sendable {
    private static let slotCount = 16_384

    /// Those that were primaries in the beginning, then their replicas, in the same order.
    public let nodes: [RedisServer]
    public let primaryCount: Int

    /// Returns once every node says that the cluster is whole, and replicas follow their primaries.
    /// - Parameters:
    ///   - nodeTimeoutMillis: After which silence a node is taken for dead.
    ///   - isPersistent: Nodes write what they acknowledge to files, and find it there when they are started again.
    public init(
        primaries: Int = 3, replicas: Int = 3, nodeTimeoutMillis: Int = 2_000, isPersistent: Bool = false
    ) throws {
        primaryCount = primaries
        nodes = try (0..<primaries + replicas).map { _ in
            try RedisServer([
                "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout",
                "\(nodeTimeoutMillis)", "--cluster-port", "\(try freePort())", "--repl-diskless-sync-delay", "0",
                "--appendonly", isPersistent ? "yes" : "no",
            ])
        }
        for (index, node) in nodes.enumerated() {
            try node.command("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
            if index < primaries {
                let first = Self.slotCount * index / primaries
                let last = Self.slotCount * (index + 1) / primaries - 1
                try node.command("CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(last)")
            }
        }
        let bus = try nodes[0].command("CONFIG", "GET", "cluster-port").split(whereSeparator: \.isNewline)
        var nextMeeting = Date()
        try wait("all nodes know each other") {
            // On a busy machine a handshake may take longer than the nodes' timeout; then they give it up.
            if Date() >= nextMeeting {
                for node in nodes.dropFirst() {
                    try node.command("CLUSTER", "MEET", "127.0.0.1", "\(nodes[0].port)", String(bus.last ?? "0"))
                }
                nextMeeting = Date(timeIntervalSinceNow: 3)
            }
            return try nodes.allSatisfy {
                try $0.field("cluster_known_nodes", of: "CLUSTER", "INFO") == "\(nodes.count)"
            }
        }
        for index in primaries..<nodes.count {
            let primary = try nodes[(index - primaries) % primaries].identity
            try wait("a node becomes a replica") {
                try nodes[index].command("CLUSTER", "REPLICATE", primary) == "OK"
            }
        }
        try waitUntilWhole()
    }

    /// Waits until all running nodes say that every slot is served and who follows whom, and replicas follow.
    public func waitUntilWhole() throws {
        let running = nodes.filter(\.isRunning)
        try wait("the cluster is whole") {
            // A node that is just starting answers nothing.
            running.allSatisfy { (try? isWhole($0)) ?? false }
        }
    }

    private func isWhole(_ node: RedisServer) throws -> Bool {
        let replicas = try node.command("CLUSTER", "NODES").split(whereSeparator: \.isNewline)
            .filter { $0.contains("slave ") && !$0.contains("fail") }
        return try node.field("cluster_state", of: "CLUSTER", "INFO") == "ok"
            && replicas.count == nodes.filter(\.isRunning).count - primaryCount
            && (node.isPrimary || node.field("master_link_status", of: "INFO", "replication") == "up")
    }

    /// The node that serves `slot` now.
    public func primary(of slot: Int) throws -> RedisServer? {
        for node in nodes where node.isRunning {
            let lines = try node.command("CLUSTER", "NODES").split(whereSeparator: \.isNewline)
            guard let own = lines.first(where: { $0.contains("myself,master") }) else { continue }
            for word in own.split(separator: " ").dropFirst(8) where !word.hasPrefix("[") {
                let bounds = word.split(separator: "-").compactMap { Int($0) }
                if let first = bounds.first, let last = bounds.last, (first...last).contains(slot) { return node }
            }
        }
        return nil
    }

    /// Gives `slot` from one primary to another while clients use it: `during` is called when it is on its way, before
    /// its keys are moved, and again when half of them were.
    public func migrate(
        slot: Int, from source: RedisServer, to target: RedisServer, during: () throws -> Void = {}
    ) throws {
        let (sourceID, targetID) = (try source.identity, try target.identity)
        try target.command("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", sourceID)
        try source.command("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", targetID)
        try during()
        let count = Int(try source.command("CLUSTER", "COUNTKEYSINSLOT", "\(slot)")) ?? 0
        for index in 0..<count {
            if index == count / 2 { try during() }
            let key = try source.command("CLUSTER", "GETKEYSINSLOT", "\(slot)", "1")
            try source.command("MIGRATE", "127.0.0.1", "\(target.port)", key, "0", "5000")
        }
        for node in [target, source] + nodes.filter({ $0 !== source && $0 !== target && $0.isRunning }) {
            // Replicas hear of it from their primaries.
            if try node.isPrimary { try node.command("CLUSTER", "SETSLOT", "\(slot)", "NODE", targetID) }
        }
    }
}

extension RedisServer {
    /// The node's id in its cluster.
    public var identity: String { get throws { try command("CLUSTER", "MYID") } }

    /// Whether it takes writes, and follows nobody.
    public var isPrimary: Bool { get throws { try field("role", of: "INFO", "replication") == "master" } }
}
