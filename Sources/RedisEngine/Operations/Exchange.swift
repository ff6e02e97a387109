//! Commands on keys, sent to where the keys are, and again where they were refused.
//!
//! An exchange goes in rounds. In a round the items that have no result are grouped by node, each group leaves in one
//! message (`ExchangeGroup`), and when all groups have ended, what was refused for a reason that may pass goes into the
//! next round: at once after a redirection, else after a while that doubles. The number of rounds is bounded.
//!
//! An item that may have been executed is sent again only if it reads: a write whose connection broke is `interrupted`.
//!
//! A read from replicas may be sent to a second node when the first takes longer than it mostly does; what answers
//! first counts for each item, and the other message is cancelled when nothing of it is needed.
//!
//! Always true: `onReply` is called once for each item, then `onEnd` once; after `cancel` neither is.

internal import NIOCore
internal import StorageEngine
internal import Synchronization
internal import Timing

final class Exchange {
    enum Access {
        /// From where reads are configured to go.
        case read
        case readPrimary
        case write
        /// The write waits for replicas.
        case replicatedWrite

        var isWrite: Bool { self == .write || self == .replicatedWrite }
    }

    /// What each item is, and who hears of it.
    struct Items {
        /// For each item the slot of its key.
        var slots: [UInt16]
        /// Replies that each item gets.
        var repliesPerItem = 1
        /// Writes an item's commands. With `isSource` a script is sent itself, not its digest.
        var encode: (_ item: Int, _ commands: inout CommandWriter, _ isSource: Bool) -> Void
        /// Writes one command for several items of one slot, which is answered by an array; nil: there is no such
        /// command.
        var encodeJoined: ((_ items: ArraySlice<Int32>, _ commands: inout CommandWriter) -> Void)?
        /// An item's reply, those of several commands as an array. False if it is of no type that was expected.
        var onReply: (_ item: Int, _ reply: Result<RESPValue, EngineError>) -> Bool
    }

    private enum State: UInt8 {
        /// No result yet.
        case open
        /// Refused in this round: not executed.
        case refused
        case done
    }

    /// The first wait, and the longest.
    private static let delayFirst: Duration = .milliseconds(10)
    private static let delayMost: Duration = .milliseconds(200)
    /// Redirections in a row after which the nodes are given time to agree.
    private static let redirectionsAtOnce = 3
    /// Times that a node may refuse a connection before its items fail: by then the map would say who took its place.
    private static let refusalsMax = 3

    private let cluster: Cluster
    private let loop: RedisLoop
    let items: Items
    let access: Access
    private var onEnd: ((EngineError?) -> Void)?
    private var states: [State]
    private var missing: Int
    /// Where a node said that an item's key is, by item.
    private var asked: [Int: RedisEndpoint] = [:]
    private var groups: [ExchangeGroup] = []
    private var rounds = 0
    private var waits = 0
    private var refusals = 0
    private var mustWait = false
    private var isSending = false
    /// The node did not know a script.
    private var isSource = false
    private var failure = EngineError.unavailable(reason: "it was refused too often")
    /// Why what was done is not known to be kept.
    private var shortfall: EngineError?
    private var timer: LoopTimer?

    /// - Parameter onEnd: called when every item has its result; with a reason if what was written is not known to be
    ///   on as many replicas as it has to be.
    init(_ items: Items, _ access: Access, session: RedisSession, onEnd: @escaping (EngineError?) -> Void) {
        self.items = items
        self.access = access
        cluster = session.cluster
        loop = session.loop
        self.onEnd = onEnd
        missing = items.slots.count
        states = Array(repeating: .open, count: missing)
    }

    /// Begins. Results may come before it returns.
    func begin() {
        cluster.whenKnown { failure in
            if let failure { self.failure = failure }
            if self.missing == 0 || failure != nil { self.giveUp() } else { self.beginRound() }
        }
    }

