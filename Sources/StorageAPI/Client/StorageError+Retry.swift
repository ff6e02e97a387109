public import NeedletailRPC

extension StorageError: RetryAdvising {
    /// A server that is overloaded, or not there yet, did nothing and says when to come again.
    public var retryDelay: Duration? {
        switch code {
        case .overloaded, .unavailable:
            effect == .notExecuted ? .milliseconds(Int64(retryAfterMillis ?? 0)) : nil
        default: nil
        }
    }
}
