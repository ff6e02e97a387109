internal import NeedletailWire

/// The keys of one call, split by the servers that have them.
struct KeySplit: Sendable {
    /// What one server gets.
    struct Part: Sendable {
        let server: Int
        /// Where its keys stand in the call, in order.
        let positions: [Int]
    }

    /// In the order of the servers; a server without a key has none.
    let parts: [Part]

    init(_ keys: BinaryList, _ placement: KeyPlacement) {
        self.init(count: keys.count, placement.serverCount) { placement.server(of: keys[$0]) }
    }

    init(_ entries: [Entry], _ placement: KeyPlacement) {
        self.init(count: entries.count, placement.serverCount) { placement.server(of: entries[$0].key) }
    }

    private init(count: Int, _ serverCount: Int, server: (Int) -> Int) {
        guard serverCount > 1 else {
            parts = count == 0 ? [] : [Part(server: 0, positions: Array(0..<count))]
            return
        }
        var positions = [[Int]](repeating: [], count: serverCount)
        for position in 0..<count { positions[server(position)].append(position) }
        parts = positions.indices.filter { !positions[$0].isEmpty }.map { Part(server: $0, positions: positions[$0]) }
    }
}
