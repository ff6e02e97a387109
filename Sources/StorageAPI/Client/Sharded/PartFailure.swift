//! What the failure of one server means for a call that has others.

internal import NeedletailRPC

extension CallFailure where Exception == StorageError {
    /// What becomes of the keys of a server that failed so.
    var status: KeyStatus {
        switch self {
        case .exception(let error):
            switch error.code {
            case .overloaded: .shed
            case .deadlineExceeded: .deadlineExceeded
            default: .failed
            }
        case .call(.timedOut): .deadlineExceeded
        case .call(.tooManyInFlight): .shed
        case .call: .failed
        }
    }

    /// Whether it says something of the call, and nothing of the server.
    var isOfTheCall: Bool {
        switch self {
        case .exception(let error): error.code == .invalidArgument || error.code == .unsupported
        case .call: isCancellation
        }
    }

    /// Whether the task that made the call was cancelled.
    var isCancellation: Bool {
        if case .call(.cancelled) = self { true } else { false }
    }

    /// The code of an error that stands for it.
    private var code: ErrorCode {
        switch self {
        case .exception(let error): error.code
        case .call(.timedOut): .deadlineExceeded
        case .call(.tooManyInFlight): .overloaded
        case .call(.cancelled): .cancelled
        case .call: .unavailable
        }
    }

    /// The one of `failures` that says most of what all of them have changed.
    static func gravest(of failures: [Self]) -> Self? { failures.first { $0.effect != .notExecuted } ?? failures.first }

    /// The failure of a write that some servers have executed and others have not.
    /// - Parameter done: what the others have done, in words.
    static func partial(_ failures: [(server: Int, failure: Self)], _ done: String) -> Self? {
        guard let first = gravest(of: failures.map(\.failure)) else { return nil }
        let names = failures.map { "server \($0.server): \($0.failure)" }.joined(separator: "; ")
        return .exception(StorageError(code: first.code, message: "\(names); \(done)", effect: .unknown))
    }
}
