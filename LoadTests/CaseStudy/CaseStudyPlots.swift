//! The case study's plots: latencies by percentile, factors of the changes, latencies by width.

/// A plot, and the name of its file.
struct NamedPlot: Sendable {
    var name: String
    var plot: any Plot
}

extension CaseStudyReport {
    var plots: [NamedPlot] { variants.flatMap(\.plots) + (sweep.map { [$0.plot] } ?? []) }
}

extension VariantsRecord {
    private var name: String { injectedDelay == nil ? "bare" : "delayed" }

    /// Curves for both ways to read, on the same scales, and bars for each Thrift decoder.
    var plots: [NamedPlot] {
        let curves = KeyReads.allCases.map { reads in
            NamedPlot(name: "case-study-\(name)-\(reads.rawValue)", plot: percentiles(reads))
        }
        let bars = BlobDecoder.thrifts.filter(hasEffects).map { base in
            NamedPlot(
                name: "case-study-\(name)-effects\(base == .thrift ? "-generated" : "")", plot: effects(base))
        }
        return curves + bars
    }

    private func percentiles(_ reads: KeyReads) -> CurvePlot {
        let points = variants.flatMap(\.curve)
        return CurvePlot(
            title:
                "Latency by percentile, keys read \(reads == .sequential ? "one by one" : "concurrently"), \(condition)",
            x: PlotAxis(
                title: "percentile of calls, open loop, \(fixed(rate, 0)) calls/s",
                scale: .percentiles(upTo: max(points.map(\.share).max() ?? 0, 0.9))),
            y: PlotAxis(
                title: "latency from the scheduled time, ms",
                scale: .logarithmic(around: points.map { $0.microseconds / 1e3 })),
            curves: variants.filter { $0.variant.reads == reads && !$0.curve.isEmpty }.map { record in
                CurvePlot.Curve(
                    name: "\(record.variant.decoder.rawValue), \(record.variant.buffers.rawValue)",
                    colour: BlobDecoder.allCases.firstIndex(of: record.variant.decoder) ?? 0,
                    isDashed: record.variant.buffers == .fresh,
                    points: record.curve.enumerated().map { index, point in
                        // A mark for every second step is enough to tell curves apart.
                        CurvePlot.Point(
                            x: point.share, y: point.microseconds / 1e3, isMarked: index > 0 && index % 2 == 0)
                    })
            })
    }

    private func effects(_ base: BlobDecoder) -> BarPlot {
        let figures: [CaseFigure] = [.p50, .p99, .serverCPU]
        return BarPlot(
            title: "What each change is worth against \(base.rawValue), \(condition)",
            axisTitle: """
                how many times lower; with x, how much larger the gain is where the other change is made; whiskers: \
                least and most of the rounds
                """,
            series: figures.map(\.title),
            rows: effects.filter { $0.base == base }.map { effect in
                BarPlot.Row(
                    name: effect.title,
                    bars: figures.map { figure in
                        effect.factors[figure].map { factor in
                            BarPlot.Bar(
                                value: factor.value,
                                interval: factor.least.flatMap { least in factor.most.map { least...max(least, $0) } })
                        }
                    })
            })
    }
}

extension SweepRecord {
    var plot: NamedPlot {
        let curve = { (figure: CaseFigure, colour: Int) in
            CurvePlot.Curve(
                name: figure.title, colour: colour, isDashed: figure == .serverCPU,
                points: points.compactMap { point in
                    point.merged.flatMap(figure.value).map { CurvePlot.Point(x: Double(point.width), y: $0 / 1e3) }
                })
        }
        let widths = points.map { Double($0.width) }
        let curves = [curve(.p99, 1), curve(.p50, 0), curve(.serverCPU, 2)].filter { !$0.points.isEmpty }
        return NamedPlot(
            name: "case-study-width",
            plot: CurvePlot(
                title: "Latency and CPU by the width of the fan-out, with the injected delay",
                x: PlotAxis(
                    title: "keys read at the same time (reads.concurrency)",
                    scale: .logarithmic(spanning: widths),
                    values: widths),
                y: PlotAxis(
                    title: "ms per call, \(variant.decoder.rawValue), \(variant.buffers.rawValue)",
                    scale: .logarithmic(around: curves.flatMap(\.points).map(\.y))),
                curves: curves))
    }
}
