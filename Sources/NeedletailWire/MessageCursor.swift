//! A borrowed message and a place in it: what all readers share. Bounds are checked here, once, for all formats.

public import NIOCore

/// Reads raw bytes of a message in order.
///
/// `bytes` are the readable bytes of `owner`, or of what it is a copy of; offsets count from their start. Integer loads are
/// unsafe only in name: each is preceded by a check of the bytes that are left, and every bit pattern is a valid integer.
@frozen
@safe
public struct MessageCursor: ~Escapable {
    @usableFromInline let bytes: RawSpan
    /// What slices share their storage with.
    @usableFromInline var owner: ByteBuffer
    /// Where the next byte is read.
    public var offset = 0

    /// A cursor at the first readable byte of `message`.
    @inlinable
    @_lifetime(borrow message)
    public init(_ message: borrowing ByteBuffer) {
        bytes = message.readableBytesSpan
        owner = copy message
    }

    /// The same place in the first `count` bytes of the message, which are there.
    @_lifetime(copy cursor)
    init(_ cursor: MessageCursor, first count: Int) {
        bytes = cursor.bytes.extracting(0..<count)
        owner = cursor.owner
        offset = cursor.offset
    }

    /// Has slices that are read from now on, of what lies before `end`, share a copy of it instead of the message.
    @_lifetime(self: copy self)
    public mutating func own(upTo end: Int) {
        owner =
            owner.getSlice(at: owner.readerIndex, length: end).map { ByteBuffer(bytes: $0.readableBytesView) } ?? owner
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

    /// The next byte, if it has the bits `pattern` under `mask`; else, or where there is none, nothing is read.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readByte(_ pattern: UInt8, under mask: UInt8) -> UInt8? {
        guard offset < bytes.byteCount else { return nil }
        let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        guard byte & mask == pattern else { return nil }
        offset &+= 1
        return byte
    }

    /// The byte behind the next one, if that is `marker`; else, or where there are not two, nothing is read.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readByte(after marker: UInt8) -> UInt8? {
        guard bytes.byteCount &- offset >= 2, unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) == marker
        else { return nil }
        offset &+= 2
        return unsafe bytes.unsafeLoad(fromByteOffset: offset &- 1, as: UInt8.self)
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
        // Most are lengths and small numbers, of one byte.
        let first = try readByte()
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7f)
        var shift: UInt64 = 7
        for _ in 1..<maxBytes {
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
        let bytes = try readSpan(count)
        // Most text is ASCII and short; `String(validating:as:)` looks up types of its own for every string.
        if Self.isASCII(bytes) {
            return String(copying: unsafe UTF8Span(unchecked: Span<UInt8>(_bytes: bytes), isKnownASCII: true))
        }
        do { return String(copying: try UTF8Span(validating: Span<UInt8>(_bytes: bytes))) } catch { throw .invalidUTF8 }
    }

    /// Looks at eight bytes at a time; the last load may overlap the one before.
    @inlinable
    static func isASCII(_ bytes: RawSpan) -> Bool {
        let count = bytes.byteCount
        if count < 8 { return FieldTable.word(bytes, at: 0) & 0x8080_8080_8080_8080 == 0 }
        var bits: UInt64 = 0
        var offset = 0
        while offset < count &- 8 {
            bits |= unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        bits |= unsafe bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        return bits & 0x8080_8080_8080_8080 == 0
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func advance(_ count: Int) throws(WireError) {
        try require(count)
        offset &+= count
    }
}
