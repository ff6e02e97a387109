//! What each change is worth, and what changes are worth together: the contrasts of a full 2 x 2 x 2 (Box, Hunter and
//! Hunter, Statistics for Experimenters, chapter 5), on logarithms, so that they are factors.
//!
//! The factor of one change, its main effect, says how many times lower the figure is with it than without, as the geometric
//! mean over the four combinations of the other two. The factor of two changes, their interaction, says how many times
//! larger than that mean the gain of the one is where the other is made; where it is not, it is as many times smaller. That
//! of all three says the same of a pair and the third. 1 means that a change does not care about the others. All three changes
//! together give the product of the three main effects and the interaction of three.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What is compared of two variants; less is better.
enum CaseFigure: String, Sendable, Hashable, Codable, CodingKeyRepresentable, CaseIterable {
    case p50
    case p99
    case p999
    case serverCPU

    var title: String {
        switch self {
        case .p50: "P50"
        case .p99: "P99"
        case .p999: "P99.9"
        case .serverCPU: "CPU per call"
        }
    }

    /// In microseconds; nil where it was not measured.
    func value(of record: MeasurementRecord) -> Double? {
        let value =
            switch self {
            case .p50: record.latencyMicroseconds.p50
            case .p99: record.latencyMicroseconds.p99
            case .p999: record.latencyMicroseconds.p999
            case .serverCPU: record.serverCPUMicrosecondsPerRequest ?? 0
            }
        return value > 0 ? value : nil
    }
}

/// How many times lower a figure is.
struct CaseFactor: Codable, Hashable, Sendable {
    /// Over all rounds together.
    var value: Double
    /// The least and the most that a round alone gives; nil with one round. What is not 1 in all rounds is more than noise.
    var least: Double?
    var most: Double?
}

/// The factors of one change, or of several together.
struct CaseEffect: Codable, Hashable, Sendable {
    /// The decoder that MessagePack's is compared with.
    var base: BlobDecoder
    var changes: [CaseChange]
    var factors: [CaseFigure: CaseFactor]

    var title: String { changes.map(\.rawValue).joined(separator: " x ") }
}

enum CaseFactorial {
    /// Main effects, then interactions.
    static let terms: [[CaseChange]] = [
        [.messagePack], [.pooled], [.concurrent], [.messagePack, .pooled], [.messagePack, .concurrent],
        [.pooled, .concurrent], [.messagePack, .pooled, .concurrent],
    ]

    /// - Parameter figure: of a variant; nil where it was not measured.
    static func factor(
        of changes: [CaseChange], base: BlobDecoder, _ figure: (CaseVariant) -> Double?
    ) -> Double? {
        let variants = CaseVariant.factorial(base)
        var sum = 0.0
        for variant in variants {
            guard let value = figure(variant), value > 0 else { return nil }
            let notMade = changes.count { !$0.isMade(in: variant) }
            sum += notMade % 2 == 0 ? log(value) : -log(value)
        }
        // The difference of two means of four, turned round: lower is more.
        return exp(-sum / Double(variants.count / 2))
    }

    /// All effects, from what was measured.
    static func effects(_ records: [VariantRecord], base: BlobDecoder) -> [CaseEffect] {
        terms.map { changes in
            CaseEffect(
                base: base, changes: changes,
                factors: factors(records) { factor(of: changes, base: base, $0) })
        }
    }

    /// How many times lower one variant's figures are than another's.
    static func gain(
        _ records: [VariantRecord], from before: CaseVariant, to after: CaseVariant
    ) -> [CaseFigure: CaseFactor] {
        factors(records) { figure in
            guard let before = figure(before), let after = figure(after) else { return nil }
            return before / after
        }
    }

    /// - Parameter factor: from each variant's figure.
    private static func factors(
        _ records: [VariantRecord], _ factor: ((CaseVariant) -> Double?) -> Double?
    ) -> [CaseFigure: CaseFactor] {
        let rounds = records.map(\.rounds.count).min() ?? 0
        let counted = CountedRounds(throttled: records.map { $0.rounds.map(\.throttled) })
        var factors: [CaseFigure: CaseFactor] = [:]
        for figure in CaseFigure.allCases {
            let merged = table(records, figure, \.merged)
            guard let value = factor({ merged[$0] }) else { continue }
            var each: [Double] = []
            for round in 0..<rounds where rounds > 1 && counted.contains(round) {
                let table = table(records, figure) { $0.rounds[round] }
                if let value = factor({ table[$0] }) { each.append(value) }
            }
            factors[figure] = CaseFactor(value: value, least: each.min(), most: each.max())
        }
        return factors
    }

    /// A figure of each variant that has it.
    private static func table(
        _ records: [VariantRecord], _ figure: CaseFigure, _ pick: (VariantRecord) -> MeasurementRecord?
    ) -> [CaseVariant: Double] {
        var table: [CaseVariant: Double] = [:]
        for record in records { table[record.variant] = pick(record).flatMap(figure.value) }
        return table
    }
}
