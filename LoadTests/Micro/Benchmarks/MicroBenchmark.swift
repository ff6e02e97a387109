//! Small pieces of the rooms' own work, each the same every time it is done: what is timed, and what instructions are
//! counted of.
//!
//! A piece of work runs on one thread, makes no system call but for memory, and takes no time, randomness or hash seed from
//! outside, so that the same build executes the same instructions again.

/// Does so many operations.
/// - Returns: something of each operation's result, so that none may be left out.
package typealias MicroWork = (_ operations: Int) throws -> Int

/// A piece of work under a name.
package struct MicroBenchmark: Sendable {
    /// `room.what`, as tables and the baseline have it.
    package let name: String
    /// Operations after which the work is where it began: those that are measured together are a multiple.
    package let cycle: Int
    /// Operations whose instructions are counted.
    package let countedOperations: Int
    private let preparation: @Sendable () throws -> MicroWork

    /// - Parameter preparation: makes what the work needs.
    init(
        _ name: String, cycle: Int = 1, countedOperations: Int,
        _ preparation: @escaping @Sendable () throws -> MicroWork
    ) {
        precondition(countedOperations % cycle == 0, "whole cycles are counted")
        self.name = name
        self.cycle = cycle
        self.countedOperations = countedOperations
        self.preparation = preparation
    }

    /// The work, after one cycle of it: what is made once, such as tables and buffers, has been.
    package func prepare() throws -> MicroWork {
        let work = try preparation()
        _ = try work(cycle)
        return work
    }

    package static let all =
        CodecBenchmarks.all + TableBenchmarks.all + LogBenchmarks.all + FanOutBenchmarks.all + TimerBenchmarks.all
        + TelemetryBenchmarks.all

    package static func named(_ name: String) -> MicroBenchmark? { all.first { $0.name == name } }
}

/// What the pieces of work are done on: as the comparison with Redis and memcached has it.
enum MicroSample {
    static let keySize = 16
    static let valueSize = 100
    /// Keys of a call that has many.
    static let keysPerCall = 100
    /// Entries of a table: they and it fit the second-level cache of a server's core, so that times say what the code takes
    /// and not what memory does.
    static let entryCount = 10_000
    /// The step from one key to the next; a prime that does not divide the count of entries, so that all are visited, and
    /// not in the order in which they were stored.
    static let keyStep = 7_919
}
