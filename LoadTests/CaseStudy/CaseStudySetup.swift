//! What a run of the case study is given.

internal import Histogram

/// What the case study is made of, in the order in which it runs.
enum CaseStudyPart: String, Sendable, Codable, CaseIterable {
    /// All variants, over stores behind the delay.
    case delayed
    /// All variants without the delay: what the server itself takes.
    case bare
    /// One variant behind the delay, with more and more keys read at the same time.
    case sweep
}

struct CaseStudySetup: Sendable {
    /// Without a rate, so much is offered of the highest rate of the variant without optimisation.
    static let rateShare = 0.8
    /// Keys that are read at the same time (`reads.concurrency`).
    static let widths = [1, 2, 4, 8, 16, 32, 64]
    /// An open loop's arrivals are random: so many more than are asked for.
    private static let samplesMargin = 1.05

    let owners: KeySpace
    let history: EventHistory
    let delay: LogNormal
    /// Calls per second behind the delay.
    let delayedRate: Double
    /// Without the delay; nil: `rateShare`.
    let bareRate: Double?
    let rounds: Int
    /// How long a variant is measured in a round, at least.
    let seconds: Double
    /// Samples of each variant, in all rounds together; nil: as many as come.
    let samples: Int?
    let connections: Int
    /// Connections of a server to its Redis.
    let storeConnections: Int
    let executable: String?
    let seed: UInt64
    let cores: CorePlan

    var shape: CallShape { .getDataByRange(history) }
    var keyCount: Int { owners.count * history.periods }

    /// How long a variant is measured in a round.
    func seconds(atRate rate: Double) -> Double {
        guard let samples else { return seconds }
        return max(Double(samples) * Self.samplesMargin / rate / Double(rounds), seconds)
    }

    /// The server of a variant, over its store.
    /// - Parameter width: keys that are read at the same time; nil: what the variant says.
    func plan(_ variant: CaseVariant, over store: CaseStore, width: Int? = nil) -> ServerPlan {
        var plan = ServerPlan(.needletail, executable: executable)
        plan.decodesNaively = variant.decoder == .naiveThrift
        plan.store = store.address
        plan.flags = variant.flags(width: width) + ["--engine-connections-per-node", "\(storeConnections)"]
        return plan
    }
}
