//! Shapes and text as SVG elements, in pixels from the upper left corner. How they look is said by classes
//! (`PlotColour.style`).

struct SVGDrawing {
    enum Anchor: String {
        case start
        case middle
        case end
    }

    private(set) var elements: [String] = []

    mutating func text(
        _ text: String, x: Double, y: Double, size: Double, _ anchor: Anchor = .start, _ style: String = "ink",
        isBold: Bool = false
    ) {
        let weight = isBold ? " font-weight=\"600\"" : ""
        elements.append(
            """
            <text x="\(number(x))" y="\(number(y))" font-size="\(number(size))" text-anchor="\(anchor.rawValue)"\
            \(weight) class="\(style)">\(escaped(text))</text>
            """)
    }

    mutating func line(
        x1: Double, y1: Double, x2: Double, y2: Double, _ style: String, width: Double = 1, isDashed: Bool = false
    ) {
        elements.append(
            """
            <line x1="\(number(x1))" y1="\(number(y1))" x2="\(number(x2))" y2="\(number(y2))" \
            stroke-width="\(number(width))"\(dashes(isDashed)) class="\(style)"/>
            """)
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], _ style: String, width: Double, isDashed: Bool) {
        let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        elements.append(
            """
            <polyline points="\(list)" stroke-width="\(number(width))" stroke-linejoin="round"\(dashes(isDashed)) \
            class="\(style)"/>
            """)
    }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ style: String, radius: Double = 0) {
        elements.append(
            """
            <rect x="\(number(x))" y="\(number(y))" width="\(number(width))" height="\(number(height))" \
            rx="\(number(radius))" class="\(style)"/>
            """)
    }

    mutating func circle(x: Double, y: Double, radius: Double, _ style: String) {
        elements.append("<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(radius))\" class=\"\(style)\"/>")
    }

    mutating func polygon(_ points: [(x: Double, y: Double)], _ style: String) {
        let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        elements.append("<polygon points=\"\(list)\" class=\"\(style)\"/>")
    }

    mutating func add(_ other: SVGDrawing) { elements += other.elements }

    /// Puts shapes behind those from `index` on.
    mutating func insert(_ other: SVGDrawing, at index: Int) { elements.insert(contentsOf: other.elements, at: index) }

    /// The root element, with a background of its own, so that it can be read on whatever lies behind it.
    /// - Parameter style: rules that the surroundings do not bring.
    func document(width: Double, height: Double, title: String, style: String?) -> String {
        let rules = style.map { "<style>\n\($0)\n</style>\n" } ?? ""
        return """
            <svg xmlns="http://www.w3.org/2000/svg" class="plot" width="\(number(width))" height="\(number(height))" \
            viewBox="0 0 \(number(width)) \(number(height))" role="img">
            <title>\(escaped(title))</title>
            \(rules)<rect width="100%" height="100%" rx="6" class="back"/>
            \(elements.joined(separator: "\n"))
            </svg>
            """
    }

    private func dashes(_ isDashed: Bool) -> String { isDashed ? " stroke-dasharray=\"5 4\"" : "" }

    /// A tenth of a pixel is enough.
    private func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }
}

/// Text as HTML and XML take it, between elements and in attributes.
func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
        switch character {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        default: result.append(character)
        }
    }
    return result
}