    /// Ends without further results: what was not sent is not, what comes is dropped.
    func cancel() {
        onEnd = nil
        drop()
    }

    private func drop() {
        timer?.cancel()
        for group in groups { group.cancel() }
        groups = []
    }

    // MARK: Rounds

    private func beginRound() {
        guard onEnd != nil else { return }
        rounds += 1
        guard rounds <= loop.configuration.attemptsMax else { return giveUp() }
        mustWait = false
        var members: [(node: Node, items: [Int32])] = []
        let turn = cluster.nextTurn()
        for item in states.indices where states[item] != .done {
            states[item] = .open
            guard let node = target(of: item, turn: turn) else {
                states[item] = .refused
                failure = .unavailable(reason: "no node serves slot \(items.slots[item])")
                mustWait = true
                cluster.refresh()
                continue
            }
            // Keys of one node mostly come together.
            if members.last?.node === node {
                members[members.count - 1].items.append(Int32(truncatingIfNeeded: item))
            } else if let index = members.firstIndex(where: { $0.node === node }) {
                members[index].items.append(Int32(truncatingIfNeeded: item))
            } else {
                members.append((node, [Int32(truncatingIfNeeded: item)]))
            }
        }
        isSending = true
        for (node, items) in members { send(items, to: node) }
        isSending = false
        if access == .read, rounds == 1, members.count == 1 { prepareHedge(of: members[0].node, turn: turn) }
        endRoundIfDone()
    }

    private func target(of item: Int, turn: Int) -> Node? {
        if let endpoint = asked[item] { return cluster.node(at: endpoint) }
        let slot = items.slots[item]
        return access == .read ? cluster.reader(of: slot, turn: turn) : cluster.primary(of: slot)
    }

    private func send(_ items: [Int32], to node: Node) {
        let group = ExchangeGroup(
            self, node, items, joins: rounds == 1, isSource: isSource, replicas: loop.configuration.replicas,
            replicationTimeout: loop.configuration.replicationTimeout)
        groups.append(group)
        group.send()
    }

    /// Whether a node said that the item is there, though the slot is not its own.
    func isAsked(_ item: Int) -> Bool { asked[item] != nil }

    private func endRoundIfDone() {
        guard !isSending, onEnd != nil else { return }
        if missing == 0, access != .replicatedWrite || groups.isEmpty { return finish() }
        guard groups.isEmpty else { return }
        guard mustWait || rounds > Self.redirectionsAtOnce else { return beginRound() }
        guard rounds < loop.configuration.attemptsMax else { return giveUp() }
        let delay = min(Self.delayFirst * (1 << min(waits, 10)), Self.delayMost)
        waits += 1
        loop.figures.delays.wrappingAdd(1, ordering: .relaxed)
        timer = loop.schedule(after: delay) { self.beginRound() }
    }

    /// The items without a result fail for the last reason.
    private func giveUp() {
        guard onEnd != nil else { return }
        for item in states.indices where states[item] != .done { settle(item, .failure(failure)) }
        finish()
    }

    private func finish() {
        guard let onEnd else { return }
        self.onEnd = nil
        drop()
        onEnd(shortfall)
    }

    // MARK: From groups

    /// - Returns: false if the reply is of no type that was expected.
    @discardableResult
    private func settle(_ item: Int, _ reply: Result<RESPValue, EngineError>) -> Bool {
        guard onEnd != nil, states[item] != .done else { return true }
        states[item] = .done
        missing -= 1
        return items.onReply(item, reply)
    }

