//! A borrowed message and a place in it: what all readers share. Bounds are checked here, once, for all formats.

public import NIOCore

/// Reads raw bytes of a message in order.
///
/// `bytes` are the readable bytes of `owner`; offsets count from their start. Integer loads are unsafe only in name: each
/// is preceded by a check of the bytes that are left, and every bit pattern is a valid integer.
@frozen
@safe
public struct MessageCursor: ~Escapable {
    @usableFromInline let bytes: RawSpan
    @usableFromInline let owner: ByteBuffer
    /// Where the next byte is read.
    public var offset = 0

    /// A cursor at the first readable byte of `message`.
    @inlinable
    @_lifetime(borrow message)
    public init(_ message: borrowing ByteBuffer) {
        bytes = message.readableBytesSpan
        owner = copy message
    }

    /// Bytes from here to the end.
    @inlinable
    public var remaining: Int { bytes.byteCount &- offset }

    @inlinable
    @inline(__always)
    func require(_ count: Int) throws(WireError) {
        if _slowPath(count > bytes.byteCount &- offset) { throw .truncated }
    }

    /// The next byte, which stays unread.
    @inlinable
    public func peekByte() throws(WireError) -> UInt8 {
        try require(1)
        return unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readByte() throws(WireError) -> UInt8 {
        try require(1)
        let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        offset &+= 1
        return byte
    }

    /// A big-endian integer.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInteger<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(WireError) -> Value {
        try require(MemoryLayout<Value>.size)
        let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
        offset &+= MemoryLayout<Value>.size
        return Value(bigEndian: value)
    }

    /// An unsigned variable-length integer of at most `maxBytes` bytes.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readVarint(maxBytes: Int) throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for _ in 0..<maxBytes {
            let byte = try readByte()
            value |= UInt64(byte & 0x7f) &<< shift
            if byte & 0x80 == 0 { return value }
            shift &+= 7
        }
        throw .varintTooLong
    }

    /// The next `count` bytes, lent.
    @inlinable
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readSpan(_ count: Int) throws(WireError) -> RawSpan {
        try require(count)
        let span = bytes.extracting(offset..<offset &+ count)
        offset &+= count
        return span
    }

    /// Where the next `count` bytes lie.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readRange(_ count: Int) throws(WireError) -> Range<Int> {
        try require(count)
        defer { offset &+= count }
        return offset..<offset &+ count
    }

    /// The next `count` bytes as a slice of the message.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readSlice(_ count: Int) throws(WireError) -> ByteBuffer {
        try require(count)
        guard let slice = owner.getSlice(at: owner.readerIndex &+ offset, length: count) else { throw .truncated }
        offset &+= count
        return slice
    }

    /// The next `count` bytes as text.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readString(_ count: Int) throws(WireError) -> String {
        let span = try readSpan(count)
        let text = unsafe span.withUnsafeBytes { bytes in unsafe String(validating: bytes, as: UTF8.self) }
        guard let text else { throw .invalidUTF8 }
        return text
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func advance(_ count: Int) throws(WireError) {
        try require(count)
        offset &+= count
    }
}
