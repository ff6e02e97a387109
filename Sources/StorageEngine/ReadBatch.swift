//! How an engine lends results: in batches, so that the call from engine to sink (a closure of the response writer's), which
//! crosses modules and cannot be inlined, is paid once for many keys; by reference, so that a value is copied once, by the sink, to where it leaves.

public import NIOCore
public import Timing

/// The results of consecutive keys of one read, lent for one call.
public struct ReadBatch: ~Escapable {
    /// The largest batch: large enough that memory latencies overlap, small enough that the first entry is still in the
    /// first-level cache when it is copied.
    public static var capacity: Int { 32 }

    private let items: Span<ReadItem>

    @_lifetime(copy items)
    public init(_ items: Span<ReadItem>) { self.items = items }

    public var count: Int { items.count }

    public subscript(index: Int) -> ReadItem { items[index] }
}

/// One key's result. Plain bits, so that a batch of them costs no reference counting.
///
/// Unsafe inside: it points into the engine's memory. An engine hands items out only to a sink (or a scan's closure) and keeps that memory unchanged until the call returns; a sink does not keep items.
@safe
public struct ReadItem: BitwiseCopyable {
    public let status: KeyStatus
    private let count: UInt32
    /// The entry's version; 0 unless found, or where the engine has none.
    public let version: Int64
    /// When the entry expires; `.distantFuture` for never.
    public let expiry: WallTime
    private let start: UnsafeRawPointer?
    private let owner: UnsafePointer<ByteBuffer>?

    /// A key that was not found, for the reason `status`.
    public init(_ status: KeyStatus) {
        self.status = status
        count = 0
        version = 0
        expiry = .distantFuture
        unsafe start = nil
        unsafe owner = nil
    }

    /// A found entry whose value lies at `bytes`, or in `owner` where the engine keeps it as a buffer.
    /// - Precondition: both stay valid and unchanged until the sink returns.
    @unsafe
    public init(
        found bytes: UnsafeRawBufferPointer, version: Int64, expiry: WallTime, owner: UnsafePointer<ByteBuffer>?
    ) {
        status = .found
        count = UInt32(truncatingIfNeeded: bytes.count)
        self.version = version
        self.expiry = expiry
        unsafe start = bytes.baseAddress
        unsafe self.owner = unsafe owner
    }

    /// The value's length in bytes; 0 unless found.
    public var byteCount: Int { Int(count) }

    /// The value's bytes; empty unless found.
    public var value: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(count))
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }

    /// The value as a buffer that can be sent by reference, where the engine keeps it as one (large values); else nil.
    public var shared: ByteBuffer? { unsafe owner?.pointee }
}
