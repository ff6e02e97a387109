public import NIOCore

/// Reads MessagePack from a message that has arrived: tokens for those who know the format (`readArrayHeader`,
/// `readUInt64` ...), and structs as maps keyed by field names or field ids for decoders (`WireReader`).
///
/// Most lengths are small, and one byte with their kind: these are read where they stand in a decoder, all others by a
/// function (`readLong...`).
@frozen
public struct MessagePackReader: ~Escapable {
    public var cursor: MessageCursor
    @usableFromInline let budget: WireBudget
    @usableFromInline var depth = 0
    /// Which kind of key the outermost map's first key was; nil before that.
    @usableFromInline var firstKey: MessagePackKeys?

    /// A reader at the first readable byte of `message`.
    @inlinable
    @_lifetime(borrow message)
    public init(_ message: borrowing ByteBuffer, budget: WireBudget = .standard) {
        cursor = MessageCursor(message)
        self.budget = budget
    }

    /// Goes back to `offset`, which must lie outside any map.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func restart(at offset: Int) {
        cursor.offset = offset
        depth = 0
    }

    /// Lengths of str and bin, which readers of text and of bytes accept alike.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readStringHeader() throws(WireError) -> Int {
        if let byte = cursor.readByte(0xa0, under: 0xe0) { return Int(byte & 0x1f) }
        return try readLongStringHeader()
    }

    /// Likewise, of bytes: most are bin, and of fewer than 256.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readBinaryHeader() throws(WireError) -> Int {
        if let count = cursor.readByte(after: MessagePackByte.bin8) { return Int(count) }
        return try readLongStringHeader()
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func readLongStringHeader() throws(WireError) -> Int {
        let byte = try cursor.readByte()
        switch byte {
        case 0xa0...0xbf: return Int(byte & 0x1f)
        case MessagePackByte.str8, MessagePackByte.bin8: return Int(try cursor.readByte())
        case MessagePackByte.str16, MessagePackByte.bin16: return Int(try cursor.readInteger(UInt16.self))
        case MessagePackByte.str32, MessagePackByte.bin32: return Int(try cursor.readInteger(UInt32.self))
        default:
            cursor.offset &-= 1
            try WireError.raise(.typeMismatch(expected: .binary, found: byte))
        }
    }

    /// The length of an array, unchecked against any budget.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func readArrayHeader() throws(WireError) -> Int {
        if let byte = cursor.readByte(0x90, under: 0xf0) { return Int(byte & 0x0f) }
        return try readLongArrayHeader()
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func readLongArrayHeader() throws(WireError) -> Int {
        let byte = try cursor.readByte()
        switch byte {
        case MessagePackByte.array16: return Int(try cursor.readInteger(UInt16.self))
        case MessagePackByte.array32: return Int(try cursor.readInteger(UInt32.self))
        default: throw .typeMismatch(expected: .list, found: byte)
        }
    }

    /// The number of pairs of a map, unchecked against any budget.
    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    public mutating func readMapHeader() throws(WireError) -> Int {
        if let byte = cursor.readByte(0x80, under: 0xf0) { return Int(byte & 0x0f) }
        return try readLongMapHeader()
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func readLongMapHeader() throws(WireError) -> Int {
        let byte = try cursor.readByte()
        switch byte {
        case MessagePackByte.map16: return Int(try cursor.readInteger(UInt16.self))
        case MessagePackByte.map32: return Int(try cursor.readInteger(UInt32.self))
        default: throw .typeMismatch(expected: .map, found: byte)
        }
    }

    /// An integer of any encoding that fits 64 bits with sign.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt64() throws(WireError) -> Int64 {
        if let byte = cursor.readByte(0x00, under: 0x80) { return Int64(byte) }
        let byte = try cursor.readByte()
        switch byte {
        case 0xe0...0xff: return Int64(Int8(bitPattern: byte))
        case MessagePackByte.uint8: return Int64(try cursor.readByte())
        case MessagePackByte.uint16: return Int64(try cursor.readInteger(UInt16.self))
        case MessagePackByte.uint32: return Int64(try cursor.readInteger(UInt32.self))
        case MessagePackByte.uint64:
            guard let value = Int64(exactly: try cursor.readInteger(UInt64.self)) else { throw .integerOverflow }
            return value
        case MessagePackByte.int8: return Int64(Int8(bitPattern: try cursor.readByte()))
        case MessagePackByte.int16: return Int64(try cursor.readInteger(Int16.self))
        case MessagePackByte.int32: return Int64(try cursor.readInteger(Int32.self))
        case MessagePackByte.int64: return try cursor.readInteger(Int64.self)
        default: throw .typeMismatch(expected: .int64, found: byte)
        }
    }

    /// Whether the next value is nil; if so it is read.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readNil() throws(WireError) -> Bool {
        guard try cursor.peekByte() == MessagePackByte.nil else { return false }
        cursor.offset &+= 1
        return true
    }

    /// Passes over one value of any kind.
    /// - Parameter around: levels of the value that lie around a request and do not count against the budget.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func skipValue(around: Int = 0) throws(WireError) {
        var scanner = MessagePackScanner(depthLimit: budget.depth - depth + around)
        guard try scanner.advance(over: cursor.bytes, from: &cursor.offset) else { throw .truncated }
    }

    @inlinable
    func check(count: Int, bytesEach: Int) throws(WireError) {
        if count > budget.count { throw .countOverLimit(count: count, limit: budget.count) }
        if count &* bytesEach > cursor.remaining { throw .truncated }
        if depth >= budget.depth { throw .depthOverLimit(limit: budget.depth) }
    }
}

