import Foundation
import InstructionCounts
import Testing

struct InstructionBaselineTests {
    private let baseline = {
        var baseline = InstructionBaseline()
        baseline[.tests] = ["a": 100, "nothing": 0]
        baseline[.release] = ["a": 50]
        return baseline
    }()

    @Test func moreThanTheToleranceFails() {
        #expect(baseline.verdict("a", 104.9, .tests).isFailure == false)
        #expect(baseline.verdict("a", 105.2, .tests).isFailure)
        #expect(baseline.verdict("nothing", 1, .tests).isFailure)
        #expect(!baseline.verdict("nothing", 0, .tests).isFailure)
    }

    @Test func fewerIsSaidAndDoesNotFail() {
        guard case .fewer(let change) = baseline.verdict("a", 90, .tests) else {
            Issue.record("90 of 100 are fewer")
            return
        }
        #expect(abs(change + 0.1) < 1e-9)
        #expect(!baseline.verdict("a", 90, .tests).isFailure)
    }

    @Test func whatTheBaselineDoesNotKnowFails() { #expect(baseline.verdict("b", 1, .tests).isFailure) }

    @Test func eachBuildHasItsOwn() {
        #expect(baseline.verdict("a", 100, .release).isFailure)
        #expect(!baseline.verdict("a", 50, .release).isFailure)
        #expect(baseline.verdict("nothing", 0, .release) == .unknown)
    }

    @Test func itComesBackFromItsFile() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "instructions-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try baseline.write(to: file)
        #expect(try InstructionBaseline(contentsOf: file) == baseline)
    }

    @Test func theCountIsReadFromWhatValgrindSays() {
        #expect(InstructionCounter.collected("==12== Events    : Ir\n==12== Collected : 14587\n") == 14_587)
        #expect(InstructionCounter.collected("==12== valgrind: cannot\n") == nil)
    }
}
