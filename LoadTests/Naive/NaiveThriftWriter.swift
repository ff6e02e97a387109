/// Writes a tree of objects in Thrift's binary protocol.
///
/// What makes it slow: every value becomes an array of its own, and what holds it appends that array to its own, so that a
/// byte is copied once for every level that it lies under; the arrays grow as they go.
enum NaiveThriftWriter {
    static func bytes(of structure: NaiveThriftStruct) -> [UInt8] {
        var bytes: [UInt8] = []
        // In order, so that equal structs give equal bytes.
        for (id, value) in structure.fields.sorted(by: { $0.key < $1.key }) {
            bytes.append(type(of: value))
            bytes += integer(id)
            bytes += Self.bytes(of: value)
        }
        bytes.append(NaiveThriftType.stop)
        return bytes
    }

    private static func bytes(of value: NaiveThriftValue) -> [UInt8] {
        switch value {
        case .bool(let value): [value ? 1 : 0]
        case .int8(let value): [UInt8(bitPattern: value)]
        case .int16(let value): integer(value)
        case .int32(let value): integer(value)
        case .int64(let value): integer(value)
        case .double(let value): integer(value.bitPattern)
        case .binary(let bytes): integer(Int32(bytes.count)) + bytes
        case .structure(let structure): bytes(of: structure)
        case .list(let list), .set(let list): bytes(of: list)
        case .map(let map): bytes(of: map)
        }
    }

    private static func bytes(of list: NaiveThriftList) -> [UInt8] {
        var bytes = [list.elementType] + integer(Int32(list.elements.count))
        for element in list.elements { bytes += Self.bytes(of: element) }
        return bytes
    }

    private static func bytes(of map: NaiveThriftMap) -> [UInt8] {
        var bytes = [map.keyType, map.valueType] + integer(Int32(map.pairs.count))
        for (key, value) in map.pairs { bytes += Self.bytes(of: key) + Self.bytes(of: value) }
        return bytes
    }

    /// Big-endian.
    private static func integer<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe Array($0) }
    }

    private static func type(of value: NaiveThriftValue) -> UInt8 {
        switch value {
        case .bool: NaiveThriftType.bool
        case .int8: NaiveThriftType.int8
        case .int16: NaiveThriftType.int16
        case .int32: NaiveThriftType.int32
        case .int64: NaiveThriftType.int64
        case .double: NaiveThriftType.double
        case .binary: NaiveThriftType.binary
        case .structure: NaiveThriftType.structure
        case .list: NaiveThriftType.list
        case .set: NaiveThriftType.set
        case .map: NaiveThriftType.map
        }
    }
}
