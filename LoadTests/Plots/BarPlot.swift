//! Factors as bars from 1, on a logarithmic axis: twice is as far to the right as half is to the left. Each has a whisker,
//! from the least to the most that chance may have made of it, and its number beside it.

struct BarPlot: Plot {
    struct Bar: Sendable, Hashable {
        var value: Double
        /// What noise gives; nil where it is not known.
        var interval: ClosedRange<Double>?
    }

    struct Row: Sendable, Hashable {
        var name: String
        /// As many as there are series.
        var bars: [Bar?]
    }

    var title: String
    /// What the factors are of.
    var axisTitle: String
    /// Named in the legend, by their order.
    var series: [String]
    var rows: [Row]

    private static let barHeight = 11.0
    private static let barGap = 4.0
    private static let rowGap = 10.0

    func draw(_ frame: PlotFrame, below top: Double) -> (SVGDrawing, end: Double) {
        var drawing = SVGDrawing()
        var y = PlotLegend.draw(series.indices.map(legendEntry), frame, below: top + 2, &drawing) + 4
        let numbersWidth =
            rows.flatMap(\.bars).compactMap { $0 }.map {
                PlotText.width(Self.number($0), size: frame.fontSize)
            }.max() ?? 0
        let (left, right) = (frame.margin + 12, frame.width - frame.margin - numbersWidth - 12)
        let scale = scale
        let x = { (value: Double) in left + scale.position(of: value) * (right - left) }
        let (gridTop, gridIndex) = (y, drawing.elements.count)
        for row in rows {
            y += frame.lineHeight
            drawing.text(row.name, x: frame.margin, y: y, size: frame.fontSize)
            y += Self.barGap + 2
            for (index, bar) in row.bars.enumerated() {
                if let bar { draw(bar, index, y, x, frame, &drawing) }
                y += Self.barHeight + Self.barGap
            }
            y += Self.rowGap - Self.barGap
        }
        var grid = SVGDrawing()
        var labelEnd = -Double.infinity
        for tick in scale.ticks {
            let at = x(tick.value)
            grid.line(x1: at, y1: gridTop, x2: at, y2: y, tick.value == 1 ? "axis" : "grid")
            let half = PlotText.width(tick.label, size: frame.fontSize) / 2
            guard at - half > labelEnd + 4 else { continue }
            labelEnd = at + half
            drawing.text(tick.label, x: at, y: y + frame.lineHeight, size: frame.fontSize, .middle, "soft")
        }
        drawing.insert(grid, at: gridIndex)
        y += frame.lineHeight
        for line in PlotText.lines(axisTitle, size: frame.fontSize, width: frame.innerWidth) {
            y += frame.lineHeight
            drawing.text(line, x: frame.margin, y: y, size: frame.fontSize, .start, "soft")
        }
        return (drawing, y + 2)
    }

    /// Around all bars and whiskers, and 1.
    private var scale: PlotScale {
        let bars = rows.flatMap(\.bars).compactMap { $0 }
        let ends = bars.flatMap { bar in [bar.value] + (bar.interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
        return .logarithmic(around: ends + [1])
    }

    private func draw(
        _ bar: Bar, _ index: Int, _ y: Double, _ x: (Double) -> Double, _ frame: PlotFrame,
        _ drawing: inout SVGDrawing
    ) {
        let (one, end) = (x(1), x(bar.value))
        drawing.rectangle(
            x: min(one, end), y: y, width: max(abs(end - one), 1), height: Self.barHeight, "fill\(index)", radius: 1)
        let middle = y + Self.barHeight / 2
        if let interval = bar.interval {
            let (low, high) = (x(interval.lowerBound), x(interval.upperBound))
            drawing.line(x1: low, y1: middle, x2: high, y2: middle, "whisker", width: 1.2)
            for at in [low, high] {
                drawing.line(x1: at, y1: y + 2, x2: at, y2: y + Self.barHeight - 2, "whisker", width: 1.2)
            }
        }
        drawing.text(
            Self.number(bar), x: frame.width - frame.margin, y: middle + frame.fontSize * 0.35, size: frame.fontSize,
            .end)
    }

    private func legendEntry(_ index: Int) -> PlotLegendEntry {
        PlotLegendEntry(name: series[index]) { drawing, x, y in
            drawing.rectangle(
                x: x, y: y - Self.barHeight / 2, width: PlotLegend.sampleWidth, height: Self.barHeight, "fill\(index)",
                radius: 1)
        }
    }

    private static func number(_ bar: Bar) -> String { short(bar.value) }
}
