//! How many bytes a value takes, told without writing it: writers that count. A size cannot differ from what is written,
//! because both come from the same `encode`.

public import NIOCore

extension WireValue {
    /// The bytes that `encode` writes in Thrift's binary protocol.
    @inlinable
    public var thriftBinarySize: Int {
        var counter = ThriftBinarySize()
        encode(to: &counter)
        return counter.count
    }

    /// The bytes that `encode` writes in Thrift's compact protocol.
    @inlinable
    public var thriftCompactSize: Int {
        var counter = ThriftCompactSize()
        encode(to: &counter)
        return counter.count
    }

    /// The bytes that `encode` writes in MessagePack, with maps keyed by `keys`.
    @inlinable
    public func messagePackSize(keys: MessagePackKeys = .names) -> Int {
        var counter = MessagePackSize(keys: keys)
        encode(to: &counter)
        return counter.count
    }
}

/// Counts what `ThriftBinaryWriter` writes.
@frozen
public struct ThriftBinarySize: WireWriter, ~Copyable {
    public var count = 0

    @inlinable
    public init() {}

    @inlinable
    public mutating func beginStruct(fieldCount: Int) -> StructScope { StructScope() }

    @inlinable
    public mutating func field(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        count &+= 3
    }

    @inlinable
    public mutating func endStruct() { count &+= 1 }

    @inlinable
    public mutating func write(_ value: Bool) { count &+= 1 }

    @inlinable
    public mutating func write(_ value: Int8) { count &+= 1 }

    @inlinable
    public mutating func write(_ value: Int16) { count &+= 2 }

    @inlinable
    public mutating func write(_ value: Int32) { count &+= 4 }

    @inlinable
    public mutating func write(_ value: Int64) { count &+= 8 }

    @inlinable
    public mutating func write(_ value: Double) { count &+= 8 }

    @inlinable
    public mutating func write(_ value: WireUUID) { count &+= WireUUID.byteCount }

    @inlinable
    public mutating func write(_ value: String) { count &+= 4 &+ value.utf8.count }

    @inlinable
    public mutating func write(_ value: RawSpan) { count &+= 4 &+ value.byteCount }

    @inlinable
    public mutating func write(_ value: ByteBuffer) { count &+= 4 &+ value.readableBytes }

    @inlinable
    public mutating func beginList(of element: WireType, count elements: Int) { count &+= 5 }

    @inlinable
    public mutating func beginMap(key: WireType, value: WireType, count pairs: Int) { count &+= 6 }

    @inlinable
    public mutating func writeAbsentBinary() { count &+= 4 }
}

/// Counts what `ThriftCompactWriter` writes.
@frozen
public struct ThriftCompactSize: WireWriter, ~Copyable {
    public var count = 0
    /// A boolean field's head has been counted, and with it its value.
    @usableFromInline var headHasBool = false

    @inlinable
    public init() {}

    @inlinable
    static func varint(_ value: UInt64) -> Int { value < 0x80 ? 1 : (70 &- (value | 1).leadingZeroBitCount) / 7 }

