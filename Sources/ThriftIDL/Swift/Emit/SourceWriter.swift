/// Swift source as it grows: indents, and breaks what is longer than a line in the way the formatter would.
struct SourceWriter: Sendable {
    /// Columns of a line.
    static let width = 120
    /// Columns of one step.
    static let indentation = 4

    private var lines: [String] = []
    private var depth = 0

    /// The source, with a line break at its end.
    var text: String { lines.map { $0 + "\n" }.joined() }

    private var margin: Int { depth * Self.indentation }

    /// A line as it is; an empty one if nothing is given.
    mutating func line(_ text: String = "") {
        lines.append(text.isEmpty ? "" : String(repeating: " ", count: margin) + text)
    }

    /// A line that may become several.
    mutating func line(_ layout: Layout) {
        let broken = layout.lines(margin: margin, column: margin)
        line(broken[0])
        lines += broken.dropFirst()
    }

    /// An empty line, unless one is there, or something has just been opened.
    mutating func space() {
        guard let last = lines.last, !last.isEmpty, !last.hasSuffix("{") else { return }
        line()
    }

    /// `head {`, what `body` writes, `}`.
    mutating func block(_ head: String, _ body: (inout SourceWriter) -> Void) {
        line(head + " {")
        indented(body)
        line("}")
    }

    /// Like `block`, where the head is a list that may need several lines; `close` ends with the brace.
    mutating func block(
        open: String, items: [String], close: String, _ body: (inout SourceWriter) -> Void
    ) {
        line(.group(open: open, items: items.map { .text($0) }, close: close))
        indented(body)
        line("}")
    }

    /// Like `block`, of a generic function: its parameters' list may need lines of its own.
    mutating func block(
        open: String, generics: [String], items: [String], close: String, _ body: (inout SourceWriter) -> Void
    ) {
        line(
            .sequence([
                .group(open: "\(open)<", items: generics.map { .text($0) }, close: ">"),
                .group(open: "(", items: items.map { .text($0) }, close: close),
            ]))
        indented(body)
        line("}")
    }

    /// `head { statement }` if that fits.
    mutating func short(_ head: String, _ statement: Layout) {
        let flat = "\(head) { \(statement.flat) }"
        if margin + flat.utf8.count <= Self.width {
            line(flat)
        } else {
            block(head) { $0.line(statement) }
        }
    }

    /// Goes on after a block's brace: `} head {`.
    mutating func continueBlock(_ head: String, _ body: (inout SourceWriter) -> Void) {
        lines[lines.count - 1] += " \(head) {"
        indented(body)
        line("}")
    }

    mutating func short(_ head: String, _ statement: String) { short(head, .text(statement)) }

    /// `case pattern: statement` if that fits.
    mutating func matched(_ pattern: String, _ statement: Layout) {
        let flat = "\(pattern): \(statement.flat)"
        if margin + flat.utf8.count <= Self.width {
            line(flat)
        } else {
            line(pattern + ":")
            indented { $0.line(statement) }
        }
    }

    mutating func matched(_ pattern: String, _ statement: String) { matched(pattern, .text(statement)) }

    mutating func indented(_ body: (inout SourceWriter) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    /// A doc comment, its lines as they were; those that are too long are broken between words.
    mutating func documentation(_ text: String?) { comment(text, "///") }

    /// A comment of whole lines that begin with `marker`.
    mutating func comment(_ text: String?, _ marker: String) {
        guard let text else { return }
        for text in CommentText.wrapped(text, room: Self.width - margin - marker.utf8.count - 1) {
            line(text.isEmpty ? marker : "\(marker) \(text)")
        }
    }
}
