//! The case study as a page.

extension CaseStudyReport {
    var page: ReportPage {
        var elements: [ReportPage.Element] = []
        if !isComplete {
            elements.append(.verdict("Interrupted: this is what was measured until then.", isGood: false))
        }
        elements.append(
            .paragraph(
                """
                A service at a news feed read ranges of one owner's events: one blob of a key-value store for each \
                period. Three changes made its 99th percentile 6.7 times lower: the blobs' encoding from Thrift to \
                MessagePack, small pooled buffers through which blobs are expanded and decoded piece by piece, and all \
                keys of a range read concurrently. Here is each combination of the three.
                """))
        elements.append(
            .paragraph("A reconstruction, because what the original read and from where was not published: \(what)."))
        elements += verdicts.map { .verdict($0.plainLine, isGood: $0.isKept) }
        elements += warnings.map { .verdict($0, isGood: false) }
        for part in variants { elements += Self.elements(part) }
        if let sweep {
            elements += [.heading("How many keys at a time"), .plot(sweep.plot.plot), .table(sweep.table)]
        }
        elements += [.heading("Where these figures come from"), .paragraph(head.measuredOn), .code(head.commandLine)]
        return ReportPage(title: "Needletail: the case study", elements: elements)
    }

    private static func elements(_ part: VariantsRecord) -> [ReportPage.Element] {
        var elements: [ReportPage.Element] = [
            .heading(part.injectedDelay == nil ? "Without the delay" : "With the injected delay")
        ]
        if let delay = part.injectedDelay {
            elements.append(.paragraph(delay.line + "."))
        } else {
            elements.append(
                .paragraph(
                    """
                    What the server itself takes, at \(fixed(part.rate, 0)) calls per second on average: in each \
                    round as many as the variant with none of the changes can just serve then, less a fifth, unless a \
                    rate was named.
                    """))
        }
        elements += part.plots.map { .plot($0.plot) }
        elements.append(.table(part.table))
        elements += BlobDecoder.thrifts.filter(part.hasEffects).map { .table(part.effectTable($0)) }
        return elements
    }
}
