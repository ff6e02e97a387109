//! Colours of plots, on light and on dark backgrounds. The series' are those that Okabe and Ito chose so that people with
//! any kind of colour blindness tell them apart (Color Universal Design, 2008), a little lighter on dark ground. No plot
//! leans on colour alone: curves have marks of different shapes as well, and bars an order.

enum PlotColour {
    struct Pair {
        let light: String
        let dark: String
    }

    private static let series = [
        Pair(light: "#0072b2", dark: "#56b4e9"),  // blue
        Pair(light: "#d55e00", dark: "#f28e3c"),  // vermilion
        Pair(light: "#007f5c", dark: "#2fc79b"),  // bluish green
        Pair(light: "#a8527f", dark: "#e29bc2"),  // reddish purple
        Pair(light: "#946a00", dark: "#e8c02e"),  // yellow
    ]
    private static let background = Pair(light: "#ffffff", dark: "#12161c")
    private static let ink = Pair(light: "#1f2328", dark: "#e6e9ed")
    private static let soft = Pair(light: "#57606a", dark: "#a3acb7")
    private static let grid = Pair(light: "#dde2e7", dark: "#303843")

    static let seriesMax = series.count

    /// The rules that drawings are styled by: in the file of a single plot, or once in a page.
    static let style: String = {
        let light = rules(\.light)
        let dark = rules(\.dark)
        return """
            .plot text{font-family:\(PlotText.fonts);paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
            \(light)
            @media (prefers-color-scheme:dark){
            \(dark)
            }
            """
    }()

    private static func rules(_ colour: (Pair) -> String) -> String {
        // Text has an edge of the background's colour, so that lines behind it do not disturb.
        let edge = "stroke:\(colour(background))"
        var lines = [
            ".plot .back{fill:\(colour(background))}", ".plot .ink{fill:\(colour(ink));\(edge)}",
            ".plot .soft{fill:\(colour(soft));\(edge)}", ".plot .grid{stroke:\(colour(grid))}",
            ".plot .axis{stroke:\(colour(soft))}", ".plot .whisker{stroke:\(colour(ink))}",
        ]
        for (index, pair) in series.enumerated() {
            lines.append(".plot .line\(index){stroke:\(colour(pair));fill:none}")
            lines.append(".plot .fill\(index){fill:\(colour(pair))}")
        }
        return lines.joined(separator: "\n")
    }
}
