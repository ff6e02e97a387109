//! Which nodes serve which slots, as one of them told it (`CLUSTER SLOTS`), or as it is without cluster mode (`ROLE`):
//! one shard that serves all of them.

internal import NIOCore

/// A primary and those that follow it.
struct Shard: Hashable {
    var primary: RedisEndpoint
    var replicas: [RedisEndpoint] = []
}

struct SlotMap: Hashable {
    /// The owner of a slot that nobody serves.
    private static let nobody = UInt16.max

    private(set) var shards: [Shard]
    /// For each slot the index of its shard.
    private var owners: [UInt16]
    /// No slots are told apart: everything is in one shard.
    let isStandalone: Bool

    init(standalone shard: Shard) {
        shards = [shard]
        owners = Array(repeating: 0, count: HashSlot.count)
        isStandalone = true
    }

    /// - Parameter source: who answered, which is named where the answer names no host.
    /// - Returns: nil if this is no answer to `CLUSTER SLOTS`, or one that knows no slot, or one twice: so there are no
    ///   more ranges than slots.
    init?(_ reply: RESPValue, from source: RedisEndpoint) {
        guard let ranges = reply.array, !ranges.isEmpty else { return nil }
        isStandalone = false
        owners = Array(repeating: Self.nobody, count: HashSlot.count)
        shards = []
        var indices: [RedisEndpoint: Int] = [:]
        for range in ranges {
            guard let fields = range.array, fields.count >= 3, let first = fields[0].integer,
                let last = fields[1].integer, first <= last, (0..<Int64(HashSlot.count)).contains(first),
                (0..<Int64(HashSlot.count)).contains(last)
            else { return nil }
            var nodes: [RedisEndpoint] = []
            for field in fields[2...] {
                guard let endpoint = Self.endpoint(field, from: source) else { return nil }
                nodes.append(endpoint)
            }
            let index = indices[nodes[0]] ?? shards.count
            if index == shards.count {
                indices[nodes[0]] = index
                shards.append(Shard(primary: nodes[0]))
            }
            shards[index].replicas = Array(nodes.dropFirst())
            for slot in Int(first)...Int(last) {
                guard owners[slot] == Self.nobody else { return nil }
                owners[slot] = UInt16(truncatingIfNeeded: index)
            }
        }
    }

    private static func endpoint(_ reply: RESPValue, from source: RedisEndpoint) -> RedisEndpoint? {
        guard let fields = reply.array, fields.count >= 2, let port = RedisEndpoint.port(fields[1].integer) else {
            return nil
        }
        let host = fields[0].text ?? ""
        return RedisEndpoint(host: host.isEmpty || host == "?" ? source.host : host, port: port)
    }

    /// The index of the shard that serves `slot`; nil if none does.
    func shard(of slot: UInt16) -> Int? {
        let owner = owners[Int(slot)]
        return owner == Self.nobody ? nil : Int(owner)
    }

    /// One slot is served by another primary, as a node said. Of more primaries than a map can name it knows nothing.
    mutating func move(_ slot: UInt16, to primary: RedisEndpoint) {
        guard !isStandalone, shards.count < Self.nobody else { return }
        let index = shards.firstIndex { $0.primary == primary } ?? shards.count
        if index == shards.count { shards.append(Shard(primary: primary)) }
        owners[Int(slot)] = UInt16(truncatingIfNeeded: index)
    }

    /// The slots that `shard` serves.
    func slots(of shard: Int) -> SlotSet {
        var slots = SlotSet()
        for slot in 0..<HashSlot.count where owners[slot] == shard { slots.insert(UInt16(slot)) }
        return slots
    }

    /// The first slot that is served and not in `done`; nil if there is none.
    func firstSlot(notIn done: SlotSet) -> UInt16? {
        (0..<UInt16(HashSlot.count)).first { owners[Int($0)] != Self.nobody && !done.contains($0) }
    }

    /// All nodes.
    var endpoints: Set<RedisEndpoint> { Set(shards.flatMap { [$0.primary] + $0.replicas }) }
}

extension RedisEndpoint {
    /// A port as a node named it; nil if it is none.
    fileprivate static func port(_ number: Int64?) -> Int? {
        number.flatMap { (1...65_535).contains($0) ? Int($0) : nil }
    }
}

extension Shard {
    /// The shard of a node without cluster mode, by its answer to `ROLE`; nil if that is none.
    init?(role reply: RESPValue, of source: RedisEndpoint) {
        guard let fields = reply.array, let role = fields.first?.text else { return nil }
        switch role {
        case "master":
            let replicas = (fields.count > 2 ? fields[2].array : nil) ?? []
            self.init(
                primary: source,
                replicas: replicas.compactMap { replica in
                    guard let parts = replica.array, parts.count >= 2, let host = parts[0].text,
                        let port = RedisEndpoint.port(parts[1].text.flatMap(Int64.init))
                    else { return nil }
                    return RedisEndpoint(host: host, port: port)
                })
        case "slave":
            guard fields.count >= 3, let host = fields[1].text, let port = RedisEndpoint.port(fields[2].integer) else {
                return nil
            }
            self.init(primary: RedisEndpoint(host: host, port: port), replicas: [source])
        default: return nil
        }
    }
}
