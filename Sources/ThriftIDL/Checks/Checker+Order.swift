//! Definitions that need themselves. Files cannot include each other in a circle, so these circles lie within one file.

extension Checker {
    /// Reports circles of typedefs, constants, services, and structs without end; answers where the definitions of the
    /// constants and services on them stand.
    mutating func checkCircles(of document: Document) -> Set<SourceLocation> {
        var circular: Set<SourceLocation> = []
        reportCircles(of: document, "these typedefs are defined by each other in a circle") { definition in
            guard case .typedef(let typedef) = definition else { return [] }
            return typedef.type.names
        }
        circular.formUnion(
            reportCircles(of: document, "these constants are defined by each other in a circle") { definition in
                guard case .constant(let constant) = definition else { return [] }
                return constant.value.names
            })
        circular.formUnion(
            reportCircles(of: document, "these services extend each other in a circle") { definition in
                guard case .service(let service) = definition else { return [] }
                return service.base.map { [$0.text] } ?? []
            })
        checkEnds(of: document)
        return circular
    }

    /// - Parameter needs: the names that a definition needs; none for one that is not of the kind concerned.
    @discardableResult
    private mutating func reportCircles(
        of document: Document, _ message: String, needs: (Definition) -> [String]
    ) -> Set<SourceLocation> {
        let definitions = document.definitions.map { (head: $0.head, needs: needs($0)) }
            .filter { !$0.needs.isEmpty }
        let numbers = Dictionary(definitions.enumerated().map { ($1.head.name, $0) }) { first, _ in first }
        let graph = DependencyGraph(needs: definitions.map { $0.needs.compactMap { numbers[$0] } })
        var circular: Set<SourceLocation> = []
        for circle in graph.circles() {
            log.error(
                "\(message): \(names(of: circle.map { definitions[$0].head }))",
                at: definitions[circle[0]].head.location)
            circular.formUnion(circle.map { definitions[$0].head.location })
        }
        return circular
    }

    /// A struct that requires a struct that requires it has no finite value.
    private mutating func checkEnds(of document: Document) {
        let structures = document.definitions.compactMap { definition -> Structure? in
            guard case .structure(let structure) = definition, structure.kind != .union else { return nil }
            return structure
        }
        let numbers = Dictionary(structures.enumerated().map { ($1.head.location, $0) }) { first, _ in first }
        var needs: [[Int]] = []
        for structure in structures {
            needs.append(
                structure.fields.compactMap { field -> Int? in
                    guard field.requiredness == .required,
                        case .structure(let member)? = resolve(field.type, in: document)?.kind
                    else { return nil }
                    return numbers[member.head.location]
                })
        }
        for circle in DependencyGraph(needs: needs).circles() {
            let heads = circle.map { structures[$0].head }
            log.warning("these structs require each other without end: \(names(of: heads))", at: heads[0].location)
        }
    }

    /// "A → B → A", shortened if it is very long.
    private func names(of circle: [DefinitionHead]) -> String {
        let limit = 10
        var names = circle.prefix(limit).map(\.name.shortened)
        if circle.count > limit { names.append("…") }
        return (names + [circle[0].name.shortened]).joined(separator: " → ")
    }
}

extension TypeReference {
    /// The names in it.
    fileprivate var names: [String] {
        switch kind {
        case .base: []
        case .list(let element), .set(let element): element.names
        case .map(let key, let value): key.names + value.names
        case .named(let name): [name]
        }
    }
}

extension ConstantValue {
    fileprivate var names: [String] {
        switch kind {
        case .integer, .double, .string: []
        case .identifier(let name): [name]
        case .list(let elements): elements.flatMap(\.names)
        case .map(let pairs): pairs.flatMap { $0.key.names + $0.value.names }
        }
    }
}
