//! Pieces of work, timed in turn on one thread, and their instructions counted in processes of their own.

internal import Foundation
internal import InstructionCounts
internal import MicroBenchmarks

/// What is known of one piece of work.
struct MicroResult: Codable, Hashable, Sendable {
    var name: String
    /// CPU time of the thread for one operation, nanoseconds, in each round.
    var rounds: [Double] = []
    /// Of one operation; nil where they were not counted.
    var instructions: Double?
    /// What the repository's baseline says of them; nil where it does not know.
    var baseline: Double?

    var best: Double? { rounds.min() }
    var median: Double? { needletail_load.median(rounds) }
}

struct MicroContest {
    private(set) var results: [MicroResult]
    private let benchmarks: [MicroBenchmark]
    /// Rounds in which the container's quota stopped us; their figures are left out.
    private(set) var throttledRounds = 0

    /// - Parameter filter: only what has this in its name.
    init(filter: String?) {
        benchmarks = MicroBenchmark.all.filter { filter.map($0.name.contains) ?? true }
        results = benchmarks.map { MicroResult(name: $0.name) }
    }

    /// Times all pieces of work, one round after the other.
    mutating func time(rounds: Int, milliseconds: Double) throws {
        let works = try benchmarks.map { try $0.prepare() }
        var checksum = 0
        for round in 1...rounds {
            Console.progress("round \(round) of \(rounds)")
            let throttled = Throttling.count()
            var times: [Double] = []
            for (benchmark, work) in zip(benchmarks, works) {
                try Interruption.check()
                times.append(
                    try ThreadTime.nanosecondsPerOperation(milliseconds: milliseconds, cycle: benchmark.cycle) {
                        checksum &+= try work($0)
                    })
            }
            guard Throttling.count() == throttled else {
                throttledRounds += 1
                continue
            }
            for (index, time) in times.enumerated() { results[index].rounds.append(time) }
        }
        Console.endProgress()
        precondition(checksum != 0, "work gives something")
    }

    /// Counts the instructions of all pieces of work; where somebody ends it, it has those that were counted by then.
    mutating func count(_ counter: InstructionCounter, baseline: InstructionBaseline?) throws {
        let total = benchmarks.count
        let counts = try counter.count(
            benchmarks, isStopping: { Interruption.isRequested },
            progress: { Console.progress("counting instructions, \($0) of \(total)") })
        Console.endProgress()
        for index in results.indices {
            results[index].instructions = counts[results[index].name]
            results[index].baseline = baseline?[.release][results[index].name]
        }
        try Interruption.check()
    }

    /// Whether nothing was timed or counted.
    var isEmpty: Bool { results.allSatisfy { $0.rounds.isEmpty && $0.instructions == nil } }

    /// What was counted, by name.
    var counts: [String: Double] {
        Dictionary(uniqueKeysWithValues: results.compactMap { result in result.instructions.map { (result.name, $0) } })
    }
}
