//! Makes calls again that failed and that change nothing: within the call's deadline, and within a budget, so that a server
//! that is overloaded does not get more calls for that.

internal import Synchronization

/// An exception of an IDL that can tell whether a call may be made again.
public protocol RetryAdvising {
    /// After how long; nil: not at all.
    var retryDelay: Duration? { get }
}

/// Retries calls of methods that only read (`readonly` in the IDL).
public struct RetryInterceptor: ClientInterceptor {
    /// How often a call is made, the first time included.
    public var attemptsMax = 3
    /// What to wait before a further attempt, where the server does not say.
    public var backoff = Backoff(first: .milliseconds(2), most: .milliseconds(100))
    /// What to wait at least where there is no connection: longer than the client's own first pause, in which it would not
    /// try.
    public var reconnectDelay = Duration.milliseconds(60)
    private let budget: RetryBudget

    /// - Parameter share: further attempts, as a part of all calls.
    public init(share: Double = 0.1) { budget = RetryBudget(share: share) }

    public func intercept<Method: RPCMethod>(
        _ call: OutgoingCall<Method>,
        next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        guard Method.isReadOnly else { return try await next(call) }
        budget.deposit()
        var attempt = 1
        while true {
            do throws(CallFailure<Method.Failure>) {
                return try await next(call)
            } catch {
                guard attempt < attemptsMax, !Task.isCancelled, let delay = delay(error, after: attempt),
                    delay < call.timeLeft, budget.withdraw()
                else { throw error }
                do { try await Task.sleep(for: delay) } catch { throw .call(.cancelled(.notExecuted)) }
                attempt += 1
            }
        }
    }

    /// After how long a call that failed so may be made again; nil: not at all.
    private func delay<Exception>(_ failure: CallFailure<Exception>, after attempt: Int) -> Duration? {
        let pause = backoff.delay(after: attempt, jitter: .random(in: 0...1))
        switch failure {
        case .exception(let exception): return (exception as? any RetryAdvising)?.retryDelay.map { max($0, pause) }
        case .call(let error):
            switch error {
            case .notConnected: return max(pause, reconnectDelay)
            case .connectionClosed, .timedOut, .undecodable: return pause
            case .tooManyInFlight, .cancelled, .clientClosed, .refused: return nil
            }
        }
    }
}

/// How many calls may be made again: a share of all, and a few at the start.
final class RetryBudget: Sendable {
    /// In thousandths of an attempt.
    private static let unit = 1_000
    /// What there is at the start.
    private static let reserve = 10 * unit
    /// The most that is saved up.
    private static let savedMax = 100 * unit

    private let share: Int
    private let tokens = Atomic(RetryBudget.reserve)

    init(share: Double) { self.share = Int(share * Double(Self.unit)) }

    /// A call was made.
    func deposit() {
        // More than the most by a few, where calls are made at once, does no harm.
        if tokens.load(ordering: .relaxed) < Self.savedMax { tokens.wrappingAdd(share, ordering: .relaxed) }
    }

    /// Takes one attempt.
    /// - Returns: false if there is none left.
    func withdraw() -> Bool {
        var tokens = tokens.load(ordering: .relaxed)
        while tokens >= Self.unit {
            let (exchanged, original) = self.tokens.weakCompareExchange(
                expected: tokens, desired: tokens - Self.unit, ordering: .relaxed)
            if exchanged { return true }
            tokens = original
        }
        return false
    }
}
