public import NIOCore

/// Writes Thrift's compact protocol.
@frozen
public struct ThriftCompactWriter: ~Copyable {
    public var bytes: ByteWriter
    /// The delta and id of a boolean field whose value, which belongs into its head, has not been written yet.
    @usableFromInline var pendingBool: (delta: UInt8, id: Int16)?

    @inlinable
    public init(_ bytes: consuming ByteWriter) { self.bytes = bytes }

    /// The bytes, with what was written.
    @inlinable
    public consuming func finish() -> ByteWriter { bytes }

    /// A message's head with a name that the program knows.
    @inlinable
    public mutating func writeHead(_ kind: ThriftMessageKind, name: StaticString, sequenceID: Int32) {
        bytes.store(0x82 as UInt8)
        bytes.store(kind.rawValue << 5 | 1)
        bytes.storeVarint(UInt64(UInt32(bitPattern: sequenceID)))
        bytes.storeVarint(UInt64(name.utf8CodeUnitCount))
        bytes.store(name)
    }

    /// A message's head.
    public mutating func writeHead(_ kind: ThriftMessageKind, name: RawSpan, sequenceID: Int32) {
        bytes.store(0x82 as UInt8)
        bytes.store(kind.rawValue << 5 | 1)
        bytes.storeVarint(UInt64(UInt32(bitPattern: sequenceID)))
        bytes.storeVarint(UInt64(name.byteCount))
        bytes.store(name)
    }

    @inlinable
    mutating func writeZigZag(_ value: Int64) {
        bytes.storeVarint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }

    @inlinable
    mutating func writeFieldHead(delta: UInt8, id: Int16, nibble: UInt8) {
        bytes.store(delta &<< 4 | nibble)
        if delta == 0 { writeZigZag(Int64(id)) }
    }
}

extension ThriftCompactWriter: WireWriter {
    @inlinable
    public mutating func beginStruct(fieldCount: Int) -> StructScope { StructScope() }

    @inlinable
    public mutating func field(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        let distance = Int(id) &- Int(scope.lastFieldID)
        let delta = 1...15 ~= distance ? UInt8(truncatingIfNeeded: distance) : 0
        scope.lastFieldID = id
        if type == .bool {
            pendingBool = (delta, id)
        } else {
            writeFieldHead(delta: delta, id: id, nibble: CompactType.nibble(type))
        }
    }

    @inlinable
    public mutating func endStruct() { bytes.store(0 as UInt8) }

    @inlinable
    public mutating func write(_ value: Bool) {
        let nibble = value ? CompactType.boolTrue : CompactType.boolFalse
        if let (delta, id) = pendingBool {
            pendingBool = nil
            writeFieldHead(delta: delta, id: id, nibble: nibble)
        } else {
            bytes.store(nibble)
        }
    }

    @inlinable
    public mutating func write(_ value: Int8) { bytes.store(value) }

    @inlinable
    public mutating func write(_ value: Int16) { writeZigZag(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int32) { writeZigZag(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int64) { writeZigZag(value) }

    @inlinable
    public mutating func write(_ value: Double) { bytes.store(value.bitPattern.littleEndian) }

    @inlinable
    public mutating func write(_ value: WireUUID) {
        bytes.store(value.high.bigEndian)
        bytes.store(value.low.bigEndian)
    }

    @inlinable
    public mutating func write(_ value: String) { write(unsafe value.utf8Span.span.bytes) }

    @inlinable
    public mutating func write(_ value: RawSpan) {
        bytes.storeVarint(UInt64(value.byteCount))
        bytes.store(value)
    }

    @inlinable
    public mutating func write(_ value: ByteBuffer) {
        bytes.storeVarint(UInt64(value.readableBytes))
        bytes.store(value)
    }

    @inlinable
    public mutating func beginList(of element: WireType, count: Int) {
        if count < 15 {
            bytes.store(UInt8(truncatingIfNeeded: count) &<< 4 | CompactType.nibble(element))
        } else {
            bytes.store(0xf0 | CompactType.nibble(element))
            bytes.storeVarint(UInt64(count))
        }
    }

    @inlinable
    public mutating func beginMap(key: WireType, value: WireType, count: Int) {
        bytes.storeVarint(UInt64(count))
        if count > 0 { bytes.store(CompactType.nibble(key) &<< 4 | CompactType.nibble(value)) }
    }

    @inlinable
    public mutating func writeAbsentBinary() { bytes.store(0 as UInt8) }
}