    /// A reply to an item.
    /// - Parameter isJoined: Whether it is a part of a reply to several items.
    /// - Returns: false if it is of no type that was expected.
    func answered(_ item: Int, _ reply: RESPValue, by node: Node, isJoined: Bool = false) -> Bool {
        let error = reply.error ?? (items.repliesPerItem > 1 ? reply.array?.lazy.compactMap(\.error).first : nil)
        if let error {
            refused(item, Refusal(error, from: node.endpoint))
            return true
        }
        let isTooLarge =
            items.repliesPerItem > 1 ? reply.array?.contains(where: \.isTooLarge) ?? false : reply.isTooLarge
        guard isTooLarge else { return settle(item, .success(reply)) }
        if isJoined {
            // It may fit into a reply of its own, in the next round.
            if states[item] != .done { states[item] = .refused }
        } else {
            let reason = "\(node.endpoint): a value has more than \(loop.configuration.replyBytesMax) bytes"
            settle(item, .failure(access.isWrite ? .interrupted(reason: reason) : .unsupported(reason)))
        }
        return true
    }

    private func refused(_ item: Int, _ refusal: Refusal) {
        guard states[item] != .done else { return }
        states[item] = .refused
        asked[item] = nil
        switch refusal {
        case .moved(let slot, let endpoint):
            loop.figures.redirections.wrappingAdd(1, ordering: .relaxed)
            cluster.moved(slot, to: endpoint)
        case .ask(let endpoint):
            loop.figures.redirections.wrappingAdd(1, ordering: .relaxed)
            asked[item] = endpoint
        case .wait(let reason, let mayHaveMoved):
            failure = reason
            mustWait = true
            if mayHaveMoved { cluster.refresh() }
        case .unknownScript: isSource = true
        case .final(let error): settle(item, .failure(error))
        }
    }

    /// The replicas that have what the group wrote, as its node counted them.
    func replicated(_ reply: RESPValue, by node: Node) {
        guard let count = reply.integer else {
            shortfall = .interrupted(reason: "\(node.endpoint): \(reply.error?.text ?? "no answer to WAIT")")
            return
        }
        let wanted = loop.configuration.replicas
        if count < wanted {
            shortfall = .interrupted(reason: "\(node.endpoint): \(count) of \(wanted) replicas have the write")
        }
    }

    /// A group has got its last reply.
    func ended(_ group: ExchangeGroup) {
        groups.removeAll { $0 === group }
        endRoundIfDone()
    }

    /// A group's replies do not come.
    func failed(_ group: ExchangeGroup, _ failure: RequestFailure) {
        groups.removeAll { $0 === group }
        let error = EngineError.unavailable(reason: failure.reason)
        switch failure {
        case .notSent(_, isFull: true): fail(group, error)
        case .notSent:
            refusals += 1
            if refusals >= Self.refusalsMax { fail(group, error) }
        case .broken(let reason) where access.isWrite:
            // Those that were refused were not executed.
            for item in group.items where states[Int(item)] == .open {
                settle(Int(item), .failure(.interrupted(reason: reason)))
            }
            if access == .replicatedWrite { shortfall = .interrupted(reason: reason) }
        case .broken: break
        }
        self.failure = error
        mustWait = true
        cluster.refresh()
        endRoundIfDone()
    }

    private func fail(_ group: ExchangeGroup, _ error: EngineError) {
        for item in group.items { settle(Int(item), .failure(error)) }
    }

    // MARK: Hedging

    private func prepareHedge(of node: Node, turn: Int) {
        guard loop.configuration.readFrom != .primary, !groups.isEmpty else { return }
        cluster.hedges.count()
        guard let p95 = node.latency.p95 else { return }
        let delay = max(.nanoseconds(p95), loop.configuration.hedgeDelayMin)
        timer = loop.schedule(after: delay) { self.hedge(besides: node, turn: turn) }
    }

    private func hedge(besides node: Node, turn: Int) {
        let open = states.indices.filter { states[$0] == .open }
        guard onEnd != nil, rounds == 1, let first = open.first,
            let other = cluster.reader(of: items.slots[first], turn: turn, besides: node), other !== node,
            cluster.hedges.take()
        else { return }
        loop.figures.hedges.wrappingAdd(1, ordering: .relaxed)
        send(open.map { Int32(truncatingIfNeeded: $0) }, to: other)
    }
}
