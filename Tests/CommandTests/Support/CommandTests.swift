//! Tests of the built command from outside: a process is started, spoken to over its ports and pipes, and ended. Nothing
//! of ours is linked, so what holds here holds for every user.
//!
//! All of it blocks: on pipes, on sockets, on processes that end. It therefore runs on threads of its own
//! (`.ownThread`), one test after another, so that a machine with two cores is not asked to run fifty servers at once.

internal import Dispatch
internal import Foundation
internal import Testing

@Suite(.serialized, .ownThread)
enum CommandTests {
    /// Foundation cannot start a process from one that has some 1,300 descriptors open.
    @Test("a run of the command leaves nothing open in the process of the tests")
    static func runsLeaveNothingOpen() throws {
        func openCount() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        _ = try Command.run(["--version"])
        let before = try openCount()
        for _ in 0..<5 { _ = try Command.run(["--version"]) }
        #expect(try openCount() < before + 5)
    }
}

/// Runs each test on a thread that may block, off the threads that all asynchronous tests of the process share.
struct OwnThreadTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(BlockingExecutor.shared) { try await function() }
    }
}

extension Trait where Self == OwnThreadTrait {
    static var ownThread: Self { Self() }
}

/// Each job on a thread of a Dispatch queue that makes as many as it needs.
private final class BlockingExecutor: TaskExecutor {
    static let shared = BlockingExecutor()
    private let queue = DispatchQueue(label: "CommandTests", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
