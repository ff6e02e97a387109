public import NIOCore

/// Any MessagePack value as a tree: for tools and tests, and for what no schema describes. The service's own structs go
/// through `WireStruct` and never become a tree.
public indirect enum MessagePackValue: Sendable, Hashable {
    case `nil`
    case bool(Bool)
    /// A negative integer, or one that fits 63 bits.
    case int(Int64)
    /// An integer past `Int64.max`.
    case uint(UInt64)
    case float(Float)
    case double(Double)
    /// Text as bytes, because strings on the wire may hold invalid UTF-8.
    case string(ByteBuffer)
    case binary(ByteBuffer)
    case array([MessagePackValue])
    /// Pairs in order; keys may be any value and may repeat.
    case map([MessagePackPair])
    case ext(type: Int8, ByteBuffer)
    case timestamp(MessagePackTimestamp)
}

/// A key and its value in a map.
public struct MessagePackPair: Sendable, Hashable {
    public var key: MessagePackValue
    public var value: MessagePackValue

    public init(key: MessagePackValue, value: MessagePackValue) {
        self.key = key
        self.value = value
    }
}

/// A moment: extension type -1. Nanoseconds are 0 to 999,999,999.
public struct MessagePackTimestamp: Sendable, Hashable {
    public static let extensionType: Int8 = -1
    static let nanosecondsMax: UInt32 = 999_999_999

    /// Seconds since 1970, negative before.
    public var seconds: Int64
    public var nanoseconds: UInt32

    public init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

extension MessagePackReader {
    /// The next value as a tree.
    /// - Throws: `WireError`; also for extension -1 whose content is no timestamp.
    @_lifetime(self: copy self)
    public mutating func readValue() throws(WireError) -> MessagePackValue {
        let byte = try cursor.peekByte()
        switch byte {
        case 0x00...0x7f, 0xe0...0xff, 0xcc...0xce, 0xd0...0xd3: return .int(try readInt64())
        case MessagePackByte.uint64:
            cursor.offset += 1
            let value = try cursor.readInteger(UInt64.self)
            return Int64(exactly: value).map { .int($0) } ?? .uint(value)
        case MessagePackByte.nil:
            cursor.offset += 1
            return .nil
        case MessagePackByte.false, MessagePackByte.true: return .bool(try readBool())
        case MessagePackByte.float32:
            cursor.offset += 1
            return .float(Float(bitPattern: try cursor.readInteger(UInt32.self)))
        case MessagePackByte.float64: return .double(try readDouble())
        case 0xa0...0xbf, MessagePackByte.str8...MessagePackByte.str32: return .string(try readBinary())
        case MessagePackByte.bin8...MessagePackByte.bin32: return .binary(try readBinary())
        case 0x90...0x9f, MessagePackByte.array16, MessagePackByte.array32: return .array(try readArray())
        case 0x80...0x8f, MessagePackByte.map16, MessagePackByte.map32: return .map(try readMap())
        case MessagePackByte.ext8...MessagePackByte.ext32, MessagePackByte.fixext1...MessagePackByte.fixext16:
            return try readExtension()
        default: throw .unknownType(byte)
        }
    }

    @_lifetime(self: copy self)
    private mutating func readArray() throws(WireError) -> [MessagePackValue] {
        let count = try readArrayHeader()
        try check(count: count, bytesEach: 1)
        depth += 1
        var values: [MessagePackValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try readValue()) }
        depth -= 1
        return values
    }

    @_lifetime(self: copy self)
    private mutating func readMap() throws(WireError) -> [MessagePackPair] {
        let count = try readMapHeader()
        try check(count: count, bytesEach: 2)
        depth += 1
        var pairs: [MessagePackPair] = []
        pairs.reserveCapacity(count)
        for _ in 0..<count {
            let key = try readValue()
            pairs.append(MessagePackPair(key: key, value: try readValue()))
        }
        depth -= 1
        return pairs
    }

    @_lifetime(self: copy self)
    private mutating func readExtension() throws(WireError) -> MessagePackValue {
        let byte = try cursor.readByte()
        let count: Int
        switch byte {
        case MessagePackByte.ext8: count = Int(try cursor.readByte())
        case MessagePackByte.ext16: count = Int(try cursor.readInteger(UInt16.self))
        case MessagePackByte.ext32: count = Int(try cursor.readInteger(UInt32.self))
        default: count = 1 << Int(byte - MessagePackByte.fixext1)
        }
        let type = try cursor.readInteger(Int8.self)
        let content = try cursor.readSlice(count)
        guard type == MessagePackTimestamp.extensionType else { return .ext(type: type, content) }
        return .timestamp(try Self.timestamp(content))
    }

    private static func timestamp(_ content: ByteBuffer) throws(WireError) -> MessagePackTimestamp {
        var content = content
        var timestamp: MessagePackTimestamp?
        switch content.readableBytes {
        case 4: timestamp = content.readInteger(as: UInt32.self).map { MessagePackTimestamp(seconds: Int64($0)) }
        case 8:
            timestamp = content.readInteger(as: UInt64.self).map {
                MessagePackTimestamp(seconds: Int64($0 & 0x3_ffff_ffff), nanoseconds: UInt32($0 >> 34))
            }
        case 12:
            if let (nanoseconds, seconds) = content.readMultipleIntegers(as: (UInt32, Int64).self) {
                timestamp = MessagePackTimestamp(seconds: seconds, nanoseconds: nanoseconds)
            }
        default: break
        }
        guard let timestamp else { throw .badLength(content.readableBytes) }
        guard timestamp.nanoseconds <= MessagePackTimestamp.nanosecondsMax else {
            throw .badMessage("a timestamp with more nanoseconds than a second has")
        }
        return timestamp
    }
}

extension MessagePackWriter {
    /// Writes a tree, every value in its shortest encoding.
    public mutating func write(_ value: MessagePackValue) {
        switch value {
        case .nil: writeNil()
        case .bool(let value): write(value)
        case .int(let value): writeInt64(value)
        case .uint(let value): writeUInt64(value)
        case .float(let value): bytes.store(MessagePackByte.float32, bigEndian: value.bitPattern)
        case .double(let value): write(value)
        case .string(let text):
            writeStringHeader(text.readableBytes)
            bytes.store(text)
        case .binary(let content): write(content)
        case .array(let values):
            writeArrayHeader(values.count)
            for value in values { write(value) }
        case .map(let pairs):
            writeMapHeader(pairs.count)
            for pair in pairs {
                write(pair.key)
                write(pair.value)
            }
        case .ext(let type, let content):
            writeExtensionHeader(type: type, count: content.readableBytes)
            bytes.store(content)
        case .timestamp(let timestamp): write(timestamp)
        }
    }

    /// Writes a moment in 4, 8 or 12 bytes, the fewest that hold it.
    public mutating func write(_ timestamp: MessagePackTimestamp) {
        let type = MessagePackTimestamp.extensionType
        if timestamp.nanoseconds == 0, let seconds = UInt32(exactly: timestamp.seconds) {
            writeExtensionHeader(type: type, count: 4)
            bytes.store(seconds.bigEndian)
        } else if timestamp.seconds >= 0, timestamp.seconds >> 34 == 0 {
            writeExtensionHeader(type: type, count: 8)
            bytes.store((UInt64(timestamp.nanoseconds) << 34 | UInt64(timestamp.seconds)).bigEndian)
        } else {
            writeExtensionHeader(type: type, count: 12)
            bytes.store(timestamp.nanoseconds.bigEndian)
            bytes.store(timestamp.seconds.bigEndian)
        }
    }
}
