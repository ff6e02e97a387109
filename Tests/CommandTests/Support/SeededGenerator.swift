//! Randomness that a test can be run with again. What the machine adds (which call is answered first, how far a write has
//! come when its server is killed) no seed repeats; the choices of the test it does.

internal import Foundation

/// SplitMix64: the same numbers in every run for the same seed.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A generator of its own for something that runs beside this one.
    mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

extension Surroundings {
    /// What tests that choose at random start from: `TEST_SEED`, to do again what failed; else another one each time.
    static let seed: UInt64 =
        ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
}
