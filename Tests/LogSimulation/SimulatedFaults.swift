//! What goes wrong with a simulated storage, and when.

package import WriteAheadLog

/// A plan of faults, and the count of calls that it goes by.
package struct SimulatedFaults: Sendable {
    package typealias Operation = LogStorageError.Operation

    /// How a call goes.
    package enum Outcome: Sendable, Hashable {
        case success
        case failure(code: Int32)
        /// A sync that says that it succeeded, and did nothing: a bug that tests plant to see that it is found.
        case lie
        /// The machine stops in the middle of the call, or the process.
        case stop
    }

    /// Input/output error.
    package static let ioError: Int32 = 5
    /// No space left.
    package static let noSpace: Int32 = 28

    /// How often one call in a million fails with an I/O error, by operation.
    package var failuresPerMillion: [Operation: Int] = [:]
    private var planned: [Operation: [Int: Outcome]] = [:]
    private var counts: [Operation: Int] = [:]
    private var count = 0
    private var stopsAt = Int.max
    var generator: SimulationGenerator

    /// No faults.
    /// - Parameter seed: of everything that is left to chance.
    package init(seed: UInt64 = 0) { generator = SimulationGenerator(seed: seed) }

    /// How many calls there were.
    package func calls(_ operation: Operation) -> Int { counts[operation, default: 0] }

    /// Has a call go another way.
    /// - Parameter call: 1 for the next one.
    package mutating func plan(_ outcome: Outcome, _ operation: Operation, call: Int = 1) {
        let number = calls(operation) + call
        planned[operation, default: [:]][number] = outcome
    }

    /// Has everything stop in the middle of a call, whatever its operation.
    /// - Parameter call: 1 for the next one.
    package mutating func planStop(call: Int) { stopsAt = count + call }

    /// Nothing fails from now on.
    package mutating func clear() {
        planned = [:]
        failuresPerMillion = [:]
        stopsAt = .max
    }

    mutating func next(_ operation: Operation) -> Outcome {
        count += 1
        counts[operation, default: 0] += 1
        if count == stopsAt { return .stop }
        let number = calls(operation)
        if let outcome = planned[operation]?.removeValue(forKey: number) { return outcome }
        guard let rate = failuresPerMillion[operation] else { return .success }
        return Int.random(in: 0..<1_000_000, using: &generator) < rate ? .failure(code: Self.ioError) : .success
    }
}
