public import NIOCore

/// Writes MessagePack, each value in its shortest encoding; structs as maps keyed by field names or by field ids.
@frozen
public struct MessagePackWriter: ~Copyable {
    public var bytes: ByteWriter
    public var keys: MessagePackKeys

    @inlinable
    public init(_ bytes: consuming ByteWriter, keys: MessagePackKeys = .names) {
        self.bytes = bytes
        self.keys = keys
    }

    /// The bytes, with what was written.
    @inlinable
    public consuming func finish() -> ByteWriter { bytes }

    @inlinable
    public mutating func writeNil() { bytes.store(MessagePackByte.nil) }

    @inlinable
    public mutating func writeUInt64(_ value: UInt64) {
        switch value {
        case 0...0x7f: bytes.store(UInt8(truncatingIfNeeded: value))
        case 0...0xff: bytes.store(MessagePackByte.uint8, bigEndian: UInt8(truncatingIfNeeded: value))
        case 0...0xffff: bytes.store(MessagePackByte.uint16, bigEndian: UInt16(truncatingIfNeeded: value))
        case 0...0xffff_ffff: bytes.store(MessagePackByte.uint32, bigEndian: UInt32(truncatingIfNeeded: value))
        default: bytes.store(MessagePackByte.uint64, bigEndian: value)
        }
    }

    @inlinable
    public mutating func writeInt64(_ value: Int64) {
        switch value {
        case 0...Int64.max: writeUInt64(UInt64(bitPattern: value))
        case -0x20..<0: bytes.store(Int8(truncatingIfNeeded: value))
        case -0x80..<0: bytes.store(MessagePackByte.int8, bigEndian: Int8(truncatingIfNeeded: value))
        case -0x8000..<0: bytes.store(MessagePackByte.int16, bigEndian: Int16(truncatingIfNeeded: value))
        case -0x8000_0000..<0: bytes.store(MessagePackByte.int32, bigEndian: Int32(truncatingIfNeeded: value))
        default: bytes.store(MessagePackByte.int64, bigEndian: value)
        }
    }

    @inlinable
    public mutating func writeArrayHeader(_ count: Int) {
        switch count {
        case 0...0x0f: bytes.store(0x90 | UInt8(truncatingIfNeeded: count))
        case 0...0xffff: bytes.store(MessagePackByte.array16, bigEndian: UInt16(truncatingIfNeeded: count))
        default: bytes.store(MessagePackByte.array32, bigEndian: UInt32(truncatingIfNeeded: count))
        }
    }

    @inlinable
    public mutating func writeMapHeader(_ count: Int) {
        switch count {
        case 0...0x0f: bytes.store(0x80 | UInt8(truncatingIfNeeded: count))
        case 0...0xffff: bytes.store(MessagePackByte.map16, bigEndian: UInt16(truncatingIfNeeded: count))
        default: bytes.store(MessagePackByte.map32, bigEndian: UInt32(truncatingIfNeeded: count))
        }
    }

    @inlinable
    public mutating func writeStringHeader(_ count: Int) {
        switch count {
        case 0...0x1f: bytes.store(0xa0 | UInt8(truncatingIfNeeded: count))
        case 0...0xff: bytes.store(MessagePackByte.str8, bigEndian: UInt8(truncatingIfNeeded: count))
        case 0...0xffff: bytes.store(MessagePackByte.str16, bigEndian: UInt16(truncatingIfNeeded: count))
        default: bytes.store(MessagePackByte.str32, bigEndian: UInt32(truncatingIfNeeded: count))
        }
    }

    @inlinable
    public mutating func writeBinaryHeader(_ count: Int) {
        switch count {
        case 0...0xff: bytes.store(MessagePackByte.bin8, bigEndian: UInt8(truncatingIfNeeded: count))
        case 0...0xffff: bytes.store(MessagePackByte.bin16, bigEndian: UInt16(truncatingIfNeeded: count))
        default: bytes.store(MessagePackByte.bin32, bigEndian: UInt32(truncatingIfNeeded: count))
        }
    }

    /// The head of an extension value of `count` bytes, which follow.
    @inlinable
    public mutating func writeExtensionHeader(type: Int8, count: Int) {
        switch count {
        case 1, 2, 4, 8, 16:
            bytes.store(MessagePackByte.fixext1 &+ UInt8(truncatingIfNeeded: count.trailingZeroBitCount))
        case 0...0xff: bytes.store(MessagePackByte.ext8, bigEndian: UInt8(truncatingIfNeeded: count))
        case 0...0xffff: bytes.store(MessagePackByte.ext16, bigEndian: UInt16(truncatingIfNeeded: count))
        default: bytes.store(MessagePackByte.ext32, bigEndian: UInt32(truncatingIfNeeded: count))
        }
        bytes.store(type)
    }
}

extension MessagePackWriter: WireWriter {
    @inlinable
    public mutating func beginStruct(fieldCount: Int) -> StructScope {
        writeMapHeader(fieldCount)
        return StructScope()
    }

    @inlinable
    public mutating func field(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        switch keys {
        case .names:
            writeStringHeader(name.utf8CodeUnitCount)
            bytes.store(name)
        case .ids: writeInt64(Int64(id))
        }
    }

    @inlinable
    public mutating func endStruct() {}

    @inlinable
    public mutating func write(_ value: Bool) { bytes.store(value ? MessagePackByte.true : MessagePackByte.false) }

    @inlinable
    public mutating func write(_ value: Int8) { writeInt64(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int16) { writeInt64(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int32) { writeInt64(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int64) { writeInt64(value) }

    /// Always 64 bits wide: a float that fits 32 bits stays what it was.
    @inlinable
    public mutating func write(_ value: Double) { bytes.store(MessagePackByte.float64, bigEndian: value.bitPattern) }

    /// Sixteen bytes as bin.
    @inlinable
    public mutating func write(_ value: WireUUID) {
        writeBinaryHeader(WireUUID.byteCount)
        bytes.store(value.high.bigEndian)
        bytes.store(value.low.bigEndian)
    }

    @inlinable
    public mutating func write(_ value: String) {
        let utf8 = unsafe value.utf8Span.span.bytes
        writeStringHeader(utf8.byteCount)
        bytes.store(utf8)
    }

    @inlinable
    public mutating func write(_ value: RawSpan) {
        writeBinaryHeader(value.byteCount)
        bytes.store(value)
    }

    @inlinable
    public mutating func write(_ value: ByteBuffer) {
        writeBinaryHeader(value.readableBytes)
        bytes.store(value)
    }

    @inlinable
    public mutating func beginList(of element: WireType, count: Int) { writeArrayHeader(count) }

    @inlinable
    public mutating func beginMap(key: WireType, value: WireType, count: Int) { writeMapHeader(count) }

    @inlinable
    public mutating func writeAbsentBinary() { writeNil() }
}
