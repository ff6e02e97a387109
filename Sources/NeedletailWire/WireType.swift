/// The types of a field, by Thrift's numbers (binary protocol).
public enum WireType: UInt8, Sendable, Hashable, BitwiseCopyable {
    case bool = 2
    case int8 = 3
    case double = 4
    case int16 = 6
    case int32 = 8
    case int64 = 10
    /// Text and bytes alike.
    case binary = 11
    case structure = 12
    case map = 13
    case set = 14
    case list = 15
    case uuid = 16
    /// What a self-describing format says of a field's type before it is read: that it will say so itself.
    case any = 0xff

    /// A bit for every number that Thrift gives a type.
    @usableFromInline static let thriftNumbers: UInt32 = 0b1_1111_1101_0101_1100
}

/// A field as it was met: which one, and what follows.
public struct FieldHeader: Sendable, Hashable, BitwiseCopyable {
    public let id: Int16
    /// A `WireType`'s number: compared as it is, which is one instruction where finding the case takes a search.
    @usableFromInline let typeByte: UInt8

    @inlinable
    public init(id: Int16, type: WireType) {
        self.id = id
        typeByte = type.rawValue
    }

    @inlinable
    init(id: Int16, checkedTypeByte: UInt8) {
        self.id = id
        typeByte = checkedTypeByte
    }

    /// A header with a type as the binary protocol numbers it; nil if there is no such type.
    @inlinable
    init?(id: Int16, typeByte: UInt8) {
        guard typeByte < 32, WireType.thriftNumbers &>> UInt32(typeByte) & 1 == 1 else { return nil }
        self.init(id: id, checkedTypeByte: typeByte)
    }

    /// What follows.
    @inlinable
    public var type: WireType { WireType(rawValue: typeByte) ?? .any }

    /// Whether the field can be read as `expected`. A field of another type is skipped like an unknown one, as Apache's
    /// generated readers do.
    @inlinable
    public func holds(_ expected: WireType) -> Bool {
        typeByte == expected.rawValue || typeByte == WireType.any.rawValue
    }
}

/// Where a reader or a writer is inside one struct. Lives on the stack of the code that reads or writes the struct.
public struct StructScope: BitwiseCopyable {
    /// MessagePack: pairs of the map, or elements of the arguments' array, that have not been read yet.
    public var remaining = 0
    /// MessagePack: elements of the arguments' array that have been read.
    public var position = 0
    /// Compact: the id that the next field's delta counts from.
    @usableFromInline var lastFieldID: Int16 = 0
    /// MessagePack: the place in the field table of the field that was met last, for the next name is mostly the next one.
    @usableFromInline var lastEntry = -1

    @inlinable
    public init(remaining: Int = 0) { self.remaining = remaining }

    /// One pair or element is about to be read.
    @inlinable
    public mutating func advance() {
        remaining &-= 1
        position &+= 1
    }
}

/// How much a reader takes before it refuses: checked before anything is allocated.
public struct WireBudget: Sendable, Hashable, BitwiseCopyable {
    /// Structs, lists and maps inside one another.
    public var depth: Int
    /// Elements of one list, set or map.
    public var count: Int

    /// Apache's depth, and as many elements as `limits.maxKeysPerRequest` allows by default.
    public static let standard = WireBudget(depth: 64, count: 10_000)

    @inlinable
    public init(depth: Int, count: Int) {
        self.depth = depth
        self.count = count
    }
}
