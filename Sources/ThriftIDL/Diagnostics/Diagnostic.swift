/// What the compiler has to say about a file: an error or a warning, where, and the line concerned.
public struct Diagnostic: Error, Sendable, Hashable {
    public enum Severity: String, Sendable, Hashable {
        case error
        case warning
    }

    /// The line of the file that a diagnostic is about.
    public struct Excerpt: Sendable, Hashable {
        /// The line, or a part of it if it is very long; control characters are replaced.
        public var line: String
        /// How many Unicode scalars of `line` stand before the place.
        public var indentation: Int
    }

    public var severity: Severity
    /// What was found and what was expected, in one sentence without a full stop.
    public var message: String
    /// nil where there is no place to show, as for a file that was asked for and is not there.
    public var location: SourceLocation?
    public var excerpt: Excerpt?

    /// As compilers print it, without a final line break:
    ///
    ///     point.thrift:1:21: error: expected the field's type, found '}'
    ///     struct Point { 1:   }
    ///                         ^
    public var rendered: String {
        var text = "\(severity.rawValue): \(message)"
        if let location { text = "\(location.file):\(location.line):\(location.column): \(text)" }
        guard let excerpt else { return text }
        // Tabs stay, so that the caret stands under its character however wide they are.
        let margin = excerpt.line.unicodeScalars.prefix(excerpt.indentation).map { $0 == "\t" ? "\t" : " " }.joined()
        return "\(text)\n\(excerpt.line)\n\(margin)^"
    }
}

extension Sequence<Diagnostic> {
    /// All of them as compilers print them, at most `limit`; a last line says how many were left out.
    public func rendered(limit: Int = 50) -> String {
        var lines: [String] = []
        var leftOut = 0
        for diagnostic in self {
            if lines.count < limit { lines.append(diagnostic.rendered) } else { leftOut += 1 }
        }
        if leftOut > 0 { lines.append("and \(leftOut) more") }
        return lines.joined(separator: "\n")
    }
}
