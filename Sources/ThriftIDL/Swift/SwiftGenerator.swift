//! From a checked program to Swift source.
//!
//! `Model` resolves: which files are written, what things are called, what values and types mean, where recursion needs a
//! box. `Emit` spells: one emitter for each kind of definition, all writing through `SourceWriter`. Nothing here reads a
//! clock, a path or an environment: equal programs give equal files.

/// A file to be written.
public struct GeneratedFile: Sendable, Hashable {
    /// The file's name, without a folder: `storage.thrift.swift`.
    public var name: String
    public var contents: String

    public init(name: String, contents: String) {
        self.name = name
        self.contents = contents
    }
}

/// Writes the Swift of a program: of every document that was asked for, and of those that they include of the same Swift
/// module. Documents of other modules are imported.
public struct SwiftGenerator: Sendable {
    private let program: Program

    public init(program: Program) { self.program = program }

    /// The files, by name, and what was found on the way; with an error among it the files may not compile.
    public func generate() -> (files: [GeneratedFile], diagnostics: [Diagnostic]) {
        let expansion = Expansion(program)
        guard expansion.diagnostics.isEmpty else { return ([], expansion.diagnostics) }
        let builder = ModelBuilder(program)
        var diagnostics = builder.names.diagnostics + builder.recursion.diagnostics
        var files: [GeneratedFile] = []
        for document in builder.names.modules.generated {
            let resolved = builder.file(document)
            diagnostics += resolved.diagnostics
            let file = FileEmitter(file: resolved, builder: builder).emit()
            if files.contains(where: { $0.name == file.name }) {
                diagnostics.append(
                    Diagnostic(
                        severity: .error,
                        message: "two files of one Swift module are called '\(document.name).thrift': \(document.path) "
                            + "cannot be written as '\(file.name)' as well",
                        location: nil))
            }
            files.append(file)
        }
        return (files.sorted { $0.name < $1.name }, diagnostics)
    }
}
