//! What kill cycles are run on: a store that can be killed, and started again on what it has left.

internal import StorageAPI

/// How a store ends.
enum StoreEnd: Sendable {
    /// At once, in the middle of whatever it does.
    case kill
    /// In order: what was answered is kept, whatever it asked for.
    case stop
}

protocol KillableStore: Sendable {
    /// Its clock, in milliseconds since 1970, as it is seen from outside.
    var now: Int64 { get }
    /// By how much the clock that a call is executed by may be behind `now`, in milliseconds.
    var clockLagMax: Int64 { get }

    /// Forgets everything. Called only between an end and a start.
    func clear() throws
    /// Starts, and kills it before it is there.
    func startAndKill(using generator: inout SeededGenerator) throws
    /// Returns when calls can be made.
    func start() async throws
    /// - Parameter lane: who calls; makes one call after the other.
    func perform(_ call: StoreCall, _ durability: Durability?, lane: Int) async -> CallOutcome
    /// Asks for a snapshot, and does not wait for it.
    /// - Returns: whether there will be one.
    func requestSnapshot() throws -> Bool
    /// Begins to end it; returns at once.
    func end(_ end: StoreEnd)
    /// Returns when it is gone.
    func waitUntilGone() async throws
}
