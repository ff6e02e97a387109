/// Walks over one MessagePack value of any kind.
@frozen
public struct MessagePackScanner: ValueScanner {
    /// Values still to come at this level.
    @usableFromInline var remaining = 1
    /// The same for the levels around it.
    @usableFromInline var outer: [Int] = []
    @usableFromInline let depthLimit: Int

    @inlinable
    public init(depthLimit: Int) { self.depthLimit = depthLimit }

    @inlinable
    public mutating func advance(over bytes: RawSpan, from offset: inout Int) throws(WireError) -> Bool {
        while true {
            while remaining == 0 {
                guard let around = outer.popLast() else { return offset <= bytes.byteCount }
                remaining = around
            }
            guard offset < bytes.byteCount else { return false }
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            switch byte {
            case 0x00...0x7f, 0xe0...0xff, MessagePackByte.nil, MessagePackByte.false, MessagePackByte.true:
                offset &+= 1
            case 0xa0...0xbf: offset &+= 1 &+ Int(byte & 0x1f)
            case MessagePackByte.bin8, MessagePackByte.str8:
                let passed = Self.passStrings(byte, countMax: remaining, over: bytes, from: &offset)
                remaining &-= passed
                if passed == 0 { return false }
                continue
            case 0x80...0x8f:
                try enter(Int(byte & 0x0f) &* 2)
                offset &+= 1
                continue
            case 0x90...0x9f:
                try enter(Int(byte & 0x0f))
                offset &+= 1
                continue
            case MessagePackByte.uint8, MessagePackByte.int8: offset &+= 2
            case MessagePackByte.uint16, MessagePackByte.int16: offset &+= 3
            case MessagePackByte.uint32, MessagePackByte.int32, MessagePackByte.float32: offset &+= 5
            case MessagePackByte.uint64, MessagePackByte.int64, MessagePackByte.float64: offset &+= 9
            case MessagePackByte.fixext1...MessagePackByte.fixext16:
                offset &+= 2 &+ (1 &<< Int(byte &- MessagePackByte.fixext1))
            case MessagePackByte.neverUsed: throw .unknownType(byte)
            default:
                // A length of 1, 2 or 4 bytes follows, and for ext a type byte after it.
                let (width, extra) = Self.lengthWidth(byte)
                guard offset &+ 1 &+ width <= bytes.byteCount else { return false }
                let length = Self.length(bytes, at: offset &+ 1, width: width)
                switch byte {
                case MessagePackByte.array16, MessagePackByte.array32:
                    try enter(length)
                    offset &+= 1 &+ width
                    continue
                case MessagePackByte.map16, MessagePackByte.map32:
                    try enter(length &* 2)
                    offset &+= 1 &+ width
                    continue
                default: offset &+= 1 &+ width &+ extra &+ length
                }
            }
            remaining &-= 1
        }
    }

    /// Passes strings with the same head, which is that of lengths up to 255: lists of keys are all that, and long.
    ///
    /// Of keys that are as long as those before them, four are looked at together: where they lie does not depend on what is
    /// in them, so that the processor waits for memory once and not for one after the other.
    /// - Returns: how many; 0 if the first one's length has not come.
    @inlinable
    static func passStrings(_ head: UInt8, countMax: Int, over bytes: RawSpan, from offset: inout Int) -> Int {
        var (next, count) = (offset, 0)
        var (start, size) = (UInt16(0), 0)
        while count < countMax, next &+ 2 <= bytes.byteCount {
            let found = Self.start(bytes, at: next)
            guard UInt8(truncatingIfNeeded: found) == head else { break }
            if found != start {
                start = found
                size = 2 &+ Int(found &>> 8)
            } else {
                while count &+ 4 <= countMax, next &+ 3 &* size &+ 2 <= bytes.byteCount,
                    Self.start(bytes, at: next &+ size) == start, Self.start(bytes, at: next &+ 2 &* size) == start,
                    Self.start(bytes, at: next &+ 3 &* size) == start
                {
                    next &+= 3 &* size
                    count &+= 3
                }
            }
            next &+= size
            count &+= 1
        }
        offset = next
        return count
    }

    /// A string's head, and above it its length.
    @inlinable
    static func start(_ bytes: RawSpan, at offset: Int) -> UInt16 {
        UInt16(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    public var bytesAwaitedMin: Int { outer.reduce(remaining, +) }

    @inlinable
    mutating func enter(_ count: Int) throws(WireError) {
        guard outer.count < depthLimit else { throw .depthOverLimit(limit: depthLimit) }
        outer.append(remaining &- 1)
        remaining = count
    }

    /// Bytes of the length that follows `byte`, and of what stands between it and the content.
    @inlinable
    static func lengthWidth(_ byte: UInt8) -> (width: Int, extra: Int) {
        switch byte {
        case MessagePackByte.ext8: (1, 1)
        case MessagePackByte.ext16: (2, 1)
        case MessagePackByte.ext32: (4, 1)
        case MessagePackByte.bin16, MessagePackByte.str16, MessagePackByte.array16, MessagePackByte.map16: (2, 0)
        default: (4, 0)
        }
    }

    @inlinable
    static func length(_ bytes: RawSpan, at offset: Int, width: Int) -> Int {
        switch width {
        case 1: Int(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        case 2: Int(UInt16(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        default: Int(UInt32(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
    }
}
