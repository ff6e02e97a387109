//! Plots as SVG: of a width that is given, so that text is as large on a phone as on a desk, and of a height that follows
//! from what there is to draw. A plot is a value; the same value gives the same bytes.
//!
//! `CurvePlot` draws lines over two axes, `BarPlot` factors around 1.

protocol Plot: Sendable {
    var title: String { get }
    /// - Returns: everything but title and background, below `top`, and where it ends.
    func draw(_ frame: PlotFrame, below top: Double) -> (SVGDrawing, end: Double)
}

/// The room that a plot has, and its measures, in pixels.
struct PlotFrame: Sendable {
    /// For a desk, and for a file that a document shows.
    static let wide = PlotFrame(width: 720, fontSize: 13)
    /// For a phone.
    static let narrow = PlotFrame(width: 344, fontSize: 12)

    let width: Double
    let fontSize: Double
    let margin = 12.0

    var titleSize: Double { fontSize + 2 }
    var lineHeight: Double { (fontSize * 1.4).rounded() }
    /// Between the margins.
    var innerWidth: Double { width - 2 * margin }
}

extension Plot {
    /// A file of its own.
    var svgFile: String { svg(.wide, style: PlotColour.style) + "\n" }

    /// - Parameter style: nil where the page brings `PlotColour.style`.
    func svg(_ frame: PlotFrame, style: String? = nil) -> String {
        var heading = SVGDrawing()
        var y = frame.margin
        for line in PlotText.lines(title, size: frame.titleSize, width: frame.innerWidth) {
            y += frame.titleSize + 4
            heading.text(line, x: frame.margin, y: y, size: frame.titleSize, isBold: true)
        }
        let (body, end) = draw(frame, below: y)
        heading.add(body)
        return heading.document(width: frame.width, height: end + frame.margin, title: title, style: style)
    }
}

/// What a legend says of one series.
struct PlotLegendEntry {
    var name: String
    /// Draws the sample, `PlotLegend.sampleWidth` wide, around a point's right.
    var drawSample: (inout SVGDrawing, _ x: Double, _ y: Double) -> Void
}

enum PlotLegend {
    static let sampleWidth = 28.0
    private static let gap = 6.0

    /// Entries one after the other, on as many lines as they need.
    /// - Returns: where it ends.
    static func draw(
        _ entries: [PlotLegendEntry], _ frame: PlotFrame, below top: Double, _ drawing: inout SVGDrawing
    ) -> Double {
        var (x, y) = (frame.margin, top + frame.lineHeight)
        for entry in entries {
            let width = sampleWidth + gap + PlotText.width(entry.name, size: frame.fontSize)
            if x > frame.margin, x + width > frame.width - frame.margin {
                (x, y) = (frame.margin, y + frame.lineHeight)
            }
            entry.drawSample(&drawing, x, y - frame.fontSize * 0.35)
            drawing.text(entry.name, x: x + sampleWidth + gap, y: y, size: frame.fontSize)
            x += width + 2 * gap
        }
        return entries.isEmpty ? top : y + gap
    }
}
