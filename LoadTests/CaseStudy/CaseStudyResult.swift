//! What came of the eight variants, and what each change is worth.

internal import Histogram

/// All rounds of one variant.
struct VariantRounds: Sendable {
    let variant: CaseVariant
    private(set) var rounds: [Measurement] = []
    /// All rounds as one: counts are added, histograms merged.
    private(set) var merged: Measurement?

    init(_ variant: CaseVariant) { self.variant = variant }

    mutating func add(_ measurement: Measurement) {
        rounds.append(measurement)
        if merged == nil { merged = measurement } else { merged?.add(measurement) }
    }

    /// From the scheduled time.
    func millis(_ percentile: Double) -> Double? {
        guard let latency = merged?.figures.latency, latency.totalCount > 0 else { return nil }
        return Double(latency.valueAtPercentile(percentile)) / 1e6
    }

    var cpuMicroseconds: Double? { merged?.serverMicrosecondsPerCall }
}

/// How many times lower one variant's figures are than another's.
struct CaseGain: Codable, Hashable, Sendable {
    var p50: Double
    var p99: Double
    var serverCPU: Double

    /// nil where something was not measured.
    init?(from before: VariantRounds, to after: VariantRounds) {
        func gain(_ before: Double?, _ after: Double?) -> Double? {
            guard let before, let after, after > 0 else { return nil }
            return before / after
        }
        guard let p50 = gain(before.millis(50), after.millis(50)), let p99 = gain(before.millis(99), after.millis(99)),
            let serverCPU = gain(before.cpuMicroseconds, after.cpuMicroseconds)
        else { return nil }
        self.p50 = p50
        self.p99 = p99
        self.serverCPU = serverCPU
    }
}

struct CaseStudyResult: Sendable {
    /// What the case study reports: 100 ms became 15 ms.
    static let p99Limit = Limit.atLeast(6.7)

    /// Calls per second that were offered.
    let rate: Double
    var variants: [VariantRounds]

    init(_ variants: [CaseVariant], rate: Double) {
        self.variants = variants.map(VariantRounds.init)
        self.rate = rate
    }

    /// Whether all answers were right.
    var isClean: Bool { variants.allSatisfy { $0.rounds.allSatisfy(\.figures.isClean) } }

    subscript(_ variant: CaseVariant) -> VariantRounds? { variants.first { $0.variant == variant } }

    func gain(from before: CaseVariant, to after: CaseVariant) -> CaseGain? {
        self[before].flatMap { before in self[after].flatMap { CaseGain(from: before, to: $0) } }
    }

    /// All changes together.
    var fullGain: CaseGain? { gain(from: .none, to: .full) }

    /// A change as the first of the three.
    func gain(alone change: CaseChange) -> CaseGain? {
        gain(from: .none, to: change.made(in: .none, as: .full))
    }

    /// A change as the last of the three.
    func gain(last change: CaseChange) -> CaseGain? {
        gain(from: change.made(in: .full, as: .none), to: .full)
    }
}
