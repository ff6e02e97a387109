/// The lines of a comment: as they were written, unless one is too long.
enum CommentText {
    /// The lines of `text`, none longer than `room` if it has a space to be broken at. What does not fit goes to the line
    /// after, if that goes on with the same paragraph.
    static func wrapped(_ text: String, room: Int) -> [String] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(Line.init)
        var result: [String] = []
        var rest = ""
        for (index, line) in lines.enumerated() {
            var line = line
            if !rest.isEmpty { line.words = rest + " " + line.words }
            rest = ""
            while let broken = line.broken(at: room) {
                result.append(broken.line.text)
                if index + 1 < lines.count, lines[index + 1].goesOn {
                    rest = broken.rest
                    line.words = ""
                } else {
                    line = Line(indentation: line.indentation + (line.goesOn ? "" : "  "), words: broken.rest)
                }
            }
            if rest.isEmpty { result.append(line.text) }
        }
        return result
    }

    private struct Line {
        var indentation: String
        var words: String

        init(indentation: String, words: String) {
            self.indentation = indentation
            self.words = words
        }

        init(_ written: some StringProtocol) {
            let text = written.map { $0 == "\t" ? "    " : String($0) }.joined()
            indentation = String(text.prefix { $0 == " " })
            words = text.split(separator: " ", omittingEmptySubsequences: false).dropFirst(indentation.count)
                .joined(separator: " ")
            while words.last?.isWhitespace ?? false { words.removeLast() }
        }

        var text: String { words.isEmpty ? "" : indentation + words }

        /// Whether it can belong to the paragraph of the line before: it is not empty, and no item of a list.
        var goesOn: Bool {
            guard let first = words.first else { return false }
            return !"-*+#|`".contains(first) && !(first.isNumber && words.contains(". "))
        }

        /// The line up to the last space that lets it fit, and what follows; nil if it fits, or has no space.
        func broken(at room: Int) -> (line: Line, rest: String)? {
            guard text.utf8.count > room else { return nil }
            var kept = ""
            var rest = words[...]
            while let space = rest.firstIndex(of: " ") {
                let word = rest[..<space]
                guard kept.isEmpty || indentation.utf8.count + kept.utf8.count + 1 + word.utf8.count <= room else {
                    break
                }
                kept += kept.isEmpty ? word : " " + word
                rest = rest[rest.index(after: space)...]
            }
            guard !kept.isEmpty, !rest.isEmpty else { return nil }
            return (Line(indentation: indentation, words: kept), String(rest))
        }
    }
}
