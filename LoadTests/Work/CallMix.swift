//! What the calls of a run are: one kind, or several by weight.

/// Kinds of calls, and how often each is made.
struct CallMix: Sendable, Hashable {
    /// One kind of call.
    struct Part: Sendable, Hashable {
        /// As tables name it. Parts of the same title are counted together.
        var title: String
        var shape: CallShape
        /// How often it is made, in proportion to the others. In a closed loop the parts that have connections of their
        /// own are made as fast as those allow.
        var weight = 1.0
        var order = KeyChooser.Order.uniform
        /// Whether only the first key of a call is drawn, and the others are the entries after it.
        var isRange = false
        /// Whether each call stores an entry that was not there.
        var isInsert = false
        /// A call about the same key that follows when the first is answered. The two are one: counted once, from when
        /// the first was due to the answer of the second.
        var continuation: CallShape?
        /// What the keys are drawn from, where it is not what the session loads.
        var entries: KeySpace?
        /// Whether it has connections of its own.
        var isApart = false
    }

    /// As a line names all of it.
    var title: String
    private(set) var parts: [Part]

    /// Where entries are removed, any of them may be missing.
    init(_ title: String, _ parts: [Part]) {
        precondition(!parts.isEmpty, "a mix has a part")
        self.title = title
        self.parts = parts
        guard parts.contains(where: { $0.shape.operation == .remove }) else { return }
        for index in parts.indices where parts[index].entries == nil { self.parts[index].shape.mayMiss = true }
    }

    /// One kind of call.
    init(_ shape: CallShape, _ order: KeyChooser.Order = .uniform) {
        self.init(shape.title, [Part(title: shape.title, shape: shape, order: order)])
    }

    /// The shape of all calls, where they are of one.
    var onlyShape: CallShape? { parts.count == 1 && parts[0].continuation == nil ? parts[0].shape : nil }

    /// The titles of the parts, each once.
    var titles: [String] {
        parts.reduce(into: []) { if !$0.contains($1.title) { $0.append($1.title) } }
    }

    /// What draws keys, as a line says it.
    var orderTitle: String {
        parts.reduce(into: [String]()) { if !$0.contains($1.order.title) { $0.append($1.order.title) } }
            .joined(separator: " and ")
    }

    /// The budget that requests name, where some do.
    var timeoutMillis: Int32? { parts.lazy.compactMap(\.shape.timeoutMillis).first }

    /// The same calls without budgets.
    var withoutBudgets: CallMix {
        var copy = self
        for index in copy.parts.indices { copy.parts[index].shape.timeoutMillis = nil }
        return copy
    }

    /// These calls, and gets of large values besides, on connections of their own.
    /// - Parameter perCall: how many of those are made for each of the others.
    func with(_ large: LargeValues, perCall: Double) -> CallMix {
        let weight = parts.reduce(0) { $0 + $1.weight } * perCall
        return CallMix("\(title) and \(large.title)", parts + [large.part(weight: weight)])
    }
}

extension KeyChooser.Order {
    /// As a line names it.
    var title: String {
        switch self {
        case .uniform: "uniform random"
        case .zipf: "Zipf \(short(ZipfRanks.exponent))"
        case .latest: "Zipf \(short(ZipfRanks.exponent)) over the latest"
        case .sequential: "in order"
        }
    }
}

/// Few entries with large values, which disturb calls for others.
struct LargeValues: Sendable, Hashable {
    /// Below what the service takes by default (`limits.maxValueSize`, 16 MiB).
    static let sizes = 8...16_000_000
    /// Entries: more than a core's cache holds, and no burden on memory.
    private static let count = 4
    /// Connections that ask for nothing else.
    static let connections = 2

    var size = 10_000_000

    var entries: KeySpace { KeySpace(count: Self.count, keySize: 16, valueSize: size, name: "big:") }

    var title: String { "get of \(grouped(size)) bytes" }

    func part(weight: Double) -> CallMix.Part {
        CallMix.Part(title: title, shape: .get, weight: weight, entries: entries, isApart: true)
    }
}
