//! A kind of call as a run makes it: what is sent, how answers are read, and where they are counted.

struct CallKind<Driver: LoadDriver>: Sendable {
    let shape: CallShape
    let entries: KeySpace
    let driver: Driver
    /// Where its requests are among all templates of the run: one, or one for each class of sizes.
    let templates: Range<Int>
    /// Where the run counts it, in `RunFigures.operations`.
    let operation: Int
    /// The kind of call that follows on an answer.
    var continuation: Int?
    let isInsert: Bool
    let isApart: Bool

    /// - Parameters:
    ///   - shape: the part's, or its continuation's.
    ///   - templates: gets the kind's at its end.
    fileprivate init(
        _ shape: CallShape, _ part: CallMix.Part, _ entries: KeySpace, operation: Int,
        _ templates: inout [RequestTemplate]
    ) {
        self.shape = shape
        self.entries = entries
        self.operation = operation
        isInsert = part.isInsert
        isApart = part.isApart
        driver = Driver(shape, entries)
        let first = templates.count
        if let sizes = entries.sizes {
            // The size of a call of many keys depends on all of them, and there is no template for each.
            precondition(shape.keysPerCall == 1 || entries.hasOneKeySize && !shape.operation.writesValues)
            let classes = shape.keysPerCall == 1 ? sizes.classes[...] : sizes.classes.prefix(1)
            templates += classes.map { Driver(shape, entries.sized($0)).template }
        } else {
            templates.append(driver.template)
        }
        self.templates = first..<templates.count
    }
}

/// All kinds of a mix: its parts in their order, then what continues them.
struct CallKinds<Driver: LoadDriver>: Sendable {
    private(set) var kinds: [CallKind<Driver>] = []
    /// By kind: what draws its keys.
    private(set) var choosers: [KeyChooser] = []
    private(set) var templates: [RequestTemplate] = []

    init(_ mix: CallMix, _ keys: KeySpace, seed: UInt64) {
        let titles = mix.titles
        for (index, part) in mix.parts.enumerated() {
            let entries = part.entries ?? keys
            let operation = titles.firstIndex(of: part.title) ?? 0
            kinds.append(CallKind(part.shape, part, entries, operation: operation, &templates))
            let order: KeyChooser.Order = part.isInsert ? .sequential : part.order
            choosers.append(
                KeyChooser(
                    order, seed: order == .sequential ? 0 : seed &+ UInt64(index),
                    count: part.isInsert ? Int(UInt32.max) : entries.count,
                    runLength: part.isRange ? part.shape.keysPerCall : 1))
        }
        for (index, part) in mix.parts.enumerated() {
            guard let shape = part.continuation else { continue }
            kinds[index].continuation = kinds.count
            kinds.append(
                CallKind(shape, part, kinds[index].entries, operation: kinds[index].operation, &templates))
            choosers.append(choosers[index])
        }
    }
}

/// Draws kinds of calls by their weights.
struct KindChooser: Sendable {
    /// Up to which draw each kind is chosen, and its index; rising.
    private var bounds: [(end: UInt64, kind: Int)] = []

    /// - Parameter includes: which of the mix' parts take part.
    init(_ mix: CallMix, _ includes: (CallMix.Part) -> Bool) {
        let parts = mix.parts.enumerated().filter { includes($0.element) && $0.element.weight > 0 }
        let sum = parts.reduce(0) { $0 + $1.element.weight }
        var below = 0.0
        for (index, part) in parts {
            below += part.weight
            // 2^53 steps: what a Double has.
            bounds.append((UInt64(below / sum * 0x1p53), index))
        }
    }

    var isEmpty: Bool { bounds.isEmpty }

    @inline(__always)
    func next(_ random: inout WyRand) -> Int {
        if bounds.count == 1 { return bounds[0].kind }
        let draw = random.next() &>> 11
        for bound in bounds where draw < bound.end { return bound.kind }
        return bounds[bounds.count &- 1].kind
    }
}
