//! What Swift's source spells out where it is used: the type behind a typedef, the value behind a constant's name, the
//! functions of a service's bases. A few lines of IDL can make that larger than any machine, so it is measured first, each
//! definition once.

struct Expansion {
    /// The most names that are followed one after another.
    static let depthMax = 100
    /// The most types or values that one definition may become.
    static let sizeMax = 100_000

    /// How much there is to write, and how many names stand one behind another in it.
    private struct Measure {
        var size = 1
        var depth = 0

        /// Takes in a part; false if that is too much.
        mutating func add(_ part: Measure?) -> Bool {
            guard let part else { return false }
            size += part.size
            depth = max(depth, part.depth)
            return size <= Expansion.sizeMax
        }
    }

    private let program: Program
    /// nil for one that is too large.
    private var measures: [DefinitionID: Measure?] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    init(_ program: Program) {
        self.program = program
        for document in program.documents {
            for definition in document.definitions { measure(definition, in: document) }
        }
    }

    private mutating func measure(_ definition: Definition, in document: Document) {
        switch definition {
        case .typedef(let typedef):
            if measure(typedef, 0, in: document) == nil { refuse(typedef.head, "types") }
        case .constant(let constant):
            if measure(constant, 0, in: document) == nil { refuse(constant.head, "values") }
        case .service(let service):
            var home = document
            var base = service.base
            for _ in 0..<Self.depthMax {
                guard let name = base,
                    case (.service(let next), let place)? = program.definition(of: name.text, in: home)
                else { return }
                (base, home) = (next.base, place)
            }
            refuse(service.head, "services that extend each other")
        case .enumeration, .structure: break
        }
    }

    private mutating func refuse(_ head: DefinitionHead, _ what: String) {
        diagnostics.append(
            Diagnostic(
                severity: .error,
                message: "'\(head.name)' stands for too much to write: at most \(Self.sizeMax) \(what), and "
                    + "\(Self.depthMax) names one behind another, are spelled out",
                location: head.location))
    }

    private mutating func measure(_ typedef: Typedef, _ steps: Int, in document: Document) -> Measure? {
        once(typedef.head, steps, in: document) { $0.measure(typedef.type, $1, in: document) }
    }

    private mutating func measure(_ constant: Constant, _ steps: Int, in document: Document) -> Measure? {
        once(constant.head, steps, in: document) { $0.measure(constant.value, $1, in: document) }
    }

    /// A definition's measure, taken once. (`steps` bounds our own recursion, where names stand before what they name.)
    private mutating func once(
        _ head: DefinitionHead, _ steps: Int, in document: Document, _ measure: (inout Expansion, Int) -> Measure?
    ) -> Measure? {
        let id = DefinitionID(path: document.path, name: head.name)
        if let known = measures[id] { return known }
        guard steps < Self.depthMax else { return nil }
        var found = measure(&self, steps + 1)
        if let depth = found?.depth {
            found = depth < Self.depthMax ? Measure(size: found?.size ?? 0, depth: depth + 1) : nil
        }
        measures[id] = .some(found)
        return found
    }

    private mutating func measure(_ type: TypeReference, _ steps: Int, in document: Document) -> Measure? {
        var whole = Measure()
        switch type.kind {
        case .base: break
        case .list(let element), .set(let element):
            guard whole.add(measure(element, steps, in: document)) else { return nil }
        case .map(let key, let value):
            guard whole.add(measure(key, steps, in: document)), whole.add(measure(value, steps, in: document)) else {
                return nil
            }
        case .named(let name):
            guard case (.typedef(let typedef), let home)? = program.definition(of: name, in: document) else { break }
            guard whole.add(measure(typedef, steps, in: home)) else { return nil }
        }
        return whole
    }

    private mutating func measure(_ value: ConstantValue, _ steps: Int, in document: Document) -> Measure? {
        var whole = Measure()
        switch value.kind {
        case .integer, .double, .string: break
        case .identifier(let name):
            guard case (.constant(let constant), let home)? = program.definition(of: name, in: document) else { break }
            guard whole.add(measure(constant, steps, in: home)) else { return nil }
        case .list(let elements):
            for element in elements { guard whole.add(measure(element, steps, in: document)) else { return nil } }
        case .map(let pairs):
            for part in pairs.flatMap({ [$0.key, $0.value] }) {
                guard whole.add(measure(part, steps, in: document)) else { return nil }
            }
        }
        return whole
    }
}
