//! How much room text takes. A drawing cannot ask: whoever looks at it has fonts of his own. So widths are estimates on the
//! safe side, from what Arial, Helvetica, Segoe UI, Roboto and DejaVu Sans have, of which the last is the widest.

enum PlotText {
    /// The reader's own sans-serif.
    static let fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"

    /// The width of a line, in pixels.
    /// - Parameter size: of the font, in pixels.
    static func width(_ text: String, size: Double) -> Double {
        text.reduce(0) { $0 + share(of: $1) } * size
    }

    /// Of the font's size.
    private static func share(of character: Character) -> Double {
        switch character {
        case "i", "j", "l", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "[", "]", "/", "t", "f", "I": 0.38
        case "m", "w", "M", "W", "%", "@": 0.95
        case "A"..."Z": 0.7
        default: 0.62
        }
    }

    /// Breaks text between words, so that no line is wider than `width` unless a single word is.
    static func lines(_ text: String, size: Double, width: Double) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, Self.width("\(last) \(word)", size: size) <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
