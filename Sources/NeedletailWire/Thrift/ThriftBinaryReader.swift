public import NIOCore

/// Reads Thrift's binary protocol: big-endian integers, a type byte and a 16-bit id before each field. Message heads are
/// read strict and unstrict.
@frozen
public struct ThriftBinaryReader: ~Escapable {
    public var cursor: MessageCursor
    @usableFromInline let budget: WireBudget
    @usableFromInline var depth = 0

    /// A reader at the first readable byte of `message`.
    @inlinable
    @_lifetime(borrow message)
    public init(_ message: borrowing ByteBuffer, budget: WireBudget = .standard) {
        cursor = MessageCursor(message)
        self.budget = budget
    }

    /// Goes back to `offset`, which must lie before the first field.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func restart(at offset: Int) {
        cursor.offset = offset
        depth = 0
    }

    /// The message's head, strict (`80 01 00 kind`) or unstrict (a name's length first).
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readHead() throws(WireError) -> ThriftMessageHead {
        let first = try cursor.readInteger(Int32.self)
        let isStrict = first < 0
        let kindByte: UInt8
        let nameLength: Int
        if isStrict {
            guard UInt32(bitPattern: first) >> 16 == 0x8001 else {
                throw .badMessage("not a message of the Thrift binary protocol, version 1")
            }
            kindByte = UInt8(truncatingIfNeeded: first)
            nameLength = Int(try cursor.readInteger(Int32.self))
        } else {
            kindByte = 0
            nameLength = Int(first)
        }
        guard nameLength >= 0, nameLength <= ThriftMessageHead.nameLengthLimit else { throw .badLength(nameLength) }
        let name = try cursor.readSpan(nameLength)
        let kind = ThriftMessageKind(rawValue: isStrict ? kindByte : try cursor.readByte())
        guard let kind else { throw .badMessage("an unknown kind of message") }
        return ThriftMessageHead(kind: kind, sequenceID: try cursor.readInteger(Int32.self), name: name)
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func readLength() throws(WireError) -> Int {
        let length = Int(try cursor.readInteger(Int32.self))
        if length < 0 { try WireError.raise(.badLength(length)) }
        return length
    }

    @inlinable
    static func type(_ byte: UInt8) throws(WireError) -> WireType {
        guard let type = WireType(rawValue: byte), type != .any else { throw .unknownType(byte) }
        return type
    }

    /// The fewest bytes that an element of `type` takes.
    @inlinable
    static func minimumSize(_ type: WireType) -> Int {
        switch type {
        case .bool, .int8, .structure, .any: 1
        case .int16: 2
        case .int32, .binary: 4
        case .int64, .double: 8
        case .map: 6
        case .set, .list: 5
        case .uuid: 16
        }
    }

    @inlinable
    func check(count: Int, bytesEach: Int) throws(WireError) {
        if count > budget.count { throw .countOverLimit(count: count, limit: budget.count) }
        if count &* bytesEach > cursor.remaining { throw .truncated }
        if depth >= budget.depth { throw .depthOverLimit(limit: budget.depth) }
    }

    @inlinable
    func expect(_ found: UInt8, _ expected: WireType, count: Int) throws(WireError) {
        // An empty container's element type is of no consequence; some writers leave it 0.
        if found != expected.rawValue && count > 0 { throw .typeMismatch(expected: expected, found: found) }
    }
}

extension ThriftBinaryReader: WireReader {
    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginStruct() throws(WireError) -> StructScope {
        if depth >= budget.depth { try WireError.raise(.depthOverLimit(limit: budget.depth)) }
        depth &+= 1
        return StructScope()
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func nextField(
        _ scope: inout StructScope, in fields: @autoclosure () -> FieldTable
    ) throws(WireError) -> FieldHeader? {
        let byte = try cursor.readByte()
        if byte == 0 {
            depth &-= 1
            return nil
        }
        guard let header = FieldHeader(id: try cursor.readInteger(Int16.self), typeByte: byte) else {
            throw .unknownType(byte)
        }
        return header
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skip(_ field: FieldHeader) throws(WireError) {
        var scanner = ThriftBinaryScanner(field.type, depthLimit: budget.depth - depth)
        guard try scanner.advance(over: cursor.bytes, from: &cursor.offset), cursor.remaining >= 0 else {
            throw .truncated
        }
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBool() throws(WireError) -> Bool { try cursor.readByte() != 0 }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt8() throws(WireError) -> Int8 { Int8(bitPattern: try cursor.readByte()) }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt16() throws(WireError) -> Int16 { try cursor.readInteger() }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt32() throws(WireError) -> Int32 { try cursor.readInteger() }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt64() throws(WireError) -> Int64 { try cursor.readInteger() }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readDouble() throws(WireError) -> Double {
        Double(bitPattern: try cursor.readInteger(UInt64.self))
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readUUID() throws(WireError) -> WireUUID {
        WireUUID(high: try cursor.readInteger(), low: try cursor.readInteger())
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readString() throws(WireError) -> String {
        let length = try readLength()
        return try cursor.readString(length)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBinary() throws(WireError) -> ByteBuffer {
        let length = try readLength()
        return try cursor.readSlice(length)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBinaryRange() throws(WireError) -> Range<Int> {
        try cursor.readRange(readLength())
    }

    @inlinable
    @_lifetime(copy self)
    public func bytes(in range: Range<Int>) -> RawSpan { cursor.bytes.extracting(range) }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBinaryList() throws(WireError) -> BinaryList {
        let count = try readListHead(of: .binary)
        var list = BinaryList(in: cursor.owner, minimumCapacity: count)
        for _ in 0..<count {
            let length = try readLength()
            try cursor.require(length)
            list.append(offset: cursor.offset, count: length)
            cursor.offset &+= length
        }
        return list
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginList(of element: WireType) throws(WireError) -> Int {
        let count = try readListHead(of: element)
        depth &+= 1
        return count
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func readListHead(of element: WireType) throws(WireError) -> Int {
        let byte = try cursor.readByte()
        let count = try readLength()
        try expect(byte, element, count: count)
        try check(count: count, bytesEach: Self.minimumSize(element))
        return count
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginMap(key: WireType, value: WireType) throws(WireError) -> Int {
        let keyByte = try cursor.readByte()
        let valueByte = try cursor.readByte()
        let count = try readLength()
        try expect(keyByte, key, count: count)
        try expect(valueByte, value, count: count)
        try check(count: count, bytesEach: Self.minimumSize(key) &+ Self.minimumSize(value))
        depth &+= 1
        return count
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func endContainer() { depth &-= 1 }
}
