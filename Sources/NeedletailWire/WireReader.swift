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
    /// names that are not in `fields` are passed over.
    @_lifetime(self: copy self)
    mutating func nextField(_ scope: inout StructScope, in fields: FieldTable) throws(WireError) -> FieldHeader?

    /// Passes over the value of `field`, whatever it holds.
    @_lifetime(self: copy self)
    mutating func skip(_ field: FieldHeader) throws(WireError)

    @_lifetime(self: copy self)
    mutating func readBool() throws(WireError) -> Bool
    @_lifetime(self: copy self)
    mutating func readInt32() throws(WireError) -> Int32
    @_lifetime(self: copy self)
    mutating func readInt64() throws(WireError) -> Int64
    @_lifetime(self: copy self)
    mutating func readDouble() throws(WireError) -> Double
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
    /// Enters a list and returns its length, checked against the budget and against what is left of the message.
    @_lifetime(self: copy self)
    mutating func beginList(of element: WireType) throws(WireError) -> Int
    /// Enters a map and returns its number of pairs, likewise checked.
    @_lifetime(self: copy self)
    mutating func beginMap(key: WireType, value: WireType) throws(WireError) -> Int
}

extension WireReader where Self: ~Copyable, Self: ~Escapable {
    /// A list of structs.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readList<Element: WireStruct>(
        of: Element.Type
    ) throws(WireError) -> [Element] {
        let count = try beginList(of: .structure)
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try Element(from: &self)) }
        return elements
    }

    /// A list of 64-bit integers.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt64List() throws(WireError) -> [Int64] {
        let count = try beginList(of: .int64)
        var elements: [Int64] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try readInt64()) }
        return elements
    }

    /// A map of text to text; the last of equal keys wins.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readStringMap() throws(WireError) -> [String: String] {
        let count = try beginMap(key: .binary, value: .binary)
        var map: [String: String] = [:]
        for _ in 0..<count {
            let key = try readString()
            map[key] = try readString()
        }
        return map
    }
}

/// A struct of the IDL: read and written by any wire format.
public protocol WireStruct: Sendable {
    /// Reads the struct.
    /// - Throws: `WireError`; `missingField` names a required field that was absent.
    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError)

    /// Writes the struct's fields.
    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer)
}
