public import NIOCore

/// Writes Thrift's binary protocol; message heads strict.
@frozen
public struct ThriftBinaryWriter: ~Copyable {
    public var bytes: ByteWriter

    @inlinable
    public init(_ bytes: consuming ByteWriter) { self.bytes = bytes }

    /// The bytes, with what was written.
    @inlinable
    public consuming func finish() -> ByteWriter { bytes }

    /// A message's head with a name that the program knows.
    @inlinable
    public mutating func writeHead(_ kind: ThriftMessageKind, name: StaticString, sequenceID: Int32) {
        bytes.store((0x8001_0000 | UInt32(kind.rawValue)).bigEndian)
        bytes.store(Int32(truncatingIfNeeded: name.utf8CodeUnitCount).bigEndian)
        bytes.store(name)
        bytes.store(sequenceID.bigEndian)
    }

    /// A message's head.
    public mutating func writeHead(_ kind: ThriftMessageKind, name: RawSpan, sequenceID: Int32) {
        bytes.store((0x8001_0000 | UInt32(kind.rawValue)).bigEndian)
        bytes.store(Int32(truncatingIfNeeded: name.byteCount).bigEndian)
        bytes.store(name)
        bytes.store(sequenceID.bigEndian)
    }
}

extension ThriftBinaryWriter: WireWriter {
    @inlinable
    public mutating func beginStruct(fieldCount: Int) -> StructScope { StructScope() }

    @inlinable
    public mutating func field(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        bytes.store(type.rawValue, bigEndian: id)
    }

    @inlinable
    public mutating func endStruct() { bytes.store(0 as UInt8) }

    @inlinable
    public mutating func write(_ value: Bool) { bytes.store(value ? 1 as UInt8 : 0) }

    @inlinable
    public mutating func write(_ value: Int8) { bytes.store(value) }

    @inlinable
    public mutating func write(_ value: Int16) { bytes.store(value.bigEndian) }

    @inlinable
    public mutating func write(_ value: Int32) { bytes.store(value.bigEndian) }

    @inlinable
    public mutating func write(_ value: Int64) { bytes.store(value.bigEndian) }

    @inlinable
    public mutating func write(_ value: Double) { bytes.store(value.bitPattern.bigEndian) }

    @inlinable
    public mutating func write(_ value: WireUUID) {
        bytes.store(value.high.bigEndian)
        bytes.store(value.low.bigEndian)
    }

    @inlinable
    public mutating func write(_ value: String) { write(unsafe value.utf8Span.span.bytes) }

    @inlinable
    public mutating func write(_ value: RawSpan) {
        bytes.store(Int32(truncatingIfNeeded: value.byteCount).bigEndian)
        bytes.store(value)
    }

    @inlinable
    public mutating func write(_ value: ByteBuffer) {
        bytes.store(Int32(truncatingIfNeeded: value.readableBytes).bigEndian)
        bytes.store(value)
    }

    @inlinable
    public mutating func beginList(of element: WireType, count: Int) {
        bytes.store(element.rawValue, bigEndian: Int32(truncatingIfNeeded: count))
    }

    @inlinable
    public mutating func beginMap(key: WireType, value: WireType, count: Int) {
        bytes.store(key.rawValue)
        bytes.store(value.rawValue, bigEndian: Int32(truncatingIfNeeded: count))
    }

    @inlinable
    public mutating func writeAbsentBinary() { bytes.store(0 as Int32) }
}
