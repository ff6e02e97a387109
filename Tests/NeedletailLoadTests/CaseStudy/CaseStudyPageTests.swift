internal import Foundation
internal import Testing

@testable internal import needletail_load

/// The page and the plots, from a result that was read from JSON.
@Suite struct CaseStudyPageTests {
    private static func readAgain(_ report: CaseStudyReport) throws -> CaseStudyReport {
        let directory = try TemporaryDirectory()
        let file = directory.path("result.json")
        try writeJSON(report, to: file)
        return try CaseStudyReport(file: file)
    }

    @Test("the page is made of what JSON holds, and of nothing else")
    func roundTrip() throws {
        let report = CaseStudySample.report()
        let again = try Self.readAgain(report)
        #expect(again.page.html == report.page.html)
        #expect(again.markdown == report.markdown)
    }

    @Test("the page refers to nothing outside, runs nothing, and shows both sizes of each plot")
    func selfContained() throws {
        let report = CaseStudySample.report()
        let html = report.page.html
        // The namespace of SVG is a name, which nobody fetches.
        let others = html.replacing("http://www.w3.org/2000/svg", with: "")
        for word in ["http:", "https:", "//", "src=", "href=", "@import", "url(", "<script", "<link", "javascript"] {
            #expect(!others.contains(word), "\(word)")
        }
        #expect(html.contains("width=device-width"))
        #expect(html.contains("prefers-color-scheme:dark"))
        #expect(html.components(separatedBy: "<svg ").count - 1 == 2 * report.plots.count)
        #expect(html.contains("A &lt;processor&gt; &amp; more"))
    }

    @Test("every plot is well-formed, and names its axes with units")
    func plots() throws {
        let plots = CaseStudySample.report().plots
        #expect(Set(plots.map(\.name)).count == plots.count)
        #expect(plots.count == 9)
        for plot in plots {
            for text in [plot.plot.svgFile, plot.plot.svg(.narrow)] {
                let elements = try SVGElements(text)
                for text in elements.texts {
                    #expect(text.left >= 0 && text.right <= elements.width, "\(plot.name): \(text.words)")
                }
                let words = elements.texts.map(\.words).joined(separator: " ")
                #expect(words.contains("ms") || words.contains("times"), "\(plot.name)")
            }
        }
    }

    @Test("a part of a result has a page, too")
    func partial() throws {
        var report = CaseStudySample.report()
        report.isComplete = false
        report.sweep = nil
        report.variants.removeLast()
        report.variants[0].variants.removeLast(7)
        report.variants[0].effects = []
        #expect(report.page.html.contains("Interrupted"))
        #expect(report.markdown.first?.contains("INTERRUPTED") == true)
        #expect(report.plots.count == 2)
    }

    @Test("a file that holds something else is refused by name")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("other.json")
        try Data("{}".utf8).write(to: URL(filePath: file))
        #expect { try CaseStudyReport(file: file) } throws: { "\($0)".contains("other.json") }
    }
}
