/// Walks over one value of Thrift's binary protocol.
@frozen
public struct ThriftBinaryScanner: ValueScanner {
    /// What is still to come at one level.
    @usableFromInline
    enum Level {
        case structure
        /// Elements, each of the two types in turn (a map's keys and values; a list's twice the same).
        case elements(remaining: Int, WireType, WireType)
    }

    @usableFromInline var stack: [Level]
    @usableFromInline let depthLimit: Int

    @inlinable
    public init(_ type: WireType, depthLimit: Int) {
        self.depthLimit = depthLimit
        stack = [.elements(remaining: 1, type, type)]
    }

    @inlinable
    public mutating func advance(over bytes: RawSpan, from offset: inout Int) throws(WireError) -> Bool {
        while let level = stack.last {
            if offset > bytes.byteCount { return false }
            switch level {
            case .structure:
                guard offset < bytes.byteCount else { return false }
                let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                if byte == 0 {
                    stack.removeLast()
                    offset &+= 1
                    continue
                }
                let type = try ThriftBinaryReader.type(byte)
                var next = offset &+ 3
                guard try value(type, over: bytes, from: &next) else { return false }
                offset = next
            case .elements(let remaining, let type, let following):
                if remaining == 0 {
                    stack.removeLast()
                    continue
                }
                let index = stack.count - 1
                if type == .binary, following == .binary {
                    let passed = try Self.passBinaries(countMax: remaining, over: bytes, from: &offset)
                    stack[index] = .elements(remaining: remaining - passed, type, type)
                    if passed == 0 { return false }
                    continue
                }
                guard try value(type, over: bytes, from: &offset) else { return false }
                stack[index] = .elements(remaining: remaining - 1, following, type)
            }
        }
        return offset <= bytes.byteCount
    }

    /// Passes binaries that follow each other: lists of keys are that, and long.
    /// - Returns: how many; 0 if the first one's length has not come.
    @inlinable
    static func passBinaries(
        countMax: Int, over bytes: RawSpan, from offset: inout Int
    ) throws(WireError) -> Int {
        var (next, count) = (offset, 0)
        while count < countMax, let length = try length(bytes, at: next) {
            next &+= 4 &+ length
            count &+= 1
        }
        offset = next
        return count
    }

    public var bytesAwaitedMin: Int {
        stack.reduce(0) { sum, level in
            switch level {
            case .structure: sum + 1
            case .elements(let remaining, _, _): sum + remaining
            }
        }
    }

    /// Passes a value's head and, where its size is known then, all of it; enters it where it is not. Returns false, with
    /// nothing changed, if the head is not all there.
    @inlinable
    mutating func value(_ type: WireType, over bytes: RawSpan, from offset: inout Int) throws(WireError) -> Bool {
        if let size = Self.fixedSize(type) {
            offset &+= size
            return true
        }
        switch type {
        case .structure: try enter(.structure)
        case .binary:
            guard let length = try Self.length(bytes, at: offset) else { return false }
            offset &+= 4 &+ length
        case .list, .set:
            guard let count = try Self.length(bytes, at: offset &+ 1) else { return false }
            let element = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            offset &+= 5
            if count > 0 { try enter(count, try ThriftBinaryReader.type(element), nil, &offset) }
        default:
            guard let count = try Self.length(bytes, at: offset &+ 2) else { return false }
            let key = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            let value = unsafe bytes.unsafeLoad(fromByteOffset: offset &+ 1, as: UInt8.self)
            offset &+= 6
            if count > 0 {
                try enter(count, try ThriftBinaryReader.type(key), try ThriftBinaryReader.type(value), &offset)
            }
        }
        return true
    }

    @inlinable
    mutating func enter(_ count: Int, _ key: WireType, _ value: WireType?, _ offset: inout Int) throws(WireError) {
        if let size = Self.fixedSize(key), let other = value.map(Self.fixedSize) ?? 0 {
            offset &+= count &* (size &+ other)
        } else {
            try enter(.elements(remaining: value == nil ? count : count &* 2, key, value ?? key))
        }
    }

    @inlinable
    mutating func enter(_ level: Level) throws(WireError) {
        guard stack.count <= depthLimit else { throw .depthOverLimit(limit: depthLimit) }
        stack.append(level)
    }

    @inlinable
    static func fixedSize(_ type: WireType) -> Int? {
        switch type {
        case .bool, .int8: 1
        case .int16: 2
        case .int32: 4
        case .int64, .double: 8
        case .uuid: 16
        default: nil
        }
    }

    /// The length at `offset`; nil if it is not all there.
    @inlinable
    static func length(_ bytes: RawSpan, at offset: Int) throws(WireError) -> Int? {
        guard offset &+ 4 <= bytes.byteCount else { return nil }
        let length = Int(Int32(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self)))
        if length < 0 { throw .badLength(length) }
        return length
    }
}