    @inlinable
    static func zigZag(_ value: Int64) -> Int { varint(UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))) }

    @inlinable
    mutating func add(bytes: Int) { count &+= Self.varint(UInt64(bytes)) &+ bytes }

    @inlinable
    public mutating func beginStruct(fieldCount: Int) -> StructScope { StructScope() }

    @inlinable
    public mutating func field(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        count &+= 1...15 ~= Int(id) &- Int(scope.lastFieldID) ? 1 : 1 &+ Self.zigZag(Int64(id))
        scope.lastFieldID = id
        headHasBool = type == .bool
    }

    @inlinable
    public mutating func endStruct() { count &+= 1 }

    @inlinable
    public mutating func write(_ value: Bool) {
        if !headHasBool { count &+= 1 }
        headHasBool = false
    }

    @inlinable
    public mutating func write(_ value: Int8) { count &+= 1 }

    @inlinable
    public mutating func write(_ value: Int16) { count &+= Self.zigZag(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int32) { count &+= Self.zigZag(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int64) { count &+= Self.zigZag(value) }

    @inlinable
    public mutating func write(_ value: Double) { count &+= 8 }

    @inlinable
    public mutating func write(_ value: WireUUID) { count &+= WireUUID.byteCount }

    @inlinable
    public mutating func write(_ value: String) { add(bytes: value.utf8.count) }

    @inlinable
    public mutating func write(_ value: RawSpan) { add(bytes: value.byteCount) }

    @inlinable
    public mutating func write(_ value: ByteBuffer) { add(bytes: value.readableBytes) }

    @inlinable
    public mutating func beginList(of element: WireType, count elements: Int) {
        count &+= elements < 15 ? 1 : 1 &+ Self.varint(UInt64(elements))
    }

    @inlinable
    public mutating func beginMap(key: WireType, value: WireType, count pairs: Int) {
        count &+= pairs == 0 ? 1 : 1 &+ Self.varint(UInt64(pairs))
    }

    @inlinable
    public mutating func writeAbsentBinary() { count &+= 1 }
}

/// Counts what `MessagePackWriter` writes.
@frozen
public struct MessagePackSize: WireWriter, ~Copyable {
    public var count = 0
    public let keys: MessagePackKeys

    @inlinable
    public init(keys: MessagePackKeys = .names) { self.keys = keys }

    @inlinable
    static func integer(_ value: Int64) -> Int {
        switch value {
        case -0x20...0x7f: 1
        case -0x80...0xff: 2
        case -0x8000...0xffff: 3
        case -0x8000_0000...0xffff_ffff: 5
        default: 9
        }
    }

    /// The head of an array or a map.
    @inlinable
    static func containerHead(_ elements: Int) -> Int { elements <= 0x0f ? 1 : elements <= 0xffff ? 3 : 5 }

    @inlinable
    mutating func add(text bytes: Int) {
        count &+= (bytes <= 0x1f ? 1 : bytes <= 0xff ? 2 : bytes <= 0xffff ? 3 : 5) &+ bytes
    }

    @inlinable
    mutating func add(bytes: Int) { count &+= (bytes <= 0xff ? 2 : bytes <= 0xffff ? 3 : 5) &+ bytes }

    @inlinable
    public mutating func beginStruct(fieldCount: Int) -> StructScope {
        count &+= Self.containerHead(fieldCount)
        return StructScope()
    }

    @inlinable
    public mutating func field(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType) {
        switch keys {
        case .names: add(text: name.utf8CodeUnitCount)
        case .ids: count &+= Self.integer(Int64(id))
        }
    }

    @inlinable
    public mutating func endStruct() {}

    @inlinable
    public mutating func write(_ value: Bool) { count &+= 1 }

    @inlinable
    public mutating func write(_ value: Int8) { count &+= Self.integer(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int16) { count &+= Self.integer(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int32) { count &+= Self.integer(Int64(value)) }

    @inlinable
    public mutating func write(_ value: Int64) { count &+= Self.integer(value) }

    @inlinable
    public mutating func write(_ value: Double) { count &+= 9 }

    @inlinable
    public mutating func write(_ value: WireUUID) { count &+= 2 &+ WireUUID.byteCount }

    @inlinable
    public mutating func write(_ value: String) { add(text: value.utf8.count) }

    @inlinable
    public mutating func write(_ value: RawSpan) { add(bytes: value.byteCount) }

    @inlinable
    public mutating func write(_ value: ByteBuffer) { add(bytes: value.readableBytes) }

    @inlinable
    public mutating func beginList(of element: WireType, count elements: Int) { count &+= Self.containerHead(elements) }

    @inlinable
    public mutating func beginMap(key: WireType, value: WireType, count pairs: Int) {
        count &+= Self.containerHead(pairs)
    }

    @inlinable
    public mutating func writeAbsentBinary() { count &+= 1 }
}
