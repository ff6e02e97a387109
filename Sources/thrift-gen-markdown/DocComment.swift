/// A comment of the IDL as Markdown. What authors write is taken for Markdown, but for two habits of comments: a line over
/// an indented part is its heading, and `list<i32>` is no HTML.
struct DocComment {
    private let lines: [Substring]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Paragraphs, lists and headings, the latter in bold: the page's own outline is the IDL's.
    var block: String {
        var block: [String] = []
        var margin = 0
        var isInList = false
        for (index, line) in lines.enumerated() {
            let indentation = Self.indentation(line)
            guard indentation < line.count else {
                block.append("")
                isInList = false
                continue
            }
            let isStart = index == 0 || Self.isBlank(lines[index - 1])
            if indentation == 0 { margin = 0 }
            if isStart, indentation == 0, index + 1 < lines.count, !Self.isItem(line),
                case let next = Self.indentation(lines[index + 1]), next > 0, next < lines[index + 1].count
            {
                block += ["**\(Self.escaped(line))**", ""]
                margin = next
                continue
            }
            let text = line.dropFirst(min(margin, indentation))
            // Text beside a list is not the last item's.
            let isOutside = Self.indentation(text) == 0 && !Self.isItem(text)
            if isInList && isOutside { block.append("") }
            isInList = Self.isItem(text) || (isInList && !isOutside)
            block.append(Self.escaped(text))
        }
        return block.joined(separator: "\n")
    }

    /// Everything in one line, for a cell of a table.
    var line: String {
        lines.map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }.map(Self.escaped).joined(separator: " ")
    }

    private static func indentation(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
    private static func isBlank(_ line: Substring) -> Bool { line.allSatisfy { $0 == " " } }

    private static func isItem(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " }
        return text.hasPrefix("- ") || text.hasPrefix("* ")
    }

    /// Outside of code, an angle bracket is one.
    private static func escaped(_ line: Substring) -> String {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        return parts.enumerated().map { index, part in
            index.isMultiple(of: 2) ? String(part.replacing("<", with: "&lt;")) : String(part)
        }.joined(separator: "`")
    }
}
