/// Walks over one value of Thrift's compact protocol.
@frozen
public struct ThriftCompactScanner: ValueScanner {
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
                if byte & 0x0f == 0 {
                    stack.removeLast()
                    offset &+= 1
                    continue
                }
                let type = try CompactType.type(byte & 0x0f)
                var next = offset &+ 1
                if byte &>> 4 == 0 {
                    guard try Self.varint(bytes, &next, maxBytes: 3) != nil else { return false }
                }
                // A boolean field's value is in its head.
                if type != .bool {
                    guard try value(type, over: bytes, from: &next) else { return false }
                }
                offset = next
            case .elements(let remaining, let type, let following):
                if remaining == 0 {
                    stack.removeLast()
                    continue
                }
                let index = stack.count - 1
                guard try value(type, over: bytes, from: &offset) else { return false }
                stack[index] = .elements(remaining: remaining - 1, following, type)
            }
        }
        return offset <= bytes.byteCount
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
        var next = offset
        switch type {
        case .bool, .int8: next &+= 1
        case .double: next &+= 8
        case .uuid: next &+= 16
        case .int16, .int32, .int64:
            guard try Self.varint(bytes, &next, maxBytes: 10) != nil else { return false }
        case .binary:
            guard let length = try Self.length(bytes, &next) else { return false }
            next &+= length
        case .structure: try enter(.structure)
        case .list, .set:
            guard next < bytes.byteCount else { return false }
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: next, as: UInt8.self)
            next &+= 1
            var count = Int(byte &>> 4)
            if count == 15 {
                guard let length = try Self.length(bytes, &next) else { return false }
                count = length
            }
            if count > 0 {
                let element = try CompactType.type(byte & 0x0f)
                try enter(.elements(remaining: count, element, element))
            }
        case .map, .any:
            guard let count = try Self.length(bytes, &next) else { return false }
            if count > 0 {
                guard next < bytes.byteCount else { return false }
                let types = unsafe bytes.unsafeLoad(fromByteOffset: next, as: UInt8.self)
                next &+= 1
                let key = try CompactType.type(types &>> 4)
                try enter(.elements(remaining: count &* 2, key, try CompactType.type(types & 0x0f)))
            }
        }
        offset = next
        return true
    }

    @inlinable
    mutating func enter(_ level: Level) throws(WireError) {
        guard stack.count <= depthLimit else { throw .depthOverLimit(limit: depthLimit) }
        stack.append(level)
    }

    /// The varint at `offset`, which moves past it; nil if it is not all there.
    @inlinable
    static func varint(_ bytes: RawSpan, _ offset: inout Int, maxBytes: Int) throws(WireError) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for index in offset..<offset &+ maxBytes {
            guard index < bytes.byteCount else { return nil }
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            value |= UInt64(byte & 0x7f) &<< shift
            if byte & 0x80 == 0 {
                offset = index &+ 1
                return value
            }
            shift &+= 7
        }
        throw .varintTooLong
    }

    @inlinable
    static func length(_ bytes: RawSpan, _ offset: inout Int) throws(WireError) -> Int? {
        guard let length = try varint(bytes, &offset, maxBytes: 5) else { return nil }
        if length > UInt64(Int32.max) { throw .badLength(Int(truncatingIfNeeded: length)) }
        return Int(length)
    }
}
