//! What a soak has counted.

/// What became of the calls of one kind.
struct SoakTally: Codable, Hashable, Sendable {
    var calls = 0
    /// Keys: found, applied or removed; and not.
    var hits = 0
    var misses = 0
    /// Answered with an error.
    var refused = 0
    /// Never answered, because a connection was cut or the server killed.
    var unanswered = 0
    var wrong = 0
}

struct SoakFigures: Sendable {
    /// Faults that are kept word for word.
    private static let faultsKeptMax = 10

    private(set) var tallies: [SoakOperation: SoakTally] = [:]
    /// By kind: those that came by themselves, and those in a disturbance or after it.
    private(set) var errors: [String: Int] = [:]
    private(set) var provokedErrors: [String: Int] = [:]
    private(set) var faults: [SoakFault.Kind: Int] = [:]
    private(set) var firstFaults: [String] = []
    private(set) var endings: [SoakEnding: Int] = [:]
    /// Answers of slow readers; they are among the tallies too.
    var slowAnswers = 0
    var freezes = 0
    var frozenSeconds = 0.0
    var kills = 0
    /// Entries that were read after the kills, all of them after each.
    var readAfterKills = 0
    /// How often we stood still ourselves.
    var stalls = 0

    var calls: Int { tallies.values.reduce(0) { $0 + $1.calls } }
    var hits: Int { tallies.values.reduce(0) { $0 + $1.hits } }
    var misses: Int { tallies.values.reduce(0) { $0 + $1.misses } }
    var wrong: Int { faults.values.reduce(0, +) }
    var errorCount: Int { errors.values.reduce(0, +) }
    var provokedErrorCount: Int { provokedErrors.values.reduce(0, +) }

    mutating func note(_ operation: SoakOperation, _ change: (inout SoakTally) -> Void) {
        change(&tallies[operation, default: SoakTally()])
    }

    mutating func note(error kind: String, isProvoked: Bool) {
        if isProvoked { provokedErrors[kind, default: 0] += 1 } else { errors[kind, default: 0] += 1 }
    }

    mutating func note(_ fault: SoakFault, second: Double) {
        faults[fault.kind, default: 0] += 1
        if firstFaults.count < Self.faultsKeptMax { firstFaults.append("at \(fixed(second, 1)) s, \(fault)") }
    }

    mutating func note(_ ending: SoakEnding) { endings[ending, default: 0] += 1 }
}
