/// What one generated file can see: spells the names of types as they must be written there, and notes which modules that
/// takes. One file's emitters share it.
final class FileScope {
    let names: NameTable
    private let module: String
    /// Modules that the file must import.
    private(set) var imports: Set<String> = []
    /// Whether a name was written that the style has otherwise.
    private(set) var breaksStyle = false

    init(names: NameTable, document: Document) {
        self.names = names
        module = names.modules.module(of: document.path)
    }

    /// The name of a type of Swift's or of a library's.
    func name(_ symbol: Symbol) -> String {
        if symbol.module != "Swift" { imports.insert(symbol.module) }
        return names.isDefined(symbol.rawValue) ? "\(symbol.module).\(symbol.rawValue)" : symbol.rawValue
    }

    /// What a generic parameter that is a reader conforms to.
    func reader(_ symbol: Symbol) -> String { "\(writer(symbol)) & ~\(name(.escapable))" }

    /// What one that is a writer conforms to.
    func writer(_ symbol: Symbol) -> String { "\(name(symbol)) & ~\(name(.copyable))" }

    /// The name of a type of the program.
    func name(_ id: DefinitionID) -> String { qualified(names.type(id), of: id.path) }

    /// One of the types of a service of the program: `CalculatorClient`.
    func service(_ id: DefinitionID, _ suffix: String) -> String { qualified(names.type(id) + suffix, of: id.path) }

    /// A constant, with the type that holds it.
    func constant(_ id: DefinitionID) -> String {
        "\(qualified(names.constantsType(of: id.path), of: id.path)).\(names.constant(id))"
    }

    /// A name for a generic parameter: no type of the program has it.
    func parameter(_ name: String) -> String {
        var name = name
        while names.isDefined(name) { name += "_" }
        return name
    }

    /// A member's name where it is declared.
    func declared(_ name: SwiftIdentifier) -> SwiftIdentifier {
        if SwiftNames.breaksStyle(name) { breaksStyle = true }
        return name
    }

    func spelling(_ type: SwiftType) -> String {
        // A typedef of another module leads to the modules that it leads to.
        switch type {
        case .base(.bool): name(.bool)
        case .base(.i8): name(.int8)
        case .base(.i16): name(.int16)
        case .base(.i32): name(.int32)
        case .base(.i64): name(.int64)
        case .base(.double): name(.double)
        case .base(.string): name(.string)
        case .base(.binary): name(.byteBuffer)
        case .base(.uuid): name(.wireUUID)
        case .binaryList: name(.binaryList)
        case .list(let element): "[\(spelling(element))]"
        case .set(let element): "\(name(.set))<\(spelling(element))>"
        case .map(let key, let value): "[\(spelling(key)): \(spelling(value))]"
        case .enumeration(let id), .structure(let id), .union(let id): name(id)
        case .alias(let id, let target): alias(id, target)
        }
    }

    /// Members of what a typedef stands for are used as well, so its modules are imported.
    private func alias(_ id: DefinitionID, _ target: SwiftType) -> String {
        _ = spelling(target)
        return name(id)
    }

    /// With its module wherever that is another one: any module that the file imports may have a type of this name.
    private func qualified(_ name: String, of path: String) -> String {
        let home = names.modules.module(of: path)
        guard home != module else { return name }
        imports.insert(home)
        return names.hides(module: home) ? name : "\(home).\(name)"
    }
}
