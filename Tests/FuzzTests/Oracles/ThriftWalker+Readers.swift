import NIOCore

@testable import NeedletailWire

extension ThriftBinaryReader: ThriftWalker {
    @_lifetime(self: copy self)
    mutating func readFixed(_ byteCount: Int) throws(WireError) { try cursor.advance(byteCount) }

    @_lifetime(self: copy self)
    mutating func readAnyInteger(_ type: WireType) throws(WireError) {
        switch type {
        case .int16: _ = try cursor.readInteger(Int16.self)
        case .int32: _ = try readInt32()
        default: _ = try readInt64()
        }
    }

    @_lifetime(self: copy self)
    mutating func beginAnyList() throws(WireError) -> (count: Int, element: WireType) {
        let start = cursor.offset
        let byte = try cursor.readByte()
        // The type of an empty list's elements is of no consequence.
        let isEmpty = try cursor.readInteger(Int32.self) == 0
        let element = isEmpty ? WireType.int8 : try Self.type(byte)
        cursor.offset = start
        return (try beginList(of: element), element)
    }

    @_lifetime(self: copy self)
    mutating func beginAnyMap() throws(WireError) -> (count: Int, key: WireType, value: WireType) {
        let start = cursor.offset
        let bytes = (try cursor.readByte(), try cursor.readByte())
        let isEmpty = try cursor.readInteger(Int32.self) == 0
        let (key, value) = isEmpty ? (.int8, .int8) : (try Self.type(bytes.0), try Self.type(bytes.1))
        cursor.offset = start
        return (try beginMap(key: key, value: value), key, value)
    }
}

extension ThriftCompactReader: ThriftWalker {
    @_lifetime(self: copy self)
    mutating func readFixed(_ byteCount: Int) throws(WireError) { try cursor.advance(byteCount) }

    /// The scanner does not tell widths apart.
    @_lifetime(self: copy self)
    mutating func readAnyInteger(_ type: WireType) throws(WireError) { _ = try readInt64() }

    @_lifetime(self: copy self)
    mutating func beginAnyList() throws(WireError) -> (count: Int, element: WireType) {
        let start = cursor.offset
        let byte = try cursor.readByte()
        let isEmpty = byte >> 4 == 15 ? try cursor.readVarint(maxBytes: 5) == 0 : byte >> 4 == 0
        let element = isEmpty ? WireType.int8 : try CompactType.type(byte & 0x0f)
        cursor.offset = start
        return (try beginList(of: element), element)
    }

    @_lifetime(self: copy self)
    mutating func beginAnyMap() throws(WireError) -> (count: Int, key: WireType, value: WireType) {
        let start = cursor.offset
        var (key, value) = (WireType.int8, WireType.int8)
        if try cursor.readVarint(maxBytes: 5) > 0 {
            let types = try cursor.readByte()
            (key, value) = (try CompactType.type(types >> 4), try CompactType.type(types & 0x0f))
        }
        cursor.offset = start
        return (try beginMap(key: key, value: value), key, value)
    }
}
