//! A decoded record, lent in batches to whoever replays.

public import Timing

/// One change of one key, as it was logged. Plain bits, so that thousands of them cost no reference counting.
///
/// Unsafe inside: it points into the bytes of the file that it was read from. Recovery hands records out only within a
/// call, and keeps those bytes unchanged until the call returns.
@safe
public struct LogRecord: BitwiseCopyable, @unchecked Sendable {
    public enum Change: UInt8, BitwiseCopyable, Sendable {
        /// The entry is now this value with this expiry.
        case put
        /// There is no entry now.
        case remove
        /// The entry, if there is one, has this expiry now.
        case touch
    }

    public let change: Change
    /// The change's LSN, which is the entry's version. The entries of one batch have the same.
    public let lsn: Int64
    /// `.distantFuture` for never.
    public let expiry: WallTime
    /// For the replay's target: the key's hash, and the worker that applies the record.
    public var hash: UInt64 = 0
    public var worker = 0
    private let keyStart: UnsafeRawPointer
    private let valueStart: UnsafeRawPointer
    private let valueCount: Int
    private let keyCount: Int

    /// - Precondition: `key` and `value` stay valid and unchanged as long as the record is used.
    @unsafe
    package init(
        _ change: Change, lsn: Int64, expiry: WallTime, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) {
        self.change = change
        self.lsn = lsn
        self.expiry = expiry
        unsafe keyStart = unsafe key.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        keyCount = key.count
        unsafe valueStart = unsafe value.baseAddress ?? UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped
        valueCount = value.count
    }

    public var key: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: keyStart, count: keyCount)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }

    /// Empty unless a put.
    public var value: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: valueStart, count: valueCount)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }
}
