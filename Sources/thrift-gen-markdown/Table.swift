/// A table; columns in which nothing stands are left out.
struct Table {
    private let titles: [String]
    private var rows: [[String]] = []

    init(_ titles: [String]) { self.titles = titles }

    mutating func add(_ row: [String]) {
        precondition(row.count == titles.count)
        // A cell is one line, and ends at a bar even within backticks.
        rows.append(
            row.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "\\|") })
    }

    var markdown: String {
        let columns = titles.indices.filter { column in rows.contains { !$0[column].isEmpty } }
        let lines =
            [columns.map { titles[$0] }, columns.map { _ in "---" }] + rows.map { row in columns.map { row[$0] } }
        return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }
}
