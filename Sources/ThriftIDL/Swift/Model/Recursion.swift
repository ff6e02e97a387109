/// Which structs and unions hold themselves, directly or through others, in place: Swift needs a box somewhere on the way.
///
/// Unions on the way become `indirect`. Where there are only structs, the fields that may be absent are boxed; if there is a
/// way round through fields that may not, no value would ever end.
struct Recursion: Sendable {
    /// A struct's field that holds a struct or a union in place.
    private struct Edge {
        var field: Field
        var target: DefinitionID
        /// Whether the Swift property is an optional.
        var mayBeAbsent: Bool
    }

    private(set) var indirectUnions: Set<DefinitionID> = []
    private var boxed: [DefinitionID: Set<String>] = [:]
    private(set) var diagnostics: [Diagnostic] = []
    private let all: Circles

    init(_ program: Program) {
        let resolver = TypeResolver(program: program)
        var edges: [DefinitionID: [Edge]] = [:]
        var unions: Set<DefinitionID> = []
        var order: [DefinitionID] = []
        for document in program.documents {
            for case .structure(let structure) in document.definitions {
                let id = DefinitionID(path: document.path, name: structure.head.name)
                order.append(id)
                if structure.kind == .union { unions.insert(id) }
                edges[id] = structure.fields.compactMap { field in
                    guard let target = resolver.type(field.type, in: document).inlineStructure else { return nil }
                    let mayBeAbsent = field.defaultValue == nil && field.requiredness != .required
                    return Edge(field: field, target: target, mayBeAbsent: mayBeAbsent)
                }
            }
        }
        func circles(_ isWay: (DefinitionID, Edge) -> Bool) -> Circles {
            Circles(order) { id in edges[id, default: []].filter { isWay(id, $0) }.map(\.target) }
        }
        all = circles { _, _ in true }
        indirectUnions = unions.filter { [all] in all.holds($0, $0) }
        let structs = circles { id, edge in !unions.contains(id) && !unions.contains(edge.target) }
        let endless = circles { id, edge in
            !unions.contains(id) && !unions.contains(edge.target) && !edge.mayBeAbsent
        }
        for id in order where !unions.contains(id) {
            for edge in edges[id, default: []] {
                if edge.mayBeAbsent, structs.holds(id, edge.target) {
                    boxed[id, default: []].insert(edge.field.head.name)
                } else if !edge.mayBeAbsent, endless.holds(id, edge.target) {
                    diagnostics.append(
                        Diagnostic(
                            severity: .error,
                            message: "a '\(id.name)' never ends: '\(edge.field.head.name)' always holds another; make "
                                + "it optional, without a default",
                            location: edge.field.head.location))
                }
            }
        }
    }

    /// Whether a way from `id` over one of its fields to `target` comes back to `id`.
    func isCircular(_ id: DefinitionID, _ target: DefinitionID) -> Bool { all.holds(id, target) }

    /// Whether the struct's field is stored in a box.
    func isBoxed(_ field: String, of id: DefinitionID) -> Bool { boxed[id]?.contains(field) ?? false }
}

/// The strongly connected parts of a graph, by Tarjan's algorithm.
private struct Circles: Sendable {
    private var part: [DefinitionID: Int] = [:]
    private var isCircle: [Bool] = []
    private var index: [DefinitionID: Int] = [:]
    private var low: [DefinitionID: Int] = [:]
    private var stack: [DefinitionID] = []

    init(_ nodes: [DefinitionID], next: (DefinitionID) -> [DefinitionID]) {
        for node in nodes where index[node] == nil { visit(node, next) }
    }

    /// Whether a way from `start` over the edge to `target` comes back to `start`.
    func holds(_ start: DefinitionID, _ target: DefinitionID) -> Bool {
        guard let part = part[start] else { return false }
        return part == self.part[target] && isCircle[part]
    }

    /// Walks with a stack of its own: a file may chain any number of structs.
    private mutating func visit(_ root: DefinitionID, _ next: (DefinitionID) -> [DefinitionID]) {
        var way: [(node: DefinitionID, targets: [DefinitionID], position: Int)] = []
        enter(root, next, &way)
        while var step = way.popLast() {
            guard step.position < step.targets.count else {
                finish(step.node, step.targets)
                if let parent = way.last?.node { low[parent] = min(low[parent] ?? 0, low[step.node] ?? 0) }
                continue
            }
            let target = step.targets[step.position]
            step.position += 1
            way.append(step)
            if index[target] == nil {
                enter(target, next, &way)
            } else if part[target] == nil {
                low[step.node] = min(low[step.node] ?? 0, index[target] ?? 0)
            }
        }
    }

    private mutating func enter(
        _ node: DefinitionID, _ next: (DefinitionID) -> [DefinitionID],
        _ way: inout [(node: DefinitionID, targets: [DefinitionID], position: Int)]
    ) {
        index[node] = index.count
        low[node] = index[node]
        stack.append(node)
        way.append((node, next(node), 0))
    }

    private mutating func finish(_ node: DefinitionID, _ targets: [DefinitionID]) {
        guard low[node] == index[node] else { return }
        var members = 0
        while let member = stack.popLast() {
            part[member] = isCircle.count
            members += 1
            if member == node { break }
        }
        isCircle.append(members > 1 || targets.contains(node))
    }
}
