//! A table, for a terminal or a document and for a page.

struct ReportTable: Sendable, Hashable {
    var head: [String]
    var rows: [[String]]

    var markdown: [String] {
        [MarkdownTable.row(head), MarkdownTable.rule(count: head.count)] + rows.map(MarkdownTable.row)
    }

    /// The first column names its row; numbers stand to the right.
    var html: String {
        let head = "<tr>" + head.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined() + "</tr>"
        let rows = rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == 0 ? "<th scope=\"row\">\(escaped(cell))</th>" : "<td>\(escaped(cell))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <div class="table"><table>
            <thead>\(head)</thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }
}
