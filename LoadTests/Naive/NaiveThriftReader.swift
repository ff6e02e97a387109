/// Reads Thrift's binary protocol into a tree of objects.
///
/// What makes it slow: an object and a dictionary for every struct (two or three allocations, and a hash for every field),
/// a box for every value in the tree, a copy on the heap for every binary, all of it kept until the last of the message
/// has been read; integers are put together byte by byte.
final class NaiveThriftReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A struct up to its end.
    func readStruct() throws(NaiveThriftError) -> NaiveThriftStruct {
        let structure = NaiveThriftStruct()
        while true {
            let type = try readByte()
            if type == NaiveThriftType.stop { return structure }
            let id = Int16(truncatingIfNeeded: try readInteger(byteCount: 2))
            structure.fields[id] = try readValue(of: type)
        }
    }

    private func readValue(of type: UInt8) throws(NaiveThriftError) -> NaiveThriftValue {
        switch type {
        case NaiveThriftType.bool: return .bool(try readByte() != 0)
        case NaiveThriftType.int8: return .int8(Int8(bitPattern: try readByte()))
        case NaiveThriftType.int16: return .int16(Int16(truncatingIfNeeded: try readInteger(byteCount: 2)))
        case NaiveThriftType.int32: return .int32(Int32(truncatingIfNeeded: try readInteger(byteCount: 4)))
        case NaiveThriftType.int64: return .int64(Int64(bitPattern: try readInteger(byteCount: 8)))
        case NaiveThriftType.double: return .double(Double(bitPattern: try readInteger(byteCount: 8)))
        case NaiveThriftType.binary: return .binary(try readBytes(count: try readLength()))
        case NaiveThriftType.structure: return .structure(try readStruct())
        case NaiveThriftType.list: return .list(try readList())
        case NaiveThriftType.set: return .set(try readList())
        case NaiveThriftType.map: return .map(try readMap())
        default: throw .unknownType(type)
        }
    }

    private func readList() throws(NaiveThriftError) -> NaiveThriftList {
        let type = try readByte()
        let count = try readLength()
        var elements: [NaiveThriftValue] = []
        for _ in 0..<count { elements.append(try readValue(of: type)) }
        return NaiveThriftList(elementType: type, elements: elements)
    }

    private func readMap() throws(NaiveThriftError) -> NaiveThriftMap {
        let keyType = try readByte()
        let valueType = try readByte()
        let count = try readLength()
        var map = NaiveThriftMap(keyType: keyType, valueType: valueType, pairs: [])
        for _ in 0..<count {
            let key = try readValue(of: keyType)
            map.pairs.append((key, try readValue(of: valueType)))
        }
        return map
    }

    private func readLength() throws(NaiveThriftError) -> Int {
        let length = Int(Int32(truncatingIfNeeded: try readInteger(byteCount: 4)))
        guard length >= 0 else { throw .badLength(length) }
        return length
    }

    private func readByte() throws(NaiveThriftError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    private func readInteger(byteCount: Int) throws(NaiveThriftError) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<byteCount { value = value << 8 | UInt64(try readByte()) }
        return value
    }

    private func readBytes(count: Int) throws(NaiveThriftError) -> [UInt8] {
        guard bytes.count - position >= count else { throw .truncated }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }
}
