/// A piece of source that stands on one line if it fits, and on several if it does not.
indirect enum Layout: Sendable {
    case text(String)
    /// A string's literal, of these pieces (already escaped): several lines' worth where it is long.
    case string([String])
    /// One after the other: a label and its value, a key and its value.
    case sequence([Layout])
    /// A list within brackets.
    case group(open: String, items: [Layout], close: String, ends: Ends = .same)

    /// What stands after the last item where each is on a line of its own.
    enum Ends: Sendable {
        /// Nothing, as after arguments.
        case same
        /// A comma, as in the literals of arrays and dictionaries.
        case comma
    }

    /// The source on one line.
    var flat: String {
        switch self {
        case .text(let text): text
        case .string(let pieces): "\"\(pieces.joined())\""
        case .sequence(let parts): parts.map(\.flat).joined()
        case .group(let open, let items, let close, _): open + items.map(\.flat).joined(separator: ", ") + close
        }
    }

    /// The columns that it takes on one line; the formatter keeps one free for each comma that it may have to add.
    private var width: Int {
        switch self {
        case .text, .string: flat.utf8.count
        case .sequence(let parts): parts.reduce(0) { $0 + $1.width }
        case .group(let open, let items, let close, let ends):
            items.reduce(open.utf8.count + close.utf8.count + 2 * Swift.max(items.count - 1, 0)) { $0 + $1.width }
                + (ends == .comma && items.count > 1 ? 1 : 0)
        }
    }

    private var isText: Bool {
        if case .text = self { true } else { false }
    }

    /// The lines of the source; all but the first are indented by `margin` and more.
    ///
    /// - Parameters:
    ///   - column: how much already stands on the first line.
    ///   - reserved: how much must still fit on the last one.
    func lines(margin: Int, column: Int, reserved: Int = 0) -> [String] {
        let flat = flat
        if column + width + reserved <= SourceWriter.width { return [flat] }
        let indentation = String(repeating: " ", count: margin)
        switch self {
        case .text: return [flat]
        case .string(let pieces):
            // What the line's end stands for is escaped, so that the string has none that it should not have.
            let room = SourceWriter.width - margin - SourceWriter.indentation - 1
            let body = Self.filled(pieces, room: room).map { "\(indentation)    \($0)" }
            return ["\"\"\""] + body.dropLast().map { $0 + "\\" } + body.suffix(1) + ["\(indentation)    \"\"\""]
        case .sequence(let parts):
            var lines = [""]
            for (index, part) in parts.enumerated() {
                let used = lines.count == 1 ? column + lines[0].utf8.count : lines[lines.count - 1].utf8.count
                // A bracket that follows stays on the line.
                let following = index == parts.count - 1 ? reserved : 1
                let more = part.lines(margin: margin, column: used, reserved: following)
                lines[lines.count - 1] += more[0]
                lines += more.dropFirst()
            }
            return lines
        case .group(let open, let items, let close, let ends):
            guard !items.isEmpty else { return [flat] }
            let inner = margin + SourceWriter.indentation
            let innerIndentation = String(repeating: " ", count: inner)
            var body: [String] = []
            if items.allSatisfy(\.isText) {
                let room = SourceWriter.width - inner
                let texts = items.enumerated().map { $1.flat + ($0 == items.count - 1 ? "" : ", ") }
                body = Self.filled(texts, room: room).map { innerIndentation + Self.trimmed($0) }
            } else {
                for (index, item) in items.enumerated() {
                    let comma = index == items.count - 1 ? "" : ","
                    var lines = item.lines(margin: inner, column: inner, reserved: 1)
                    lines[lines.count - 1] += comma
                    body.append(innerIndentation + lines[0])
                    body += lines.dropFirst()
                }
            }
            if ends == .comma, items.count > 1 { body[body.count - 1] += "," }
            return [open] + body + [indentation + close]
        }
    }

    /// As many pieces on each line as there is room for.
    private static func filled(_ pieces: [String], room: Int) -> [String] {
        var lines = [""]
        for piece in pieces {
            let isFirst = lines[lines.count - 1].isEmpty
            if !isFirst, lines[lines.count - 1].utf8.count + trimmed(piece).utf8.count > room { lines.append("") }
            lines[lines.count - 1] += piece
        }
        return lines
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
