/// Lines of a table in Markdown.
enum MarkdownTable {
    static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    static func rule(count: Int) -> String { "|" + String(repeating: "---|", count: count) }
}
