//! The value of a rule's expression, from what `/metrics` shows. Without I/O; told the time.

internal import NeedletailTelemetry
internal import Timing

/// An expression with what it remembers of its window.
struct AlertReading {
    private let rule: AlertRule
    private var increases: MetricIncreases

    init(_ rule: AlertRule) {
        self.rule = rule
        increases = MetricIncreases(windowMillis: rule.windowMillis)
    }

    /// The worst value that the expression has now; nil where there is none, as at a counter's first reading or of a
    /// histogram without observations.
    mutating func value(of families: [MetricFamily], at now: MonotonicTime) -> Double? {
        switch rule.expression {
        case .value(let metric):
            return rule.comparison.worst(of: families.series(metric).map(\.value))
        case .share(let part, let whole):
            return Self.quotient(families.series(part).map(\.value), families.series(whole).map(\.value))
        case .rate(let metric):
            guard let (values, seconds) = grown([metric], families, now) else { return nil }
            return rule.comparison.worst(of: values[0].map { $0 / seconds })
        case .increase(let metric):
            guard let (values, _) = grown([metric], families, now) else { return nil }
            return rule.comparison.worst(of: values[0])
        case .ratio(let part, let whole):
            guard let (values, _) = grown([part, whole], families, now) else { return nil }
            return Self.quotient(values[0], values[1])
        case .quantile(let quantile, let metric):
            return rule.comparison.worst(of: quantiles(quantile, metric, families, now))
        }
    }

    /// What the counters of each selector grew by.
    private mutating func grown(
        _ selectors: [MetricSelector], _ families: [MetricFamily], _ now: MonotonicTime
    ) -> (values: [[Double]], seconds: Double)? {
        let series = selectors.map { families.series($0) }
        let all = Dictionary(series.joined().map { ($0.series, $0.value) }) { first, _ in first }
        guard let (grown, seconds) = increases.update(all, at: now) else { return nil }
        return (series.map { $0.compactMap { grown[$0.series] } }, seconds)
    }

    private static func quotient(_ part: [Double], _ whole: [Double]) -> Double? {
        let sum = whole.reduce(0, +)
        return part.isEmpty || sum <= 0 ? nil : part.reduce(0, +) / sum
    }

    private mutating func quantiles(
        _ quantile: Double, _ metric: MetricSelector, _ families: [MetricFamily], _ now: MonotonicTime
    ) -> [Double] {
        let buckets = families.series(MetricSelector(metric.name + "_bucket", metric.labels))
        let all = Dictionary(buckets.map { ($0.series, $0.value) }) { first, _ in first }
        guard let (grown, _) = increases.update(all, at: now) else { return [] }
        // By the labels that tell histograms apart; bounds stay in their order.
        var histograms: [MetricSeries: [HistogramBucket]] = [:]
        for bucket in buckets {
            guard let bound = bucket.bound, let count = grown[bucket.series] else { continue }
            histograms[bucket.histogram, default: []].append(HistogramBucket(bound: bound, count: count))
        }
        return histograms.values.compactMap { HistogramBucket.quantile(quantile, of: $0) }
    }
}

/// A bucket of a histogram, as Prometheus counts: everything up to its bound.
struct HistogramBucket {
    let bound: Double
    let count: Double

    /// What this share of the observations did not exceed, by a straight line inside the bucket where that is, as
    /// Prometheus' `histogram_quantile` does it; nil without observations.
    /// - Parameter buckets: in rising order; the last one is without a bound.
    static func quantile(_ quantile: Double, of buckets: [HistogramBucket]) -> Double? {
        guard let total = buckets.last?.count, total > 0 else { return nil }
        let rank = quantile * total
        var lower = HistogramBucket(bound: 0, count: 0)
        for bucket in buckets {
            if bucket.count >= rank, bucket.bound.isFinite {
                guard bucket.count > lower.count else { return bucket.bound }
                return lower.bound + (bucket.bound - lower.bound) * (rank - lower.count) / (bucket.count - lower.count)
            }
            if bucket.bound.isFinite { lower = bucket }
        }
        return lower.bound
    }
}

/// A sample that a selector found.
struct SelectedSample {
    let series: MetricSeries
    /// The series of a histogram that a bucket belongs to.
    let histogram: MetricSeries
    /// A bucket's upper bound; nil if it is none.
    let bound: Double?
    let value: Double
}

extension [MetricFamily] {
    /// The samples that `selector` names.
    func series(_ selector: MetricSelector) -> [SelectedSample] {
        flatMap { family -> [SelectedSample] in
            guard selector.name.hasPrefix(family.name) else { return [] }
            return family.samples.compactMap { sample in
                guard family.name + sample.suffix == selector.name else { return nil }
                for label in selector.labels
                where !sample.labels.contains(where: { $0.name == label.name && $0.value == label.value }) {
                    return nil
                }
                let bound = sample.labels.first { $0.name == "le" }.flatMap { Double($0.value) }
                return SelectedSample(
                    series: MetricSeries(family, sample),
                    histogram: MetricSeries(family, sample, without: "le"), bound: bound, value: sample.value)
            }
        }
    }
}
