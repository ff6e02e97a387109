//! How many instructions each piece of work takes, held against `LoadTests/Micro/instructions.json`: a change that adds more
//! than 5% fails here. With `UPDATE_INSTRUCTIONS=1` the counts are written to the file instead.

import Foundation
import InstructionCounts
import MicroBenchmarks
import Testing

private let baselineFile = URL(filePath: #filePath, directoryHint: .notDirectory)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "LoadTests/Micro/instructions.json")

/// Built beside the tests.
private let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "needletail-micro")

private var isRelease: Bool {
    #if DEBUG
        false
    #else
        true
    #endif
}

@Suite(
    .enabled(if: isRelease, "counted in release builds only"),
    .enabled(if: InstructionCounter.missingTool == nil, "needs valgrind and strip"),
    .enabled(
        if: InstructionBaseline.currentArchitecture == "x86_64", "there is no baseline for this processor"))
struct InstructionCountTests {
    @Test func noPieceOfWorkTakesMoreInstructionsThanItsBaseline() throws {
        var baseline = try InstructionBaseline(contentsOf: baselineFile)
        let counts = try InstructionCounter(program: program).count(MicroBenchmark.all)
        if ProcessInfo.processInfo.environment["UPDATE_INSTRUCTIONS"] == "1" {
            baseline[.tests] = counts
            return try baseline.write(to: baselineFile)
        }
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            let line = "instructions an operation: \(count) for \(name), baseline \(baseline[.tests][name] ?? .nan)"
            print(line)
            #expect(
                !baseline.verdict(name, count, .tests).isFailure, "\(line); if that is meant: UPDATE_INSTRUCTIONS=1")
            if case .fewer = baseline.verdict(name, count, .tests) {
                print("fewer than the baseline: lower it, with UPDATE_INSTRUCTIONS=1")
            }
        }
    }
}
