public import NIOCore

/// Compact's type nibbles and what they stand for.
@usableFromInline
enum CompactType {
    @usableFromInline static let boolTrue: UInt8 = 1
    @usableFromInline static let boolFalse: UInt8 = 2

    /// `WireType`'s numbers of nibbles 0 to 7 and 8 to 15, a byte each, the lowest first; 0 where a nibble means nothing.
    @usableFromInline static let types: (UInt64, UInt64) = (0x040a_0806_0302_0200, 0x0000_100c_0d0e_0f0b)

    /// `WireType`'s number of what `nibble` stands for, nil if that is nothing. Both booleans stand for `bool`: as a list's
    /// element type either may be met.
    @inlinable
    static func typeByte(_ nibble: UInt8) -> UInt8? {
        let byte = UInt8(truncatingIfNeeded: (nibble < 8 ? types.0 : types.1) &>> UInt64(nibble & 7 &* 8))
        return byte == 0 ? nil : byte
    }

    @inlinable
    static func type(_ nibble: UInt8) throws(WireError) -> WireType {
        guard let byte = typeByte(nibble), let type = WireType(rawValue: byte) else { throw .unknownType(nibble) }
        return type
    }

    @inlinable
    static func nibble(_ type: WireType) -> UInt8 {
        switch type {
        case .bool, .any: 1
        case .int8: 3
        case .int16: 4
        case .int32: 5
        case .int64: 6
        case .double: 7
        case .binary: 8
        case .list: 9
        case .set: 10
        case .map: 11
        case .structure: 12
        case .uuid: 13
        }
    }
}

/// Reads Thrift's compact protocol: zigzag varints, field ids as deltas, booleans in the field's head.
@frozen
public struct ThriftCompactReader: ~Escapable {
    public var cursor: MessageCursor
    @usableFromInline let budget: WireBudget
    @usableFromInline var depth = 0
    /// A boolean field's value, which its head already told.
    @usableFromInline var headBool: Bool?

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
        headBool = nil
    }

    /// The message's head.
    @_lifetime(copy self)
    @_lifetime(self: copy self)
    public mutating func readHead() throws(WireError) -> ThriftMessageHead {
        guard try cursor.readByte() == 0x82 else { throw .badMessage("not a message of the Thrift compact protocol") }
        let versionAndKind = try cursor.readByte()
        guard versionAndKind & 0x1f == 1 else { throw .badMessage("not version 1 of the Thrift compact protocol") }
        guard let kind = ThriftMessageKind(rawValue: versionAndKind >> 5) else {
            throw .badMessage("an unknown kind of message")
        }
        let sequenceID = Int32(truncatingIfNeeded: try cursor.readVarint(maxBytes: 5))
        let nameLength = Int(try cursor.readVarint(maxBytes: 5))
        guard nameLength <= ThriftMessageHead.nameLengthLimit else { throw .badLength(nameLength) }
        return ThriftMessageHead(kind: kind, sequenceID: sequenceID, name: try cursor.readSpan(nameLength))
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func readZigZag(maxBytes: Int) throws(WireError) -> Int64 {
        let raw = try cursor.readVarint(maxBytes: maxBytes)
        return Int64(bitPattern: (raw &>> 1) ^ (0 &- (raw & 1)))
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func readLength() throws(WireError) -> Int {
        let length = Int(try cursor.readVarint(maxBytes: 5))
        if length > Int32.max { try WireError.raise(.badLength(length)) }
        return length
    }

    @inlinable
    func check(count: Int, bytesEach: Int) throws(WireError) {
        if count > budget.count { throw .countOverLimit(count: count, limit: budget.count) }
        if count &* bytesEach > cursor.remaining { throw .truncated }
        if depth >= budget.depth { throw .depthOverLimit(limit: budget.depth) }
    }

    @inlinable
    func expect(_ nibble: UInt8, _ expected: WireType, count: Int) throws(WireError) {
        if count == 0 { return }
        guard let found = CompactType.typeByte(nibble) else { throw .unknownType(nibble) }
        if found != expected.rawValue { throw .typeMismatch(expected: expected, found: nibble) }
    }
}

extension ThriftCompactReader: WireReader {
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
        let nibble = byte & 0x0f
        if nibble == 0 {
            depth &-= 1
            return nil
        }
        guard let typeByte = CompactType.typeByte(nibble) else { throw .unknownType(nibble) }
        let delta = Int16(byte &>> 4)
        if delta == 0 {
            guard let id = Int16(exactly: try readZigZag(maxBytes: 3)) else { throw .integerOverflow }
            scope.lastFieldID = id
        } else {
            let (id, overflow) = scope.lastFieldID.addingReportingOverflow(delta)
            if overflow { throw .integerOverflow }
            scope.lastFieldID = id
        }
        headBool = nibble <= CompactType.boolFalse ? nibble == CompactType.boolTrue : nil
        return FieldHeader(id: scope.lastFieldID, checkedTypeByte: typeByte)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skip(_ field: FieldHeader) throws(WireError) {
        if field.type == .bool {
            headBool = nil
            return
        }
        var scanner = ThriftCompactScanner(field.type, depthLimit: budget.depth - depth)
        guard try scanner.advance(over: cursor.bytes, from: &cursor.offset), cursor.remaining >= 0 else {
            throw .truncated
        }
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBool() throws(WireError) -> Bool {
        if let value = headBool {
            headBool = nil
            return value
        }
        return try cursor.readByte() == CompactType.boolTrue
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt8() throws(WireError) -> Int8 { Int8(bitPattern: try cursor.readByte()) }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt16() throws(WireError) -> Int16 {
        guard let value = Int16(exactly: try readZigZag(maxBytes: 3)) else { try WireError.raise(.integerOverflow) }
        return value
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt32() throws(WireError) -> Int32 {
        guard let value = Int32(exactly: try readZigZag(maxBytes: 5)) else { try WireError.raise(.integerOverflow) }
        return value
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt64() throws(WireError) -> Int64 { try readZigZag(maxBytes: 10) }

    /// Little-endian, as every implementation does it, whatever the specification says.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readDouble() throws(WireError) -> Double {
        Double(bitPattern: try cursor.readInteger(UInt64.self).byteSwapped)
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
        let short = Int(byte &>> 4)
        let count = short == 15 ? try readLength() : short
        try expect(byte & 0x0f, element, count: count)
        try check(count: count, bytesEach: element == .uuid ? 16 : element == .double ? 8 : 1)
        return count
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginMap(key: WireType, value: WireType) throws(WireError) -> Int {
        let count = try readLength()
        if count > 0 {
            let types = try cursor.readByte()
            try expect(types &>> 4, key, count: count)
            try expect(types & 0x0f, value, count: count)
        }
        try check(count: count, bytesEach: 2)
        depth &+= 1
        return count
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func endContainer() { depth &-= 1 }
}
