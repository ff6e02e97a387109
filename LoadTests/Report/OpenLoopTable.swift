//! Latencies of open loops, beside each other.

internal import Histogram

enum OpenLoopTable {
    /// A row for each contender: the median of its rates, and the percentiles of all its rounds merged.
    static func lines(_ contenders: [ContenderRounds]) -> [String] {
        var lines = [
            MarkdownTable.row([
                "open loop, latency from the scheduled time", "requests/s", "P50", "P99", "P99.9", "samples",
            ]),
            MarkdownTable.rule(count: 6),
        ]
        for contender in contenders {
            guard let latency = contender.merged?.figures.foremost else { continue }
            lines.append(
                MarkdownTable.row(
                    [contender.title, fixed(contender.rate ?? 0, 0)]
                        + [50, 99, 99.9].map { duration(nanoseconds: latency.valueAtPercentile($0)) }
                        + [grouped(Int(latency.totalCount))]))
        }
        return lines
    }
}
