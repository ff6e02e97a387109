import NeedletailRPC
import Testing

@testable import StorageAPI

@Suite(.timeLimit(.minutes(1))) struct GatheringTests {
    private typealias Failure = CallFailure<StorageError>

    /// Waits until its task is cancelled, as a call does that is not answered.
    private static func unanswered() async throws(Failure) -> Int {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
        withExtendedLifetime(continuation) {}
        throw .call(.cancelled(.unknown))
    }

    @Test(arguments: [0, 1, 2, 9]) func outcomesAreInTheOrderOfTheParts(count: Int) async throws {
        let outcomes: [Result<Int, Failure>] = try await gather(0..<count, stopsAtFailure: false) {
            (part) async throws(Failure) in
            if part == 1 { throw .call(.clientClosed) }
            return part * part
        }
        #expect(outcomes == (0..<count).map { $0 == 1 ? .failure(.call(.clientClosed)) : .success($0 * $0) })
    }

    @Test func theFirstFailureCancelsWhatIsUnfinishedAndIsThrown() async {
        await #expect(throws: Failure.call(.clientClosed)) {
            _ = try await gather(0..<3, stopsAtFailure: true) { (part) async throws(Failure) in
                if part == 2 { throw .call(.clientClosed) }
                return try await Self.unanswered()
            }
        }
    }

    @Test(arguments: [1, 3]) func aCancelledTaskCancelsAllParts(count: Int) async throws {
        let task = Task {
            try await gather(0..<count, stopsAtFailure: false) { (_) async throws(Failure) in
                try await Self.unanswered()
            }
        }
        task.cancel()
        let cancelled = Result<Int, Failure>.failure(.call(.cancelled(.unknown)))
        #expect(try await task.value == Array(repeating: cancelled, count: count))
    }

    @Test func thatTheTaskWasCancelledIsSaidOfTheWholeCall() {
        #expect(Failure.call(.cancelled(.notExecuted)).isOfTheCall)
        #expect(!Failure.call(.notConnected("")).isOfTheCall)
        #expect(!Failure.call(.timedOut(.read, .unknown)).isOfTheCall)
    }

    @Test func theGravestFailureIsOneThatMayHaveChangedSomething() {
        let harmless = Failure.call(.notConnected(""))
        let grave = Failure.call(.timedOut(.read, .unknown))
        #expect(Failure.gravest(of: [harmless, grave]) == grave)
        #expect(Failure.gravest(of: [harmless, .call(.clientClosed)]) == harmless)
        #expect(Failure.gravest(of: []) == nil)
    }
}
