internal import Foundation
internal import FoundationXML
internal import Testing

@testable internal import needletail_load

/// Plots as files that any reader of SVG takes.
@Suite struct PlotTests {
    static let curves = CurvePlot(
        title: "Latency <by> percentile & codec, of a title that is longer than any phone is wide",
        x: PlotAxis(title: "share of the calls", scale: .percentiles(upTo: 0.999)),
        y: PlotAxis(title: "latency, ms", scale: .logarithmic(around: [0.8, 120])),
        curves: (0..<PlotColour.seriesMax).map { index in
            CurvePlot.Curve(
                name: "series \"\(index)\"", colour: index, isDashed: index % 2 == 1,
                points: [0, 0.5, 0.9, 0.99, 0.999].map {
                    CurvePlot.Point(x: $0, y: 1 / (1.001 - $0) + Double(index), isMarked: $0 > 0)
                })
        },
        levels: [.init(name: "limit", y: 10)])
    static let bars = BarPlot(
        title: "Factors", axisTitle: "times lower", series: ["P50", "P99"],
        rows: [
            .init(name: "concurrent", bars: [.init(value: 6.2, interval: 5.9...6.6), .init(value: 5.8)]),
            .init(name: "pooled", bars: [.init(value: 0.7, interval: 0.4...1.1), nil]),
        ])
    private static let plots: [any Plot] = [curves, bars]

    @Test("a file is well-formed XML, and its elements are SVG's", arguments: [0, 1])
    func wellFormed(_ index: Int) throws {
        for text in [Self.plots[index].svgFile, Self.plots[index].svg(.narrow)] {
            let elements = try SVGElements(text)
            #expect(elements.names.isSubset(of: SVGElements.known))
            #expect(elements.names.contains("text"))
        }
    }

    @Test("no text lies beyond the edges, on a phone either", arguments: [0, 1])
    func insideTheEdges(_ index: Int) throws {
        for frame in [PlotFrame.wide, .narrow] {
            let elements = try SVGElements(Self.plots[index].svg(frame))
            #expect(elements.width == frame.width)
            for text in elements.texts {
                #expect(text.left >= 0 && text.right <= elements.width, "\(text.words)")
                #expect(text.y <= elements.height, "\(text.words)")
            }
        }
    }

    @Test("a plot alone brings its colours for light and dark; in a page it leaves that to the page")
    func styles() {
        #expect(Self.curves.svgFile.contains("prefers-color-scheme:dark"))
        #expect(!Self.curves.svg(.wide).contains("<style>"))
    }

    @Test("equal ratios are equally far apart on a logarithmic axis, and its ends are round")
    func logarithmic() {
        let scale = PlotScale.logarithmic(around: [0.7, 130])
        #expect(scale == .logarithmic(0.5...200))
        #expect(abs(scale.position(of: 10) - 0.5) < 1e-9)
        #expect(scale.position(of: 1_000) == 1)
        #expect(scale.ticks.first?.value == 1 && scale.ticks.last?.value == 100)
        #expect(PlotScale.logarithmic(around: [1, 64]).ticks.map(\.label) == ["1", "2", "5", "10", "20", "50", "100"])
        #expect(
            PlotScale.logarithmic(around: [10_000, 10_000_000]).ticks.map(\.label) == ["10k", "100k", "1M", "10M"])
        #expect(PlotScale.logarithmic(spanning: [64, 1, 8]) == .logarithmic(1...64))
        let axis = PlotAxis(title: "width", scale: .logarithmic(1...64), values: [1, 8, 64])
        #expect(axis.ticks.map(\.label) == ["1", "8", "64"])
        // One number alone, or none.
        #expect(PlotScale.logarithmic(spanning: [10]) == .logarithmic(10...100))
        #expect(PlotScale.logarithmic(around: [10]) == .logarithmic(10...100))
        #expect(PlotScale.logarithmic(around: []) == .logarithmic(1...10))
    }

    @Test("a linear axis begins at 0 and has round steps")
    func linear() {
        let scale = PlotScale.fromZero(around: [3, 47])
        #expect(scale == .linear(0...50))
        #expect(scale.ticks.map(\.label) == ["0", "10", "20", "30", "40", "50"])
        #expect(PlotScale.fromZero(around: [0.9]).ticks.map(\.label) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    }

    @Test("each further nine of a percentile takes the same room")
    func percentiles() {
        let scale = PlotScale.percentiles(upTo: 0.999)
        #expect(abs(scale.position(of: 0.9) - 1 / 3.0) < 1e-9)
        #expect(abs(scale.position(of: 0.99) - 2 / 3.0) < 1e-9)
        #expect(scale.ticks.map(\.label) == ["0%", "50%", "90%", "99%", "99.9%"])
    }
}
