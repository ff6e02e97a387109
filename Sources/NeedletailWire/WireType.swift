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
}

/// A field as it was met: which one, and what follows.
public struct FieldHeader: Sendable, Hashable, BitwiseCopyable {
    public let id: Int16
    public let type: WireType

    @inlinable
    public init(id: Int16, type: WireType) {
        self.id = id
        self.type = type
    }

    /// Whether the field can be read as `expected`. A field of another type is skipped like an unknown one, as Apache's
    /// generated readers do.
    @inlinable
    public func holds(_ expected: WireType) -> Bool { type == expected || type == .any }
}

/// Where a reader or a writer is inside one struct. Lives on the stack of the code that reads or writes the struct.
public struct StructScope: BitwiseCopyable {
    /// MessagePack: pairs of the map, or elements of the arguments' array, that have not been read yet.
    public var remaining = 0
    /// MessagePack: elements of the arguments' array that have been read.
    public var position = 0
    /// Compact: the id that the next field's delta counts from.
    @usableFromInline var lastFieldID: Int16 = 0

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
