//! What was measured, as JSON has it. Everything that is printed and drawn is made of these.

internal import Histogram

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A point of a percentile curve.
struct PercentilePoint: Codable, Hashable, Sendable {
    /// Of the samples that are at most as large, below 1.
    var share: Double
    var microseconds: Double

    /// Steps of a nine: from 0 to 0.9, from 0.9 to 0.99.
    private static let stepsPerNine = 8
    private static let ninesMax = 6
    /// A point stands for at least so many samples beyond it.
    private static let samplesBeyondMin = 10.0

    /// As far as the samples go.
    static func curve(_ histogram: LatencyHistogram) -> [PercentilePoint] {
        var beyond = 1.0
        var points: [PercentilePoint] = []
        for step in 0..<stepsPerNine * ninesMax {
            guard beyond * Double(histogram.totalCount) >= samplesBeyondMin else { break }
            points.append(
                PercentilePoint(
                    share: 1 - beyond,
                    microseconds: Double(histogram.valueAtPercentile((1 - beyond) * 100)) / 1e3))
            beyond = pow(10, -Double(step + 1) / Double(stepsPerNine))
        }
        return points
    }
}

/// One variant, in all rounds.
struct VariantRecord: Codable, Sendable {
    var variant: CaseVariant
    /// Of the rounds that count.
    var merged: MeasurementRecord?
    var rounds: [MeasurementRecord]
    var curve: [PercentilePoint]
}

extension VariantRecord {
    init(_ variant: CaseVariant, _ rounds: CaseRounds, _ counted: CountedRounds) {
        let merged = rounds.merged(counted)
        self.init(
            variant: variant, merged: merged?.record, rounds: rounds.rounds.map(\.record),
            curve: merged.map { PercentilePoint.curve($0.figures.latency) } ?? [])
    }
}

/// The delay that was injected.
struct DelayRecord: Codable, Sendable {
    var distribution: LogNormal
    var replies: Int
    /// Replies that the store itself took longer for.
    var late: Int
    /// How much later than due replies left.
    var overshootMicroseconds: PercentilesRecord
}

extension DelayRecord {
    init(_ distribution: LogNormal, _ figures: DelayFigures) {
        self.init(
            distribution: distribution, replies: figures.replies, late: figures.late,
            overshootMicroseconds: PercentilesRecord(figures.overshoot))
    }
}

/// All variants, behind the delay or without it.
struct VariantsRecord: Codable, Sendable {
    /// Calls per second that were offered, by round.
    var rates: [Double]
    /// nil: none.
    var injectedDelay: DelayRecord?
    var variants: [VariantRecord]
    var effects: [CaseEffect]
    /// nil where something was not measured.
    var verdict: Verdict?

    var counted: CountedRounds { CountedRounds(throttled: variants.map { $0.rounds.map(\.throttled) }) }

    /// Calls per second that were offered, the mean of the rounds that count.
    var rate: Double {
        let offered = rates.indices.filter(counted.contains).map { rates[$0] }
        return offered.isEmpty ? 0 : offered.reduce(0, +) / Double(offered.count)
    }

    subscript(_ variant: CaseVariant) -> VariantRecord? { variants.first { $0.variant == variant } }
    var merged: [MeasurementRecord] { variants.compactMap(\.merged) }
}

extension VariantsRecord {
    /// What the case study reports: 100 ms became 15 ms.
    static let delayedLimit = Limit.atLeast(6.7)
    /// Codec and buffers alone, where nothing is waited for but the server.
    static let bareLimit = Limit.atLeast(2)

    init(rates: [Double], injectedDelay: DelayRecord?, variants: [VariantRecord]) {
        self.init(
            rates: rates, injectedDelay: injectedDelay, variants: variants,
            effects: BlobDecoder.thrifts.flatMap { CaseFactorial.effects(variants, base: $0) })
        let gain = { (after: CaseVariant) in
            CaseFactorial.gain(variants, from: .none, to: after)[.p99]?.value
        }
        verdict =
            injectedDelay == nil
            ? Verdict(
                """
                Without the delay, at \(fixed(rate, 0)) calls/s, P99 of MessagePack and pooled buffers alone, how many \
                times lower than with none of the changes,
                """, gain(CaseChange.concurrent.made(in: .full, as: .none)), Self.bareLimit)
            : Verdict(
                "P99 of all three changes, how many times lower than with none,", gain(.full), Self.delayedLimit)
    }
}

/// One variant, with more and more keys read at the same time.
struct SweepRecord: Codable, Sendable {
    struct Point: Codable, Sendable {
        var width: Int
        var merged: MeasurementRecord?
        var rounds: [MeasurementRecord]
    }

    var variant: CaseVariant
    var rate: Double
    var injectedDelay: DelayRecord?
    var points: [Point]

    var counted: CountedRounds { CountedRounds(throttled: points.map { $0.rounds.map(\.throttled) }) }
}

extension SweepRecord.Point {
    init(_ width: Int, _ rounds: CaseRounds, _ counted: CountedRounds) {
        self.init(width: width, merged: rounds.merged(counted)?.record, rounds: rounds.rounds.map(\.record))
    }
}
