//! The items of one round that one node gets in one message, and the order in which their replies come.

internal import NIOCore
internal import Timing

final class ExchangeGroup {
    /// Some items in a row that are answered together.
    private struct Unit {
        /// Places in `items`.
        let places: Range<Int>
        /// Each of its commands follows an `ASKING`, which is answered, too.
        let isAsking: Bool
    }

    private let exchange: Exchange
    private let node: Node
    let items: [Int32]
    private var units: [Unit] = []
    private var unit = 0
    /// Replies of the unit that have come, those to `ASKING` included.
    private var unitReplies = 0
    private var gathered: [RESPValue] = []
    private var commands = CommandWriter()
    private var request: NodeRequest?

    /// - Parameter joins: Whether items of one slot in a row may be asked for by one command.
    init(
        _ exchange: Exchange, _ node: Node, _ items: [Int32], joins: Bool, isSource: Bool, replicas: Int,
        replicationTimeout: Duration
    ) {
        self.exchange = exchange
        self.node = node
        self.items = items
        let (what, slots) = (exchange.items, exchange.items.slots)
        var place = 0
        while place < items.count {
            let item = Int(items[place])
            var end = place + 1
            if joins, let encodeJoined = what.encodeJoined {
                while end < items.count, slots[Int(items[end])] == slots[item] { end += 1 }
                if end > place + 1 { encodeJoined(items[place..<end], &commands) }
            }
            let isAsking = exchange.isAsked(item)
            if end == place + 1 {
                commands.isAsking = isAsking
                what.encode(item, &commands, isSource)
                commands.isAsking = false
            }
            units.append(Unit(places: place..<end, isAsking: isAsking))
            place = end
        }
        if exchange.access == .replicatedWrite {
            // 0 would wait for ever.
            commands.command("WAIT", "\(replicas)", "\(max(Int(replicationTimeout / .milliseconds(1)), 1))")
        }
    }

    func send() {
        let request = NodeRequest(
            commands, receive: { self.received($0) }, failed: { self.exchange.failed(self, $0) })
        commands = CommandWriter()
        self.request = request
        node.send(request, waitsForReplicas: exchange.access == .replicatedWrite)
    }

    func cancel() {
        request?.cancel()
        request = nil
    }

    private func received(_ reply: RESPValue) {
        guard unit < units.count else {
            exchange.replicated(reply, by: node)
            return exchange.ended(self)
        }
        let current = units[unit]
        unitReplies += 1
        if current.isAsking, unitReplies % 2 == 1 { return }
        let wanted = current.places.count > 1 ? 1 : exchange.items.repliesPerItem
        var whole = reply
        if wanted > 1 {
            gathered.append(reply)
            guard gathered.count == wanted else { return }
            whole = .array(gathered)
            gathered = []
        }
        unit += 1
        unitReplies = 0
        if !settle(current.places, whole) { request?.distrust() }
        // Whoever was told may have cancelled everything.
        if unit == units.count, exchange.access != .replicatedWrite, request != nil { exchange.ended(self) }
    }

    /// - Returns: false if the reply is of no type that was expected.
    private func settle(_ places: Range<Int>, _ reply: RESPValue) -> Bool {
        if places.count == 1 { return exchange.answered(Int(items[places.lowerBound]), reply, by: node) }
        if case .error = reply {
            for place in places { _ = exchange.answered(Int(items[place]), reply, by: node) }
            return true
        }
        guard let replies = reply.array, replies.count == places.count else { return false }
        var isUnderstood = true
        for (place, reply) in zip(places, replies) {
            if !exchange.answered(Int(items[place]), reply, by: node, isJoined: true) { isUnderstood = false }
        }
        return isUnderstood
    }
}
