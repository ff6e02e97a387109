//! What the service answers when it does not answer a result.

internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import StorageEngine

extension StorageError {
    static func invalidArgument(_ message: String) -> StorageError {
        StorageError(code: .invalidArgument, message: message, effect: .notExecuted)
    }

    static func late(_ message: String) -> StorageError {
        StorageError(code: .deadlineExceeded, message: message, effect: .notExecuted)
    }

    static func shed(_ reason: ShedReason) -> StorageError {
        StorageError(
            code: .overloaded, message: reason.message, effect: .notExecuted,
            retryAfterMillis: reason.retryAfterMillis)
    }

    static func loading(_ loading: Loading) -> StorageError {
        StorageError(
            code: .unavailable, message: "the server is \(loading)", effect: .notExecuted,
            retryAfterMillis: loading.retryAfterMillis)
    }

    static var memoryFull: StorageError {
        StorageError(
            code: .outOfMemory,
            message:
                "the server has used \(MemoryGovernor.refusePercent)% of its memory: only removals are taken until there is more",
            effect: .notExecuted)
    }

    /// A write that is to be seen, and may or may not be kept.
    static func unconfirmed(_ reason: String) -> StorageError {
        StorageError(code: .unavailable, message: reason, effect: .unknown)
    }

    /// When the log's buffer has emptied, where the disk works, or a node is back: milliseconds.
    private static let retryAfterMillis: Int32 = 100

    /// What an engine refused to do.
    init(_ error: EngineError) {
        switch error {
        case .outOfMemory(let limit):
            self.init(
                code: .outOfMemory, message: "the store's memory limit of \(limit) bytes is reached",
                effect: .notExecuted)
        case .notAnInteger:
            self.init(
                code: .notAnInteger, message: "the stored value is no decimal 64-bit integer", effect: .notExecuted)
        case .overflow: self = .invalidArgument("the sum does not fit 64 bits")
        case .invalidCursor: self = .invalidArgument("cursor: not one that this server gave out since it started")
        case .readOnly(let reason): self.init(code: .readOnly, message: reason, effect: .notExecuted)
        case .overloaded(let reason):
            self.init(
                code: .overloaded, message: reason, effect: .notExecuted,
                retryAfterMillis: Self.retryAfterMillis)
        case .interrupted(let reason): self.init(code: .unavailable, message: reason, effect: .unknown)
        case .unavailable(let reason):
            self.init(
                code: .unavailable, message: reason, effect: .notExecuted,
                retryAfterMillis: Self.retryAfterMillis)
        case .unsupported(let what):
            self.init(code: .unsupported, message: what, effect: .notExecuted)
        }
    }

    /// What breaks a rule of the IDL, and more elements than a request may have, are the method's error; nil for other bytes
    /// that do not decode, which refuse the call.
    init?(_ refusal: CallRefusal) {
        switch refusal {
        case .invalid(let error): self = .invalidArgument(error.description)
        case .undecodable(.countOverLimit(let count, let limit)):
            self = .invalidArgument("\(count) elements in one list, limits.maxKeysPerRequest is \(limit)")
        case .undecodable, .unknownMethod, .denied, .tlsRequired, .overloaded: return nil
        }
    }
}