/// How the maps of a MessagePack message are keyed.
public enum MessagePackKeys: Sendable, Hashable, BitwiseCopyable {
    case names
    case ids
}

extension MessagePackReader: WireReader {
    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginStruct() throws(WireError) -> StructScope {
        let count = try readMapHeader()
        if count &* 2 > cursor.remaining { throw .truncated }
        if depth >= budget.depth { throw .depthOverLimit(limit: budget.depth) }
        depth &+= 1
        return StructScope(remaining: count)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func nextField(
        _ scope: inout StructScope, in fields: @autoclosure () -> FieldTable
    ) throws(WireError) -> FieldHeader? {
        while scope.remaining > 0 {
            scope.advance()
            let id = try readKey(fields(), &scope)
            guard let id else {
                try skipValue()
                continue
            }
            if try readNil() { continue }
            return FieldHeader(id: id, type: .any)
        }
        depth &-= 1
        return nil
    }

    /// A key: a field id, or a name that `fields` knows; nil for any other value, which is passed over.
    @inlinable
    @_lifetime(self: copy self)
    mutating func readKey(_ fields: FieldTable, _ scope: inout StructScope) throws(WireError) -> Int16? {
        switch try cursor.peekByte() {
        case 0x00...0x7f, 0xe0...0xff, MessagePackByte.uint8...MessagePackByte.int64:
            note(.ids)
            let start = cursor.offset
            do {
                return Int16(exactly: try readInt64())
            } catch .integerOverflow {
                cursor.offset = start
                try skipValue()
                return nil
            }
        case 0xa0...0xbf, MessagePackByte.str8...MessagePackByte.str32, MessagePackByte.bin8...MessagePackByte.bin32:
            note(.names)
            return fields.id(named: try readSpan(), after: &scope.lastEntry)
        default:
            try skipValue()
            return nil
        }
    }

    @inlinable
    @_lifetime(self: copy self)
    mutating func note(_ keys: MessagePackKeys) {
        if firstKey == nil { firstKey = keys }
    }

    /// How the outermost map is keyed, as its first key tells; by names where it is empty.
    @inlinable
    public var mapKeys: MessagePackKeys { firstKey ?? .names }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func skip(_ field: FieldHeader) throws(WireError) { try skipValue() }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBool() throws(WireError) -> Bool {
        let byte = try cursor.readByte()
        switch byte {
        case MessagePackByte.false: return false
        case MessagePackByte.true: return true
        default: throw .typeMismatch(expected: .bool, found: byte)
        }
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt8() throws(WireError) -> Int8 {
        guard let value = Int8(exactly: try readInt64()) else { throw .integerOverflow }
        return value
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt16() throws(WireError) -> Int16 {
        guard let value = Int16(exactly: try readInt64()) else { throw .integerOverflow }
        return value
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readInt32() throws(WireError) -> Int32 {
        guard let value = Int32(exactly: try readInt64()) else { throw .integerOverflow }
        return value
    }

    /// A float of either width, or an integer.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readDouble() throws(WireError) -> Double {
        switch try cursor.peekByte() {
        case MessagePackByte.float32:
            cursor.offset &+= 1
            return Double(Float(bitPattern: try cursor.readInteger(UInt32.self)))
        case MessagePackByte.float64:
            cursor.offset &+= 1
            return Double(bitPattern: try cursor.readInteger(UInt64.self))
        default:
            return Double(try readInt64())
        }
    }

    /// Sixteen bytes, as bin or str.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readUUID() throws(WireError) -> WireUUID {
        let count = try readStringHeader()
        guard count == WireUUID.byteCount else { throw .badLength(count) }
        return WireUUID(high: try cursor.readInteger(), low: try cursor.readInteger())
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readString() throws(WireError) -> String {
        let count = try readStringHeader()
        return try cursor.readString(count)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBinary() throws(WireError) -> ByteBuffer {
        let count = try readBinaryHeader()
        return try cursor.readSlice(count)
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBinaryRange() throws(WireError) -> Range<Int> {
        try cursor.readRange(readBinaryHeader())
    }

    @inlinable
    @_lifetime(copy self)
    public func bytes(in range: Range<Int>) -> RawSpan { cursor.bytes.extracting(range) }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func readBinaryList() throws(WireError) -> BinaryList {
        let count = try readArrayHeader()
        try check(count: count, bytesEach: 1)
        var list = BinaryList(in: cursor.owner, minimumCapacity: count)
        for _ in 0..<count {
            if try readNil() {
                list.append(offset: 0, count: 0)
                continue
            }
            let length = try readBinaryHeader()
            try cursor.require(length)
            list.append(offset: cursor.offset, count: length)
            cursor.offset &+= length
        }
        return list
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginList(of element: WireType) throws(WireError) -> Int {
        let count = try readArrayHeader()
        try check(count: count, bytesEach: 1)
        depth &+= 1
        return count
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func beginMap(key: WireType, value: WireType) throws(WireError) -> Int {
        let count = try readMapHeader()
        try check(count: count, bytesEach: 2)
        depth &+= 1
        return count
    }

    @inlinable
    @_lifetime(self: copy self)
    public mutating func endContainer() { depth &-= 1 }
}
