/// Where the parts of the compiler leave what they have to say.
struct DiagnosticLog {
    /// How many are kept: a file of a megabyte of nonsense is refused as well by its first errors.
    private static let limit = 500

    /// Whether a warning counts as an error.
    let isStrict: Bool
    private(set) var hasErrors = false
    /// Whether there are errors that are not mere warnings taken strictly.
    private(set) var hasFaults = false
    private var diagnostics: [Diagnostic] = []
    private var sources: [String: SourceText] = [:]
    /// In which order files were met.
    private var order: [String: Int] = [:]

    init(isStrict: Bool) { self.isStrict = isStrict }

    mutating func add(_ source: SourceText) {
        order[source.path] = order.count
        sources[source.path] = source
    }

    mutating func error(_ message: String, at location: SourceLocation?) {
        hasFaults = true
        report(.error, message, at: location)
    }

    mutating func warning(_ message: String, at location: SourceLocation?) {
        report(isStrict ? .error : .warning, message, at: location)
    }

    private mutating func report(_ severity: Diagnostic.Severity, _ message: String, at location: SourceLocation?) {
        if severity == .error { hasErrors = true }
        guard diagnostics.count < Self.limit else { return }
        let excerpt = location.flatMap { sources[$0.file]?.excerpt(at: $0) }
        diagnostics.append(
            Diagnostic(severity: severity, message: message, location: location, excerpt: excerpt))
    }

    /// File by file, from top to bottom; first what has no place. Nothing is said twice at one place.
    var sorted: [Diagnostic] {
        var seen: Set<Diagnostic> = []
        let keyed = diagnostics.filter { seen.insert($0).inserted }.enumerated().map { index, diagnostic in
            let location = diagnostic.location
            let file = location.map { order[$0.file] ?? 0 } ?? -1
            return (key: [file, location?.line ?? 0, location?.column ?? 0, index], diagnostic: diagnostic)
        }
        return keyed.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.diagnostic)
    }
}
