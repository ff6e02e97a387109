/// A file's bytes, and where its lines begin.
struct SourceText: Sendable {
    /// How many characters of a line a diagnostic shows at most: generated files may have lines of megabytes.
    private static let excerptLimit = 160

    let path: String
    let bytes: [UInt8]
    private let lineStarts: [Int]

    /// - Parameter bytes: may begin with a byte order mark, which is left out.
    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        var starts = [0]
        for (offset, byte) in self.bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
        lineStarts = starts
    }

    func excerpt(at location: SourceLocation) -> Diagnostic.Excerpt? {
        guard lineStarts.indices.contains(location.line - 1) else { return nil }
        let start = lineStarts[location.line - 1]
        let skipped = Swift.max(0, location.column - Self.excerptLimit / 2)
        let lineEnd = location.line < lineStarts.count ? lineStarts[location.line] - 1 : bytes.count
        // A scalar has four bytes at most.
        let end = Swift.min(lineEnd, start + 4 * (skipped + Self.excerptLimit))
        let indentation = location.column - 1 - skipped
        var line = String.UnicodeScalarView()
        for scalar in String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars.dropFirst(skipped)
            .prefix(Self.excerptLimit)
        {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
            line.append(isControl ? (scalar == "\r" ? " " : "\u{fffd}") : scalar)
        }
        while line.count > indentation, line.last == " " { line.removeLast() }
        return Diagnostic.Excerpt(line: String(line), indentation: indentation)
    }
}
