//! A scenario: a server, its entries, and phases of load one after the other. Written as YAML (`ScenarioTable` has the
//! keys), read by `ScenarioReader`.

/// What `needletail-load run` does.
struct Scenario: Sendable, Hashable {
    var name: String
    var about: String?
    var seed: UInt64
    var keys: KeySpace
    /// Large values that some phases ask for.
    var large: LargeValues?
    var server: ServerPlan
    var phases: [ScenarioPhase]
}

/// One load, over connections of its own.
struct ScenarioPhase: Sendable, Hashable {
    var name: String
    var mix: CallMix
    var pace: Pace
    var seconds: Double
    /// 0: none. Meanwhile every answer is decoded and compared.
    var warmUpSeconds: Double
    var connections: Int
    var loadProtocol: LoadProtocol
    /// Whether it asks for large values besides.
    var isDisturbed: Bool

    var inFlight: Int { if case .closed(let inFlight) = pace { inFlight } else { 1 } }
}
