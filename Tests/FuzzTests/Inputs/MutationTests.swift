//! Fuzzing without a fuzzer: mutations of the corpus through the same oracles, in every test run, with fixed seeds.

import Glibc
import Testing

/// How much work the tests do: `TEST_SCALE=full` for the counts that a release asks for.
enum Scale {
    static let isFull = unsafe getenv("TEST_SCALE").map { unsafe String(cString: $0) } == "full"
    static func pick(_ ci: Int, full: Int) -> Int { isFull ? full : ci }
}

@Suite struct MutationTests {
    private func expectHolds(_ target: FuzzTarget, _ input: [UInt8]) {
        do {
            try target.check(input)
        } catch {
            Issue.record("\(target), \(input.map { String($0, radix: 16) }.joined(separator: " ")): \(error)")
        }
    }

    @Test("inputs cut off at every byte", arguments: FuzzTarget.all)
    func truncated(target: FuzzTarget) {
        let step = Scale.pick(5, full: 1)
        for seed in Seed.all(of: target) {
            for count in stride(from: seed.bytes.count % step, to: seed.bytes.count, by: step) {
                expectHolds(target, Array(seed.bytes.prefix(count)))
            }
        }
    }

    @Test("inputs with each bit flipped", arguments: FuzzTarget.all)
    func flipped(target: FuzzTarget) {
        // A step that meets every bit of a byte and every byte of an input sooner or later.
        let step = Scale.pick(37, full: 1)
        for seed in Seed.all(of: target) {
            for bit in stride(from: seed.bytes.count % step, to: seed.bytes.count * 8, by: step) {
                var input = seed.bytes
                input[bit / 8] ^= 1 << UInt8(bit % 8)
                expectHolds(target, input)
            }
        }
    }

    @Test("inputs with random faults", arguments: FuzzTarget.all)
    func mutated(target: FuzzTarget) {
        var mutator = Mutator(Seed.all(of: target).map(\.bytes), seed: 20)
        for _ in 0..<Scale.pick(500, full: 1_000_000) { expectHolds(target, mutator.next()) }
    }

    @Test("bytes without any order", arguments: FuzzTarget.all)
    func random(target: FuzzTarget) {
        var random = SeededGenerator(seed: 30)
        for _ in 0..<Scale.pick(100, full: 100_000) {
            expectHolds(target, (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
    }
}
