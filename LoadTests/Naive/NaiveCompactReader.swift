/// Reads Thrift's compact protocol into a tree of objects: slow by what makes `NaiveThriftReader` slow.
final class NaiveCompactReader {
    private let bytes: [UInt8]
    /// Bytes that have been read.
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// A struct up to its end.
    func readStruct() throws(NaiveThriftError) -> NaiveThriftStruct {
        let structure = NaiveThriftStruct()
        var id: Int16 = 0
        while true {
            let head = try readByte()
            if head == NaiveCompactType.stop { return structure }
            // The upper half says by how much the id grows; 0: the id itself follows.
            let step = Int16(head >> 4)
            id = step == 0 ? Int16(truncatingIfNeeded: try readZigZag()) : id &+ step
            structure.fields[id] = try readField(of: head & 0x0f)
        }
    }

    /// A field's value: that of a boolean is in the type.
    private func readField(of type: UInt8) throws(NaiveThriftError) -> NaiveThriftValue {
        switch type {
        case NaiveCompactType.yes: .bool(true)
        case NaiveCompactType.no: .bool(false)
        default: try readValue(of: type)
        }
    }

    private func readValue(of type: UInt8) throws(NaiveThriftError) -> NaiveThriftValue {
        switch type {
        case NaiveCompactType.yes, NaiveCompactType.no: return .bool(try readByte() == NaiveCompactType.yes)
        case NaiveCompactType.int8: return .int8(Int8(bitPattern: try readByte()))
        case NaiveCompactType.int16: return .int16(Int16(truncatingIfNeeded: try readZigZag()))
        case NaiveCompactType.int32: return .int32(Int32(truncatingIfNeeded: try readZigZag()))
        case NaiveCompactType.int64: return .int64(try readZigZag())
        case NaiveCompactType.double: return .double(try readDouble())
        case NaiveCompactType.binary: return .binary(try readBytes(count: try readLength()))
        case NaiveCompactType.structure: return .structure(try readStruct())
        case NaiveCompactType.list: return .list(try readList())
        case NaiveCompactType.set: return .set(try readList())
        case NaiveCompactType.map: return .map(try readMap())
        default: throw .unknownType(type)
        }
    }

    private func readList() throws(NaiveThriftError) -> NaiveThriftList {
        let head = try readByte()
        let type = head & 0x0f
        let count = head >> 4 == 15 ? try readLength() : Int(head >> 4)
        var elements: [NaiveThriftValue] = []
        for _ in 0..<count { elements.append(try readValue(of: type)) }
        return NaiveThriftList(elementType: try NaiveCompactType.binaryType(of: type), elements: elements)
    }

    private func readMap() throws(NaiveThriftError) -> NaiveThriftMap {
        let count = try readLength()
        if count == 0 { return NaiveThriftMap(keyType: 0, valueType: 0, pairs: []) }
        let types = try readByte()
        var map = NaiveThriftMap(
            keyType: try NaiveCompactType.binaryType(of: types >> 4),
            valueType: try NaiveCompactType.binaryType(of: types & 0x0f), pairs: [])
        for _ in 0..<count {
            let key = try readValue(of: types >> 4)
            map.pairs.append((key, try readValue(of: types & 0x0f)))
        }
        return map
    }

    private func readLength() throws(NaiveThriftError) -> Int {
        let length = try readVarint()
        guard length <= UInt64(Int32.max) else { throw .badLength(Int(truncatingIfNeeded: length)) }
        return Int(length)
    }

    private func readZigZag() throws(NaiveThriftError) -> Int64 {
        let value = try readVarint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Seven bits a byte, the lowest first.
    private func readVarint() throws(NaiveThriftError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readByte()
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < UInt64(UInt64.bitWidth) else { throw .badLength(Int(shift)) }
        }
    }

    /// Eight bytes, the lowest first.
    private func readDouble() throws(NaiveThriftError) -> Double {
        var bits: UInt64 = 0
        for index in 0..<8 { bits |= UInt64(try readByte()) << UInt64(8 * index) }
        return Double(bitPattern: bits)
    }

    private func readByte() throws(NaiveThriftError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    private func readBytes(count: Int) throws(NaiveThriftError) -> [UInt8] {
        guard bytes.count - position >= count else { throw .truncated }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }
}

/// The numbers of the types in the compact protocol.
private enum NaiveCompactType {
    static let stop: UInt8 = 0
    static let yes: UInt8 = 1
    static let no: UInt8 = 2
    static let int8: UInt8 = 3
    static let int16: UInt8 = 4
    static let int32: UInt8 = 5
    static let int64: UInt8 = 6
    static let double: UInt8 = 7
    static let binary: UInt8 = 8
    static let list: UInt8 = 9
    static let set: UInt8 = 10
    static let map: UInt8 = 11
    static let structure: UInt8 = 12

    /// What the binary protocol, and so the tree, calls a type.
    static func binaryType(of type: UInt8) throws(NaiveThriftError) -> UInt8 {
        switch type {
        case yes, no: NaiveThriftType.bool
        case int8: NaiveThriftType.int8
        case int16: NaiveThriftType.int16
        case int32: NaiveThriftType.int32
        case int64: NaiveThriftType.int64
        case double: NaiveThriftType.double
        case binary: NaiveThriftType.binary
        case list: NaiveThriftType.list
        case set: NaiveThriftType.set
        case map: NaiveThriftType.map
        case structure: NaiveThriftType.structure
        default: throw .unknownType(type)
        }
    }
}
