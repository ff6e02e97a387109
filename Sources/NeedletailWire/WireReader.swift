//! What a struct's decoder asks of a wire format. One decoder per struct, generic over the format, specialised by the
//! compiler for each.
//!
//! A reader borrows the message (`~Escapable`): it cannot outlive the bytes, and nothing is copied to make one. Binary
//! fields come out as slices that share the message's storage.

public import NIOCore

/// Reads values of one wire format from a message that has arrived.
public protocol WireReader: ~Copyable, ~Escapable {
    /// Enters a struct. Read its fields with `nextField` until that returns nil.
    @_lifetime(self: copy self)
    mutating func beginStruct() throws(WireError) -> StructScope

    /// The next field's header; nil where the struct ends. Fields that are explicitly absent (MessagePack's nil) and
    /// names that are not in `fields` are passed over. Formats without names never ask for `fields`.
    @_lifetime(self: copy self)
    mutating func nextField(
        _ scope: inout StructScope, in fields: @autoclosure () -> FieldTable
    ) throws(WireError) -> FieldHeader?

    /// Passes over the value of `field`, whatever it holds.
    @_lifetime(self: copy self)
    mutating func skip(_ field: FieldHeader) throws(WireError)

    @_lifetime(self: copy self)
    mutating func readBool() throws(WireError) -> Bool
    @_lifetime(self: copy self)
    mutating func readInt8() throws(WireError) -> Int8
    @_lifetime(self: copy self)
    mutating func readInt16() throws(WireError) -> Int16
    @_lifetime(self: copy self)
    mutating func readInt32() throws(WireError) -> Int32
    @_lifetime(self: copy self)
    mutating func readInt64() throws(WireError) -> Int64
    @_lifetime(self: copy self)
    mutating func readDouble() throws(WireError) -> Double
    @_lifetime(self: copy self)
    mutating func readUUID() throws(WireError) -> WireUUID
    /// Text; invalid UTF-8 is an error.
    @_lifetime(self: copy self)
    mutating func readString() throws(WireError) -> String
    /// Bytes, sharing the message's storage.
    @_lifetime(self: copy self)
    mutating func readBinary() throws(WireError) -> ByteBuffer
    /// Bytes, by their place in the message: nothing is retained.
    @_lifetime(self: copy self)
    mutating func readBinaryRange() throws(WireError) -> Range<Int>
    /// The message's bytes at a place that was read before.
    @_lifetime(copy self)
    func bytes(in range: Range<Int>) -> RawSpan
    /// A `list<binary>`, sharing the message's storage: one allocation for any number of elements.
    @_lifetime(self: copy self)
    mutating func readBinaryList() throws(WireError) -> BinaryList
    /// Enters a list or a set and returns its length, checked against the budget and against what is left of the message.
    @_lifetime(self: copy self)
    mutating func beginList(of element: WireType) throws(WireError) -> Int
    /// Enters a map and returns its number of pairs, likewise checked.
    @_lifetime(self: copy self)
    mutating func beginMap(key: WireType, value: WireType) throws(WireError) -> Int
    /// Leaves a list, a set or a map after its last element.
    @_lifetime(self: copy self)
    mutating func endContainer()
}

extension WireReader where Self: ~Copyable, Self: ~Escapable {
    /// Bytes, lent by the message.
    @inlinable
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readSpan() throws(WireError) -> RawSpan {
        let range = try readBinaryRange()
        return bytes(in: range)
    }

    /// No bytes, of the message: what an absent field is.
    @inlinable
    @_lifetime(copy self)
    public func emptySpan() -> RawSpan { bytes(in: 0..<0) }

    /// No text, of the message.
    @inlinable
    @_lifetime(copy self)
    public func emptyText() -> UTF8Span {
        do { return try UTF8Span(validating: Span<UInt8>(_bytes: emptySpan())) } catch {
            preconditionFailure("no bytes are no text")
        }
    }

    /// Text, lent by the message; invalid UTF-8 is an error.
    @inlinable
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readText() throws(WireError) -> UTF8Span {
        let bytes = try readSpan()
        do { return try UTF8Span(validating: Span<UInt8>(_bytes: bytes)) } catch { throw .invalidUTF8 }
    }
}
