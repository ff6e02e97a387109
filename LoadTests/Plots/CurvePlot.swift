//! Lines over two axes, each of its own scale.

struct CurvePlot: Plot {
    struct Point: Sendable, Hashable {
        var x: Double
        var y: Double
        /// Whether it has a mark, or is only passed through.
        var isMarked = true
    }

    struct Curve: Sendable, Hashable {
        var name: String
        /// Of `PlotColour`'s series, and the marks' shape.
        var colour: Int
        var isDashed = false
        /// From left to right.
        var points: [Point]
    }

    /// A line across, that figures are to keep to or that something is due to.
    struct Level: Sendable, Hashable {
        var name: String
        var y: Double
    }

    var title: String
    var x: PlotAxis
    var y: PlotAxis
    var curves: [Curve]
    var levels: [Level] = []

    private static let markRadius = 3.5
    private static let lineWidth = 2.0
    private static let heights = 220.0...330.0

    func draw(_ frame: PlotFrame, below top: Double) -> (SVGDrawing, end: Double) {
        var drawing = SVGDrawing()
        let legendEnd = PlotLegend.draw(curves.map(legendEntry), frame, below: top + 2, &drawing)
        // The vertical axis' title lies above it: what stands upright is read without turning one's head.
        let titleY = legendEnd + frame.lineHeight
        drawing.text(y.title, x: frame.margin, y: titleY, size: frame.fontSize, .start, "soft")
        let labelWidth = y.ticks.map { PlotText.width($0.label, size: frame.fontSize) }.max() ?? 0
        let lastWidth = x.ticks.last.map { PlotText.width($0.label, size: frame.fontSize) } ?? 0
        let height = min(max(frame.width * 0.45, Self.heights.lowerBound), Self.heights.upperBound)
        let area = Area(
            left: frame.margin + labelWidth + 8, right: frame.width - frame.margin - lastWidth / 2,
            top: titleY + 12, bottom: titleY + 12 + height)
        drawGrid(frame, area, &drawing)
        for level in levels { draw(level, frame, area, &drawing) }
        for curve in curves { draw(curve, area, &drawing) }
        let ticksY = area.bottom + frame.lineHeight
        drawing.text(
            x.title, x: (area.left + area.right) / 2, y: ticksY + frame.lineHeight, size: frame.fontSize, .middle,
            "soft")
        return (drawing, ticksY + frame.lineHeight + 2)
    }

    /// Where curves lie.
    private struct Area {
        let left: Double
        let right: Double
        let top: Double
        let bottom: Double

        func x(_ position: Double) -> Double { left + position * (right - left) }
        func y(_ position: Double) -> Double { bottom - position * (bottom - top) }
    }

    private func drawGrid(_ frame: PlotFrame, _ area: Area, _ drawing: inout SVGDrawing) {
        for tick in y.ticks {
            let at = area.y(y.scale.position(of: tick.value))
            drawing.line(x1: area.left, y1: at, x2: area.right, y2: at, "grid")
            drawing.text(
                tick.label, x: area.left - 6, y: at + frame.fontSize * 0.35, size: frame.fontSize, .end, "soft")
        }
        var labelEnd = -Double.infinity
        for tick in x.ticks {
            let at = area.x(x.scale.position(of: tick.value))
            drawing.line(x1: at, y1: area.top, x2: at, y2: area.bottom, "grid")
            // A label that would touch the one before it is left out.
            let half = PlotText.width(tick.label, size: frame.fontSize) / 2
            guard at - half > labelEnd + 4 else { continue }
            labelEnd = at + half
            drawing.text(
                tick.label, x: at, y: area.bottom + frame.lineHeight, size: frame.fontSize, .middle, "soft")
        }
        drawing.line(x1: area.left, y1: area.bottom, x2: area.right, y2: area.bottom, "axis")
    }

    private func draw(_ level: Level, _ frame: PlotFrame, _ area: Area, _ drawing: inout SVGDrawing) {
        let at = area.y(y.scale.position(of: level.y))
        drawing.line(x1: area.left, y1: at, x2: area.right, y2: at, "axis", isDashed: true)
        drawing.text(level.name, x: area.right - 4, y: at - 5, size: frame.fontSize, .end, "soft")
    }

    private func draw(_ curve: Curve, _ area: Area, _ drawing: inout SVGDrawing) {
        let places = curve.points.map {
            (x: area.x(x.scale.position(of: $0.x)), y: area.y(y.scale.position(of: $0.y)))
        }
        drawing.polyline(places, "line\(curve.colour)", width: Self.lineWidth, isDashed: curve.isDashed)
        for (point, place) in zip(curve.points, places) where point.isMarked {
            Self.drawMark(curve.colour, place.x, place.y, &drawing)
        }
    }

    private func legendEntry(_ curve: Curve) -> PlotLegendEntry {
        PlotLegendEntry(name: curve.name) { drawing, x, y in
            drawing.line(
                x1: x, y1: y, x2: x + PlotLegend.sampleWidth, y2: y, "line\(curve.colour)", width: Self.lineWidth,
                isDashed: curve.isDashed)
            Self.drawMark(curve.colour, x + PlotLegend.sampleWidth / 2, y, &drawing)
        }
    }

    /// A shape for each colour.
    private static func drawMark(_ colour: Int, _ x: Double, _ y: Double, _ drawing: inout SVGDrawing) {
        precondition((0..<PlotColour.seriesMax).contains(colour), "a colour that there is")
        let (style, size) = ("fill\(colour)", markRadius)
        switch colour {
        case 0: drawing.circle(x: x, y: y, radius: size, style)
        case 1: drawing.rectangle(x: x - size, y: y - size, width: 2 * size, height: 2 * size, style)
        case 2: drawing.polygon([(x, y - size - 1), (x + size + 1, y + size), (x - size - 1, y + size)], style)
        case 3:
            let long = size + 1.5
            drawing.polygon([(x, y - long), (x + long, y), (x, y + long), (x - long, y)], style)
        default: drawing.polygon([(x, y + size + 1), (x + size + 1, y - size), (x - size - 1, y - size)], style)
        }
    }
}
