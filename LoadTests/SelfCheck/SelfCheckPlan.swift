//! What the harness' checks of itself do, and how much of it.

struct SelfCheckPlan: Sendable {
    static let entries = 10_000

    let keys = KeySpace(count: entries)
    /// Of each kind.
    let rounds: Int
    /// Of each measurement.
    let seconds: Double
    /// Calls per second, in open loops and by the client in Python: so few that a call never waits for another.
    let rate: Double
    /// In closed loops.
    let connections: Int
    let freezeMillis: Int
    let seed: UInt64

    /// When in a measurement the server is stopped.
    var freezeAfterSeconds: Double { seconds * 0.3 }
    /// Calls of 100 keys, for the generator's floor beside that of gets.
    static let manyKeys = 100
    static let warmUpSeconds = 0.3
    /// Of watching a core, in each round.
    static let pauseSeconds = 1.0
}
