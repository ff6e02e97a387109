/// One operation that a deferred engine has begun: ended once, by its result or because nobody waits for it any more. Used
/// on the event loop that began it.
public final class EngineCall<Outcome> {
    private var then: ((Result<Outcome, EngineError>) -> Void)?

    /// Set by the engine: called once if the call is cancelled before it has ended; at once if it was already.
    public var onCancel: (() -> Void)? {
        didSet { if isCancelled { tellOfCancel() } }
    }
    public private(set) var isCancelled = false

    /// - Parameter then: called once with the result, and not after a cancellation.
    public init(_ then: @escaping (Result<Outcome, EngineError>) -> Void) { self.then = then }

    /// Whether a result is of no more use.
    public var hasEnded: Bool { then == nil }

    /// Ends the call. Only the first end counts.
    public func end(_ result: Result<Outcome, EngineError>) {
        guard let then else { return }
        self.then = nil
        onCancel = nil
        then(result)
    }

    public func succeed(_ outcome: Outcome) { end(.success(outcome)) }

    public func fail(_ error: EngineError) { end(.failure(error)) }

    /// Ends the call without a result: nobody waits for it.
    public func cancel() {
        guard then != nil else { return }
        then = nil
        isCancelled = true
        tellOfCancel()
    }

    private func tellOfCancel() {
        guard let tell = onCancel else { return }
        onCancel = nil
        tell()
    }
}
