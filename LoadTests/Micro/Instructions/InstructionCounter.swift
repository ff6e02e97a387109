//! Counts the instructions of pieces of work: Valgrind runs `needletail-micro` twice for each, with so many operations and
//! with twice as many, and the difference is theirs; start and preparation cancel out.
//!
//! What would make a count differ from run to run or from machine to machine is held: the environment is the same for
//! everybody, Swift's hash seeds are fixed, and glibc is told not to choose copies and searches by what the processor can.
//! What is left is some ten instructions of millions.

internal import Dispatch
package import Foundation
package import MicroBenchmarks
internal import Synchronization

package final class InstructionCounter: Sendable {
    /// What has to be installed. Valgrind up to 3.19 gives up on the debugging information of Swift's libraries, so that
    /// the program is run without.
    private static let tools = ["valgrind", "strip"]

    private let valgrind: URL
    /// The program, in a folder of its own that goes away with the counter.
    private let program: URL

    /// The first tool that is not installed; nil if all are.
    package static var missingTool: String? { tools.first { find($0) == nil } }

    /// - Parameter program: `needletail-micro`.
    package init(program original: URL) throws {
        guard let valgrind = Self.find("valgrind"), let strip = Self.find("strip") else {
            throw CountingFailure("\(Self.missingTool ?? "a tool") is not installed")
        }
        self.valgrind = valgrind
        let folder = FileManager.default.temporaryDirectory.appending(path: "needletail-micro-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        program = folder.appending(path: "needletail-micro")
        _ = try Self.run(strip, ["--strip-debug", "-o", program.path, original.path])
    }

    deinit { try? FileManager.default.removeItem(at: program.deletingLastPathComponent()) }

    /// Instructions of one operation of each, by name. As many are counted at the same time as there are cores.
    /// - Parameters:
    ///   - isStopping: asked before each, from any thread; once it says so, no further ones are counted.
    ///   - progress: called after each, from any thread, with how many are done.
    package func count(
        _ benchmarks: [MicroBenchmark], isStopping: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [String: Double] {
        let outcome = Mutex(Result<[String: Double], any Error>.success([:]))
        DispatchQueue.concurrentPerform(iterations: benchmarks.count) { index in
            // The first failure is the outcome.
            guard !isStopping(), case .success = outcome.withLock({ $0 }) else { return }
            let benchmark = benchmarks[index]
            let count = Result { try self.count(benchmark) }
            let done = outcome.withLock { outcome -> Int in
                outcome = outcome.flatMap { counts in
                    count.map { counts.merging([benchmark.name: $0]) { _, new in new } }
                }
                return (try? outcome.get().count) ?? 0
            }
            progress(done)
        }
        return try outcome.withLock { $0 }.get()
    }

    private func count(_ benchmark: MicroBenchmark) throws -> Double {
        let operations = benchmark.countedOperations
        let single = try instructions(benchmark, operations)
        let double = try instructions(benchmark, 2 * operations)
        return Double(double - single) / Double(operations)
    }

    private func instructions(_ benchmark: MicroBenchmark, _ operations: Int) throws -> Int {
        let said = try Self.run(
            valgrind,
            [
                "--tool=callgrind", "--callgrind-out-file=/dev/null", program.path, benchmark.name, "\(operations)",
            ])
        guard let count = Self.collected(said) else { throw CountingFailure("\(benchmark.name): \(said.suffix(500))") }
        return count
    }

    /// `==4711== Collected : 123456`.
    package static func collected(_ said: String) -> Int? {
        said.split(separator: "\n").lazy.compactMap { line -> Int? in
            guard let range = line.range(of: "Collected :") else { return nil }
            return Int(line[range.upperBound...].filter(\.isNumber))
        }.first
    }

    // MARK: Processes

    /// glibc has several versions of `memcpy` and the like, and takes the one that the processor runs fastest. With these
    /// it takes the one that every x86-64 processor can run.
    private static let environment = [
        "PATH": "/usr/bin:/bin", "SWIFT_DETERMINISTIC_HASHING": "1",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps="
            + [
                "AVX2", "AVX512F", "AVX512VL", "AVX512BW", "AVX_Fast_Unaligned_Load", "ERMS", "FSRM", "SSSE3",
                "SSE4_1", "SSE4_2", "BMI1", "BMI2", "LZCNT", "MOVBE", "POPCNT", "RTM",
            ].map { "-\($0)" }.joined(separator: ","),
    ]

    private static func find(_ tool: String) -> URL? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").lazy
            .map { URL(filePath: "\($0)/\(tool)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// - Returns: what it said on standard error.
    private static func run(_ executable: URL, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CountingFailure("\(executable.lastPathComponent) failed: \(said.suffix(500))")
        }
        return said
    }
}

/// No count came of a piece of work.
package struct CountingFailure: Error, CustomStringConvertible {
    private let reason: String

    init(_ reason: String) { self.reason = reason }

    package var description: String { "instructions were not counted: \(reason)" }
}
