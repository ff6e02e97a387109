internal import NeedletailRPC

/// Makes one call for each of `parts`, all at once, and waits for all of them. A single one is made in the caller's own task.
/// - Parameter stopsAtFailure: whether the first failure cancels what is unfinished, and is thrown.
/// - Returns: what became of each part, in order.
func gather<Parts: Collection, Answer: Sendable, Exception: Error & Sendable>(
    _ parts: Parts, stopsAtFailure: Bool,
    _ call: @escaping @Sendable (Parts.Element) async throws(CallFailure<Exception>) -> Answer
) async throws(CallFailure<Exception>) -> [Result<Answer, CallFailure<Exception>>] where Parts.Element: Sendable {
    typealias Outcome = Result<Answer, CallFailure<Exception>>
    @Sendable func outcome(_ part: Parts.Element) async -> Outcome {
        do throws(CallFailure<Exception>) { return .success(try await call(part)) } catch { return .failure(error) }
    }
    if parts.count == 1, let only = parts.first {
        let outcome = await outcome(only)
        return [stopsAtFailure ? .success(try outcome.get()) : outcome]
    }
    let gathered: Result<[Outcome], CallFailure<Exception>> = await withTaskGroup(of: (Int, Outcome).self) { group in
        for (index, part) in parts.enumerated() {
            group.addTask { (index, await outcome(part)) }
        }
        var outcomes = [Outcome?](repeating: nil, count: parts.count)
        for await (index, outcome) in group {
            if stopsAtFailure, case .failure(let failure) = outcome {
                group.cancelAll()
                return .failure(failure)
            }
            outcomes[index] = outcome
        }
        return .success(outcomes.compactMap { $0 })
    }
    return try gathered.get()
}
