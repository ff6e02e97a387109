//! The enumerations of `storage.thrift`. Open: a number that this version does not know is kept as it came.

/// What a read does at its deadline.
public struct ReadPolicy: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Answers with what there is; every key has its own status.
    public static let cancel = ReadPolicy(rawValue: 1)
    /// Waits for every key; the deadline turns the whole call into an error.
    public static let wait = ReadPolicy(rawValue: 2)
}

/// How well a write is kept.
public struct Durability: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Applied.
    public static let memory = Durability(rawValue: 1)
    /// Handed to the kernel.
    public static let logged = Durability(rawValue: 2)
    /// On disk.
    public static let synced = Durability(rawValue: 3)
    /// On replicas.
    public static let replicated = Durability(rawValue: 4)
}

/// Whether a put may create or replace.
public struct Condition: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Either.
    public static let always = Condition(rawValue: 1)
    /// Only create.
    public static let ifAbsent = Condition(rawValue: 2)
    /// Only replace.
    public static let ifPresent = Condition(rawValue: 3)
}

/// What went wrong.
public struct ErrorCode: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The request is not one that could succeed.
    public static let invalidArgument = ErrorCode(rawValue: 1)
    /// Not done in time.
    public static let deadlineExceeded = ErrorCode(rawValue: 2)
    /// Too much to do; try again after `retryAfterMillis`.
    public static let overloaded = ErrorCode(rawValue: 3)
    /// The memory limit is reached.
    public static let outOfMemory = ErrorCode(rawValue: 4)
    /// Writes are refused for now.
    public static let readOnly = ErrorCode(rawValue: 5)
    /// Not serving now.
    public static let unavailable = ErrorCode(rawValue: 6)
    /// Nobody knows who asks.
    public static let unauthenticated = ErrorCode(rawValue: 7)
    /// Who asks may not.
    public static let permissionDenied = ErrorCode(rawValue: 8)
    /// `increment` on a value that is no decimal integer.
    public static let notAnInteger = ErrorCode(rawValue: 9)
    /// The engine cannot do this.
    public static let unsupported = ErrorCode(rawValue: 10)
    /// A bug of the server.
    public static let internalError = ErrorCode(rawValue: 11)
    /// The client cancelled the call.
    public static let cancelled = ErrorCode(rawValue: 12)
}

/// Whether a failed call did something.
public struct Effect: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Nothing was changed.
    public static let notExecuted = Effect(rawValue: 1)
    /// The change was made.
    public static let executed = Effect(rawValue: 2)
    /// It may or may not have been made.
    public static let unknown = Effect(rawValue: 3)
}
