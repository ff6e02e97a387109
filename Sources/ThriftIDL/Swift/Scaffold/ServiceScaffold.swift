//! A package to begin with: the IDL, a handler with every method, a server, tests that call it through the client. What is
//! made is the user's own from then on, so it is made to be read.

/// Writes a new package that serves the last service of the first file that was asked for.
public struct ServiceScaffold: Sendable {
    /// Where the new package finds this one.
    public enum Dependency: Sendable, Hashable {
        case released(url: String, from: String)
        /// A checkout.
        case folder(String)
    }

    /// A file of the IDL, and where it goes in the package.
    public struct Copy: Sendable, Hashable {
        /// The document's path.
        public var source: String
        public var name: String
    }

    /// Why there is no package.
    public struct Refusal: Error, Sendable, Hashable {
        public var message: String
    }

    private let program: Program
    private let name: String
    private let dependency: Dependency

    /// - Parameter name: of the package, and of the Swift module that the generated code is in.
    public init(program: Program, name: String, dependency: Dependency) {
        self.program = program
        self.name = name
        self.dependency = dependency
    }

    /// Whether `name` can be a Swift module's.
    public static func isName(_ name: String) -> Bool {
        guard let first = name.first, first.isASCII, first.isLetter else { return false }
        return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            && SwiftIdentifier(name).description == name && !takenNames.contains(name)
    }

    /// Modules that the package's own must not hide.
    private static let takenNames: Set<String> = [
        "Dispatch", "Foundation", "Glibc", "NIOCore", "NIOPosix", "NeedletailRPC", "NeedletailWire", "Swift",
        "Testing", "Timing", "UnixSignals", "XCTest",
    ]

    /// The package's files, and what is to be copied into it.
    /// - Throws: `Refusal`.
    public func generate() throws(Refusal) -> (files: [GeneratedFile], copies: [Copy]) {
        let builder = ModelBuilder(program)
        guard let root = program.roots.first.flatMap({ program.document(at: $0) }) else {
            throw Refusal(message: "there is no file to make a package of")
        }
        try checkModules()
        let services = root.definitions.compactMap { if case .service(let service) = $0 { service } else { nil } }
        guard let service = services.last else {
            throw Refusal(message: "there is no service in '\(root.path)' that a package could serve")
        }
        let copies = try ScaffoldPlaces(program).copies.map {
            Copy(source: $0.source, name: "Sources/\(name)/\($0.name)")
        }
        let model = ScaffoldService(service, in: root, builder)
        if model.isEmpty {
            throw Refusal(
                message: "service '\(service.head.name)' of '\(root.path)' has no method that could be called")
        }
        let texts = ScaffoldTexts(name: name, service: model.name, dependency: dependency)
        let files = [
            GeneratedFile(name: "Package.swift", contents: texts.manifest),
            GeneratedFile(name: "README.md", contents: texts.readme),
            GeneratedFile(name: ".gitignore", contents: ".build/\n"),
            GeneratedFile(
                name: "Sources/\(name)/\(model.name)Implementation.swift", contents: model.implementation),
            GeneratedFile(name: "Sources/\(name)Server/main.swift", contents: texts.main),
            GeneratedFile(name: "Tests/\(name)Tests/\(model.name)Tests.swift", contents: model.tests(of: name)),
        ]
        return (files, copies)
    }

    /// All code is in one module, the one that is being made.
    private func checkModules() throws(Refusal) {
        for document in program.documents {
            guard let module = SwiftModules.named(document)?.name, module != name else { continue }
            throw Refusal(
                message: "'\(document.path)' says 'namespace swift \(module)', but the new package's module would be "
                    + "'\(name)': give both one name")
        }
    }
}
