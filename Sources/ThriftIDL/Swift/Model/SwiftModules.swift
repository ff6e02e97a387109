/// Which Swift module each document's code belongs to, and which documents are generated.
///
/// `namespace swift X` says so. A document without one belongs to the module of those that include it; documents that
/// nobody places belong to one module without a name, the target that is being built.
struct SwiftModules: Sendable {
    private var modules: [String: String] = [:]
    /// Those that were asked for, and what they include of their own modules; by path.
    let generated: [Document]

    init(_ program: Program) {
        var inherited: [String: Set<String>] = [:]
        // Those that include come after what they include.
        for document in program.documents.reversed() {
            let module = Self.named(document)?.name ?? inherited[document.path]?.min() ?? ""
            modules[document.path] = module
            for include in document.includes where !module.isEmpty {
                inherited[include.path, default: []].insert(module)
            }
        }
        let modules = modules
        let wanted = Set(program.roots.map { modules[$0] })
        generated = program.documents.filter { wanted.contains(modules[$0.path]) }.sorted { $0.path < $1.path }
    }

    /// Empty for the module without a name.
    func module(of path: String) -> String { modules[path] ?? "" }

    /// Whether there is such a module in the program, and it is not the document's own.
    func isOther(_ module: String, than path: String) -> Bool {
        module != self.module(of: path) && modules.values.contains(module)
    }

    /// What names the document's module.
    static func named(_ document: Document) -> Namespace? { document.namespaces.last { $0.scope == "swift" } }
}
