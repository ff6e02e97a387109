/// The text of a doc comment (`/** … */`): without its stars, its margin and the blank lines around it.
enum DocumentationComment {
    /// - Parameter content: what stands between `/**` and `*/`.
    /// - Returns: nil if nothing is said.
    static func text(_ content: ArraySlice<UInt8>) -> String? {
        let decoded = String(decoding: content, as: UTF8.self)
        var lines = decoded.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.trimmed(leading: false)
        }
        // `/*** …` and `… **/`.
        lines[0] = lines[0].drop { $0 == "*" }.trimmed(leading: true)
        let last = lines.count - 1
        while lines[last].last == "*" { lines[last] = lines[last].dropLast().trimmed(leading: false) }

        let written = lines.indices.dropFirst().filter { !lines[$0].isEmpty }
        let margins = written.map { lines[$0].prefix { $0.isMargin }.count }
        if zip(written, margins).allSatisfy({ lines[$0].dropFirst($1).first == "*" }) {
            for (index, margin) in zip(written, margins) { lines[index] = lines[index].dropFirst(margin + 1) }
        }
        let indented = written.filter { !lines[$0].isEmpty }
        let indentation = indented.map { lines[$0].prefix { $0.isMargin }.count }.min() ?? 0
        for index in indented { lines[index] = lines[index].dropFirst(indentation) }

        let kept = lines.drop { $0.isEmpty }.reversed().drop { $0.isEmpty }.reversed()
        return kept.isEmpty ? nil : kept.map { String($0) }.joined(separator: "\n")
    }
}

extension Unicode.Scalar {
    fileprivate var isMargin: Bool { self == " " || self == "\t" || self == "\r" }
}

extension Substring.UnicodeScalarView {
    fileprivate func trimmed(leading: Bool) -> Self {
        var text = leading ? drop { $0.isMargin } : self
        while text.last?.isMargin == true { text.removeLast() }
        return text
    }
}
