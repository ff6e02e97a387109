//! Where a number lies along an axis, and which numbers are written beside it.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

enum PlotScale: Sendable, Hashable {
    case linear(ClosedRange<Double>)
    /// Of numbers above 0: equal ratios are equally far apart.
    case logarithmic(ClosedRange<Double>)
    /// Of shares of all samples, from 0 to `upTo`, which is below 1: each further nine takes as much room as the one
    /// before it, as HdrHistogram plots percentiles.
    case percentiles(upTo: Double)

    struct Tick: Sendable, Hashable {
        var value: Double
        var label: String
    }

    /// Ticks of a linear axis, about.
    private static let linearSteps = 5.0
    /// With more decades only powers of ten are written.
    private static let decadesWithSteps = 2.5
    /// Powers of ten that are written at most.
    private static let decadeTicksMax = 7.0
    /// Steps within a decade.
    private static let mantissas = [1.0, 2, 5]

    /// From 0 to a round number at or above all of `values`.
    static func fromZero(around values: [Double]) -> PlotScale {
        let most = max(values.max() ?? 1, .leastNormalMagnitude)
        let step = linearStep(most)
        return .linear(0...(most / step).rounded(.up) * step)
    }

    /// From a round number at or below all of `values` to one at or above; those not above 0 are left out.
    static func logarithmic(around values: [Double]) -> PlotScale {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        guard let least = positive.min(), let most = positive.max() else { return .logarithmic(1...10) }
        let (start, end) = (round(least, .down), round(most, .up))
        return start < end ? .logarithmic(start...end) : .logarithmic(start...start * 10)
    }

    /// From the least to the most of `values`, which are above 0.
    static func logarithmic(spanning values: [Double]) -> PlotScale {
        guard let least = values.min(), let most = values.max(), 0 < least, least < most else {
            return logarithmic(around: values)
        }
        return .logarithmic(least...most)
    }

    /// 0 at the axis' start, 1 at its end; within these also for numbers beyond it.
    func position(of value: Double) -> Double {
        let position =
            switch self {
            case .linear(let range): (value - range.lowerBound) / (range.upperBound - range.lowerBound)
            case .logarithmic(let range):
                value > 0 ? log(value / range.lowerBound) / log(range.upperBound / range.lowerBound) : 0
            case .percentiles(let end): value < 1 ? log(1 - value) / log(1 - end) : 1
            }
        return min(max(position, 0), 1)
    }

    var ticks: [Tick] {
        switch self {
        case .linear(let range):
            let step = Self.linearStep(range.upperBound - range.lowerBound)
            return stride(from: range.lowerBound, through: range.upperBound + step / 2, by: step).map(Self.tick)
        case .logarithmic(let range): return Self.logarithmicTicks(range)
        case .percentiles(let end):
            return [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].filter { $0 <= end }.map {
                Tick(value: $0, label: Self.label($0 * 100) + "%")
            }
        }
    }

    private static func logarithmicTicks(_ range: ClosedRange<Double>) -> [Tick] {
        let decades = log10(range.upperBound / range.lowerBound)
        let first = log10(range.lowerBound).rounded(.down)
        let last = log10(range.upperBound).rounded(.up)
        let everyDecade = max((decades / decadeTicksMax).rounded(.up), 1)
        let values = stride(from: first, through: last, by: everyDecade).flatMap { exponent in
            (decades > decadesWithSteps ? [1] : mantissas).map { $0 * pow(10, exponent) }
        }
        // The ends are products of powers, too: what differs in the last bit is the same.
        return values.filter { $0 >= range.lowerBound * 0.999 && $0 <= range.upperBound * 1.001 }.map(tick)
    }

    private static func linearStep(_ span: Double) -> Double { round(span / linearSteps, .up) }

    /// The next of 1, 2, 5, 10, 20... in that direction.
    private static func round(_ number: Double, _ rule: FloatingPointRoundingRule) -> Double {
        let power = pow(10, log10(number).rounded(.down))
        let steps = (mantissas + [10]).map { $0 * power }
        let found = rule == .up ? steps.first { $0 >= number * 0.999 } : steps.last { $0 <= number * 1.001 }
        return found ?? number
    }

    private static func tick(_ value: Double) -> Tick { Tick(value: value, label: label(value)) }

    /// A number in few characters: `0.05`, `2.5`, `1,000`, `20k`, `10M`.
    static func label(_ number: Double) -> String {
        switch number.magnitude {
        case 1e9...: label(number / 1e9) + "G"
        case 1e6...: label(number / 1e6) + "M"
        case 1e4...: label(number / 1e3) + "k"
        case 0: "0"
        default: trimmed(number)
        }
    }

    /// Without zeros at the end of the fraction.
    private static func trimmed(_ number: Double) -> String {
        let leadingZeros = max(-log10(number.magnitude).rounded(.down), 0)
        var text = fixed(number, min(Int(leadingZeros) + 3, 9))
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}

/// A scale, and what its numbers are.
struct PlotAxis: Sendable, Hashable {
    /// With the unit: `P99, ms`.
    var title: String
    var scale: PlotScale
    /// Numbers to write instead of those that the scale chooses.
    var values: [Double]?

    var ticks: [PlotScale.Tick] {
        values.map { $0.map { PlotScale.Tick(value: $0, label: PlotScale.label($0)) } } ?? scale.ticks
    }
}
