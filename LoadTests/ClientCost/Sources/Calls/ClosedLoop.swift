//! Calls in a closed loop: each task makes its next call when the answer to its last one has come.

struct ClosedLoop {
    /// Tasks, and so calls in flight.
    let concurrency: Int

    /// Makes the calls a tenth of `calls` before, unmeasured, then `calls` times.
    func measure(_ caller: some Caller, calls: Int) async throws -> CallSample {
        try await run(caller, calls: max(calls / 10, concurrency))
        let clock = ContinuousClock()
        let cpuBefore = CPUTime.ofThisProcess()
        let start = clock.now
        try await run(caller, calls: calls)
        let elapsed = clock.now - start
        return CallSample(
            calls: calls, seconds: elapsed / .seconds(1), cpuSeconds: CPUTime.ofThisProcess() - cpuBefore)
    }

    private func run(_ caller: some Caller, calls: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<concurrency {
                let share = calls / concurrency + (task < calls % concurrency ? 1 : 0)
                group.addTask {
                    for _ in 0..<share {
                        guard try await caller.call() == Entry.valueSize else { throw CostError("a wrong answer") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
