//! Numbers for people.

internal import Histogram

/// `1234567` as `1,234,567`.
func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// A number with so many digits behind the point.
func fixed(_ number: Double, _ digits: Int) -> String {
    guard number.isFinite else { return "-" }
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((number.magnitude * Double(scale)).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + grouped(scaled) }
    let fraction = String(scaled % scale)
    return sign + grouped(scaled / scale) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// A number with about three digits.
func short(_ number: Double) -> String {
    switch number.magnitude {
    case ..<10: fixed(number, 2)
    case ..<100: fixed(number, 1)
    default: fixed(number, 0)
    }
}

/// A duration with a unit that suits it.
func duration(nanoseconds: UInt64) -> String {
    switch nanoseconds {
    case ..<1_000_000: "\(short(Double(nanoseconds) / 1e3)) us"
    case ..<1_000_000_000: "\(short(Double(nanoseconds) / 1e6)) ms"
    default: "\(short(Double(nanoseconds) / 1e9)) s"
    }
}

/// The middle of `numbers`; the mean of the two in the middle where their count is even; nil where there are none.
func median(_ numbers: [Double]) -> Double? {
    let sorted = numbers.sorted()
    guard !sorted.isEmpty else { return nil }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

extension LatencyHistogram {
    /// What a percentile needs to mean something: a hundred samples beyond it.
    static func samplesMin(forPercentile percentile: Double) -> UInt64 {
        UInt64((10_000 / (100 - percentile)).rounded())
    }

    /// `P50 1.20 ms  P90 ...`.
    var line: String {
        [50.0, 90, 99, 99.9].map { percentile in
            let name = percentile == 99.9 ? "P99.9" : "P\(Int(percentile))"
            return "\(name) \(duration(nanoseconds: valueAtPercentile(percentile)))"
        }.joined(separator: "  ") + "  max \(duration(nanoseconds: self.max))"
    }
}
