//! What can stand in a message: the base types, text, bytes, containers of these, and the structs, unions and enums that
//! the compiler generates. One conformance each, generic over the format, specialised by the compiler for every format.

public import NIOCore

/// A value that every wire format reads and writes.
public protocol WireValue: Sendable {
    /// What stands before such a value in a field's, a list's or a map's head.
    static var wireType: WireType { get }

    /// Reads the value.
    @_lifetime(reader: copy reader)
    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError)

    /// Writes the value.
    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer)
}

/// A struct, an exception or a union of the IDL. Decoding throws `missingField` for a required field that is absent.
public protocol WireStruct: WireValue {}

extension WireStruct {
    @inlinable
    public static var wireType: WireType { .structure }
}

/// An enum of the IDL: open, so that a number of a newer version is kept as it came.
public protocol WireEnum: WireValue, Hashable {
    init(rawValue: Int32)
    var rawValue: Int32 { get }
}

extension WireEnum {
    @inlinable
    public static var wireType: WireType { .int32 }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self.init(rawValue: try reader.readInt32())
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(rawValue) }
}

/// Where a struct would hold itself: one allocation in between.
public indirect enum Indirect<Value: Sendable>: Sendable {
    case value(Value)

    @inlinable
    public init(_ value: Value) { self = .value(value) }

    @inlinable
    public var value: Value {
        switch self {
        case .value(let value): value
        }
    }
}

extension Indirect: Equatable where Value: Equatable {}
extension Indirect: Hashable where Value: Hashable {}

// MARK: Base types

extension Bool: WireValue {
    @inlinable
    public static var wireType: WireType { .bool }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readBool()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}

extension Int8: WireValue {
    @inlinable
    public static var wireType: WireType { .int8 }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readInt8()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}

extension Int16: WireValue {
    @inlinable
    public static var wireType: WireType { .int16 }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readInt16()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}

extension Int32: WireValue {
    @inlinable
    public static var wireType: WireType { .int32 }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readInt32()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}

extension Int64: WireValue {
    @inlinable
    public static var wireType: WireType { .int64 }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readInt64()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}

extension Double: WireValue {
    @inlinable
    public static var wireType: WireType { .double }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readDouble()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}

extension String: WireValue {
    @inlinable
    public static var wireType: WireType { .binary }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readString()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}

/// `binary`: decoded, it shares the message's storage.
extension ByteBuffer: WireValue {
    @inlinable
    public static var wireType: WireType { .binary }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readBinary()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}
