//! The nodes as one event loop sees them, and which of them serves which slot.
//!
//! The map is read from any node that tells it: before the first call, once in a while, and whenever something says
//! that it may have changed (a redirection, a refusal, a connection that broke); one reading at a time, and not more
//! often than every 100 ms.
//!
//! Always true: `members` are the nodes of `map`'s shards, in its order; a node that is no longer in the map is kept
//! while it has something to do.

internal import StorageEngine
internal import Synchronization
internal import Timing

final class Cluster {
    /// The nodes of one shard.
    private struct Members {
        let primary: Node
        let replicas: [Node]
    }

    /// Between two readings of the map.
    private static let refreshGap: Duration = .milliseconds(100)
    /// A node that owes an answer for so long is read from only where there is no other.
    private static let silenceMax: Duration = .milliseconds(100)

    private let loop: RedisLoop
    private var nodes: [RedisEndpoint: Node] = [:]
    private(set) var map: SlotMap?
    private var members: [Members] = []
    private var waiters: [(EngineError?) -> Void] = []
    private var reading: TopologyReading?
    private var lastReading: MonotonicTime?
    private var refreshTimer: LoopTimer?
    private var intervalTimer: LoopTimer?
    private var isClosed = false
    /// Counts reads, for taking turns among nodes.
    private var turn = 0
    var hedges: ShareBudget

    init(_ loop: RedisLoop) {
        self.loop = loop
        hedges = ShareBudget(share: loop.configuration.hedgeShare)
    }

    var isStandalone: Bool { map?.isStandalone ?? false }

    // MARK: Nodes

    /// The node at `endpoint`, which may be a new one.
    func node(at endpoint: RedisEndpoint) -> Node {
        if let node = nodes[endpoint] { return node }
        let node = Node(endpoint, loop) { [weak self] in self?.refresh() }
        nodes[endpoint] = node
        return node
    }

    /// Requests that wait or are not answered, to all nodes.
    var load: Int { nodes.values.reduce(0) { $0 + $1.load } }

    /// The node that takes writes for `slot`; nil if the map knows none.
    func primary(of slot: UInt16) -> Node? { map?.shard(of: slot).map { members[$0].primary } }

    func primary(ofShard shard: Int) -> Node { members[shard].primary }

    /// A number that is the same for the keys of one read, so that those of one shard go to one node.
    func nextTurn() -> Int {
        turn &+= 1
        return turn
    }

    /// The node to read `slot` from, in this turn, and not from `used`; nil if there is none.
    func reader(of slot: UInt16, turn: Int, besides used: Node? = nil) -> Node? {
        guard let shard = map?.shard(of: slot) else { return nil }
        let members = members[shard]
        let sources =
            switch loop.configuration.readFrom {
            case .primary: [members.primary]
            case .replica: members.replicas
            case .any: members.replicas + [members.primary]
            }
        let candidates = sources.filter { $0 !== used }
        let answering = candidates.filter { !$0.isRefused && !isSilent($0) }
        if !answering.isEmpty { return answering[(turn & .max) % answering.count] }
        if members.primary !== used { return members.primary }
        return candidates.first
    }

    private func isSilent(_ node: Node) -> Bool {
        node.silentSince.map { $0.advanced(by: Self.silenceMax) <= loop.now } ?? false
    }

    /// The places of `slots` by the shard that serves them, those that nobody serves last.
    func group(_ slots: [UInt16]) -> [[Int32]] {
        guard let map else { return [] }
        var groups = [[Int32]](repeating: [], count: map.shards.count + 1)
        for (place, slot) in slots.enumerated() {
            groups[map.shard(of: slot) ?? map.shards.count].append(Int32(truncatingIfNeeded: place))
        }
        return groups.filter { !$0.isEmpty }
    }

    // MARK: The map

    /// Calls `body` when there is a map, or with the reason why there is none; at once, if there is one. Every
    /// operation begins here.
    func whenKnown(_ body: @escaping (EngineError?) -> Void) {
        loop.readClock()
        if map != nil || isClosed { return body(isClosed ? .unavailable(reason: "the session was closed") : nil) }
        waiters.append(body)
        read()
    }

    /// The slot is served elsewhere, as a node said.
    func moved(_ slot: UInt16, to endpoint: RedisEndpoint) {
        guard let old = map, !old.isStandalone else { return refresh() }
        if let shard = old.shard(of: slot), old.shards[shard].primary == endpoint { return }
        map?.move(slot, to: endpoint)
        updateMembers()
        refresh()
    }

    /// Reads the map again, soon.
    func refresh() {
        guard map != nil, refreshTimer == nil, !isClosed else { return }
        let now = loop.readClock()
        guard reading == nil, let earliest = lastReading?.advanced(by: Self.refreshGap), now < earliest else {
            if reading == nil { return read() }
            return
        }
        refreshTimer = loop.schedule(after: .nanoseconds(earliest.nanoseconds(since: now))) { [weak self] in
            self?.refreshTimer = nil
            self?.read()
        }
    }

    private func read() {
        guard reading == nil, !isClosed else { return }
        lastReading = loop.now
        let reading = TopologyReading(candidates(), loop) { [weak self] result in self?.didRead(result) }
        self.reading = reading
        reading.begin()
    }

    /// Whom to ask: those that answer first, then those that were configured, then all others.
    private func candidates() -> [Node] {
        let known = (map?.endpoints ?? []).subtracting(loop.configuration.endpoints).map { node(at: $0) }
        let all = loop.configuration.endpoints.map { node(at: $0) } + known
        // They take turns, so that a node that is wrong is not the only one that is asked.
        let start = all.isEmpty ? 0 : nextTurn() % all.count
        let turned = map == nil ? all : Array(all[start...] + all[..<start])
        let isBad = { (node: Node) in node.isRefused || self.isSilent(node) }
        return turned.filter { !isBad($0) } + turned.filter(isBad)
    }

    private func didRead(_ result: Result<SlotMap, EngineError>) {
        reading = nil
        switch result {
        case .success(let map):
            loop.figures.topologies.wrappingAdd(1, ordering: .relaxed)
            if map != self.map {
                self.map = map
                updateMembers()
            }
            closeStrangers(map)
            scheduleNext()
            tellWaiters(nil)
        case .failure(let error):
            if map != nil { scheduleNext() }
            tellWaiters(error)
        }
    }

    private func tellWaiters(_ error: EngineError?) {
        let waiters = waiters
        self.waiters = []
        for body in waiters { body(error) }
    }

    private func updateMembers() {
        members = (map?.shards ?? []).map { shard in
            Members(primary: node(at: shard.primary), replicas: shard.replicas.map { node(at: $0) })
        }
    }

    private func closeStrangers(_ map: SlotMap) {
        let known = map.endpoints.union(loop.configuration.endpoints)
        for (endpoint, node) in nodes where !known.contains(endpoint) && node.load == 0 {
            nodes[endpoint] = nil
            node.close()
        }
    }

    private func scheduleNext() {
        intervalTimer?.cancel()
        guard !isClosed else { return }
        intervalTimer = loop.schedule(after: loop.configuration.topologyInterval) { [weak self] in self?.refresh() }
    }

    func close() {
        isClosed = true
        refreshTimer?.cancel()
        intervalTimer?.cancel()
        reading?.cancel()
        for node in nodes.values { node.close() }
        nodes = [:]
        tellWaiters(.unavailable(reason: "the session was closed"))
    }
}
