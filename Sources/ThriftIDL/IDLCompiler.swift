//! The front end: files in, a checked program or diagnostics out. Pure: it reads through a `SourceProvider` and prints
//! nothing.

/// Reads Thrift IDL.
///
///     let (program, diagnostics) = IDLCompiler(includeDirectories: ["shared"]).load(["storage.thrift"], from: files)
///     print(diagnostics.rendered())
public struct IDLCompiler: Sendable {
    /// Where included files are looked for after the including file's own folder, in this order.
    public var includeDirectories: [String]
    /// Whether every warning is an error.
    public var isStrict: Bool

    public init(includeDirectories: [String] = [], isStrict: Bool = false) {
        self.includeDirectories = includeDirectories
        self.isStrict = isStrict
    }

    /// Loads `files` and all that they include, and checks them.
    ///
    /// All errors of all files are found in one run. If there are errors of syntax, or files that are missing, nothing is
    /// said of unknown names, which they may have caused.
    /// - Returns: the program, unless there are errors; and everything that there is to say, file by file in the order of
    ///   lines.
    public func load(
        _ files: [String], from sources: some SourceProvider
    ) -> (program: Program?, diagnostics: [Diagnostic]) {
        var loader = Loader(
            sources: sources, includeDirectories: includeDirectories, log: DiagnosticLog(isStrict: isStrict))
        var roots: [String] = []
        for file in files {
            let path = loader.loadRoot(file)
            if !roots.contains(path) { roots.append(path) }
        }
        var log = loader.log
        let program = Program(documents: loader.documents, roots: roots)
        Checker.check(program, isWhole: !log.hasFaults, log: &log)
        return (log.hasErrors ? nil : program, log.sorted)
    }
}
