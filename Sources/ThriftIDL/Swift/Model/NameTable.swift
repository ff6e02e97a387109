/// Every definition's Swift name. Names are given module by module, in the order of paths and of the files, so that they do
/// not depend on which file was named first.
struct NameTable: Sendable {
    let program: Program
    let modules: SwiftModules
    /// Names of types, per module: what may hide a name of Swift's or of the library's.
    private(set) var typeNames: [String: Set<String>] = [:]
    /// Names that two files of one module would both define.
    private(set) var diagnostics: [Diagnostic] = []

    private var types: [DefinitionID: String] = [:]
    /// Names of members, as they are written and as they are in Swift.
    private var memberNames: Set<String> = []
    private var modulesWithServices: Set<String> = []
    private var constants: [DefinitionID: SwiftIdentifier] = [:]
    private var constantTypes: [String: String] = [:]

    init(_ program: Program) {
        self.program = program
        modules = SwiftModules(program)
        let documents = program.documents.sorted { $0.path < $1.path }
        let serving = documents.filter(\.hasServices).map { modules.module(of: $0.path) }
        modulesWithServices = Set(serving)
        for document in documents { nameTypes(of: document) }
        for document in documents { nameServices(of: document) }
        for document in documents { nameConstants(of: document) }
        for name in documents.flatMap(\.definitions).flatMap(\.memberNames) {
            memberNames.formUnion([name, SwiftNames.member(name)])
        }
    }

    /// The type's name in its module; for a service, what its types' names begin with.
    func type(_ id: DefinitionID) -> String { types[id] ?? id.name }

    /// The constant's name within its file's type.
    func constant(_ id: DefinitionID) -> SwiftIdentifier { constants[id] ?? SwiftIdentifier(id.name) }

    /// The type that holds the constants of the document at `path`.
    func constantsType(of path: String) -> String { constantTypes[path] ?? "Constants" }

    /// Whether some type of the program has this name: where it is meant, ours must say its module.
    func isDefined(_ name: String) -> Bool { typeNames.values.contains { $0.contains(name) } }

    /// Whether something of the program is called like this module of it, which then cannot stand before a name: a type, or
    /// in an expression a field, an argument, a function or a constant.
    func hides(module: String) -> Bool { isDefined(module) || memberNames.contains(module) }

    private mutating func nameTypes(of document: Document) {
        let module = modules.module(of: document.path)
        let elsewhere = typeNames[module] ?? []
        var here = modulesWithServices.contains(module) ? Self.descriptorTypes : []
        let heads = document.definitions.filter(\.isType).map(\.head)
        // `point` beside `Point` gives way, not the other way round.
        let asWritten = heads.filter { SwiftNames.type($0.name) == $0.name }
        let others = heads.filter { SwiftNames.type($0.name) != $0.name }
        for head in asWritten + others {
            let name = SwiftNames.fresh(SwiftNames.type(head.name), taken: &here)
            types[DefinitionID(path: document.path, name: head.name)] = name
            guard elsewhere.contains(name) else { continue }
            diagnostics.append(
                Diagnostic(
                    severity: .error,
                    message:
                        "another file of the same Swift module has a type called '\(name)'; rename one, or give one "
                        + "of the files a 'namespace swift' of its own",
                    location: head.location))
        }
        typeNames[module] = elsewhere.union(here.subtracting(Self.descriptorTypes))
    }

    /// A service's types are called after it. A descriptor has types of its own, which must not hide others.
    private mutating func nameServices(of document: Document) {
        let module = modules.module(of: document.path)
        for case .service(let service) in document.definitions {
            let name = SwiftNames.type(service.head.name)
            types[DefinitionID(path: document.path, name: service.head.name)] = name
            for suffix in Self.serviceTypes where !typeNames[module, default: []].insert(name + suffix).inserted {
                diagnostics.append(
                    Diagnostic(
                        severity: .error,
                        message: "the service's Swift has a type '\(name + suffix)', but there is another of this name",
                        location: service.head.location))
            }
        }
    }

    /// What every service is in Swift.
    private static let serviceTypes = ["AsyncHandler", "AsyncService", "Client", "Handler", "Method", "Methods"]

    /// What every method's description holds: a type of this name would be hidden within it.
    private static let descriptorTypes: Set<String> = ["Arguments", "Failure", "Result", "View"]

    private mutating func nameConstants(of document: Document) {
        let constants = document.definitions.compactMap { definition in
            if case .constant(let constant) = definition { constant.head.name } else { nil }
        }
        guard !constants.isEmpty else { return }
        let module = modules.module(of: document.path)
        let name = SwiftNames.fresh(
            SwiftNames.typeFromWords(document.name) + "Constants", taken: &typeNames[module, default: []])
        constantTypes[document.path] = name
        for (written, name) in zip(constants, SwiftNames.members(constants, reserved: [])) {
            self.constants[DefinitionID(path: document.path, name: written)] = name
        }
    }
}

extension Document {
    fileprivate var hasServices: Bool {
        definitions.contains { if case .service = $0 { true } else { false } }
    }
}

extension Definition {
    /// What it defines that is used as a value, as it is written.
    fileprivate var memberNames: [String] {
        switch self {
        case .constant(let constant): [constant.head.name]
        case .typedef, .enumeration: []
        case .structure(let structure): structure.fields.map(\.head.name)
        case .service(let service):
            service.functions.flatMap { function in
                [function.head.name] + (function.arguments + function.exceptions).map(\.head.name)
            }
        }
    }

    /// Whether it defines a type. A service is several, whose names are made from its own.
    var isType: Bool {
        switch self {
        case .typedef, .enumeration, .structure: true
        case .constant, .service: false
        }
    }
}
