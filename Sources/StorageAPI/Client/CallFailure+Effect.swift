public import NeedletailRPC

extension CallFailure where Exception == StorageError {
    /// Whether the call has changed anything, whoever says so: the server in its error, or the client, which knows what it
    /// has sent. NOT_EXECUTED: it may be repeated, whatever it does.
    public var effect: Effect {
        switch self {
        case .exception(let error): error.effect
        case .call(let error): Effect(error.effect)
        }
    }

    /// How long the server asks to wait before the call is repeated; nil where it does not say.
    public var retryAfter: Duration? {
        guard case .exception(let error) = self, let millis = error.retryAfterMillis else { return nil }
        return .milliseconds(millis)
    }
}

extension Effect {
    init(_ effect: CallEffect) {
        self =
            switch effect {
            case .notExecuted: .notExecuted
            case .executed: .executed
            case .unknown: .unknown
            }
    }
}
