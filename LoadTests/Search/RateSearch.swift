//! Looks for the highest rate at which a limit is kept: which rate to try next, and what the tries say. It runs nothing
//! itself.
//!
//! First a bracket: a rate that kept the limit and a higher one that missed it. Then rates in between, at the geometric
//! mean, until the bracket is narrow. On a shared machine any single try may be wrong, so that both ends of the bracket
//! are tried again; where two tries of one rate disagree, a third decides, and the search goes on from there. Where the
//! verdicts do not fall with the rate, the lowest that missed counts, and `isMonotone` says so.

struct RateSearch: Sendable {
    /// One try.
    struct Probe: Sendable, Hashable, Codable {
        var rate: Double
        var isKept: Bool
        /// nil where the server could not keep up, so that the run was given up.
        var p99Microseconds: Double?
        /// Of calls that name a budget, those that were answered in full and in time; nil where none do.
        var inTimeShare: Double?
    }

    /// No more tries than these.
    static let probesMax = 30
    /// Below this no search goes, in requests per second.
    static let rateMin = 100.0

    private let start: Double
    /// How far apart the first rates are tried, as a factor.
    private let step: Double
    /// How narrow the bracket becomes: its upper end is no more than this much above its lower one, as a share.
    private let precision: Double
    private(set) var probes: [Probe] = []

    init(start: Double, step: Double = 1.5, precision: Double) {
        precondition(start > 0 && step > 1 && precision > 0)
        self.start = max(start, Self.rateMin)
        self.step = step
        self.precision = precision
    }

    mutating func note(_ probe: Probe) { probes.append(probe) }

    /// What the tries of a rate say together: kept or missed by more of them than not; nil where they disagree.
    private func verdict(_ rate: Double) -> Bool? {
        let tries = probes.filter { $0.rate == rate }
        let kept = tries.count { $0.isKept } * 2
        return kept == tries.count ? nil : kept > tries.count
    }

    private func rates(_ isKept: Bool) -> [Double] { Set(probes.map(\.rate)).filter { verdict($0) == isKept }.sorted() }

    /// The lowest rate that missed the limit.
    var lowestMissed: Double? { rates(false).first }

    /// The highest rate below it that kept the limit.
    var highestKept: Double? { rates(true).last { rate in lowestMissed.map { rate < $0 } ?? true } }

    /// Whether no rate kept the limit above one that missed it.
    var isMonotone: Bool { rates(true).last == highestKept }

    /// Whether both ends of the bracket are known, close to each other, and tried twice.
    var isComplete: Bool {
        guard let highestKept, let lowestMissed else { return false }
        return lowestMissed <= highestKept * (1 + precision) && isConfirmed(highestKept) && isConfirmed(lowestMissed)
    }

    private func isConfirmed(_ rate: Double) -> Bool { probes.count { $0.rate == rate } > 1 && verdict(rate) != nil }

    /// The rate to try next; nil at the end.
    func next() -> Double? {
        guard probes.count < Self.probesMax else { return nil }
        guard !probes.isEmpty else { return start }
        if let disputed = probes.map(\.rate).first(where: { verdict($0) == nil }) { return disputed }
        switch (highestKept, lowestMissed) {
        case (let kept?, let missed?):
            if missed > kept * (1 + precision) { return (kept * missed).squareRoot() }
            return [missed, kept].first { !isConfirmed($0) }
        case (let kept?, nil): return kept * step
        case (nil, let missed?): return missed / step >= Self.rateMin ? missed / step : nil
        case (nil, nil): return nil
        }
    }
}
