public import NIOCore

/// A `list<binary>`: one retained buffer and a compact list of where each element lies in it.
///
/// Decoding a list of a thousand keys costs one allocation, not a thousand; the elements stay where they arrived.
public struct BinaryList: Sendable {
    /// Where an element lies.
    @usableFromInline
    struct Slice: Sendable, Hashable {
        @usableFromInline var offset: UInt32
        @usableFromInline var count: UInt32

        @inlinable
        init(offset: UInt32, count: UInt32) {
            self.offset = offset
            self.count = count
        }
    }

    /// The bytes that all elements lie in; offsets count from its reader index.
    @usableFromInline var bytes: ByteBuffer
    @usableFromInline var slices: [Slice]

    /// An empty list.
    @inlinable
    public init() {
        bytes = ByteBuffer()
        slices = []
    }

    /// A list over elements that already lie in `bytes`; they are added with `append(offset:count:)`.
    @inlinable
    public init(in bytes: ByteBuffer, minimumCapacity: Int) {
        self.bytes = bytes
        slices = []
        slices.reserveCapacity(minimumCapacity)
    }

    /// A list with copies of `elements`, one after the other in one buffer.
    public init(_ elements: some Sequence<ByteBuffer>) {
        self.init()
        for element in elements { append(element) }
    }

    /// A list of strings as UTF-8.
    public init(strings: some Sequence<String>) {
        self.init()
        for string in strings { append(ByteBuffer(string: string)) }
    }

    @inlinable
    public var count: Int { slices.count }

    @inlinable
    public var isEmpty: Bool { slices.isEmpty }

    /// Element `index`'s length in bytes.
    @inlinable
    public func byteCount(at index: Int) -> Int { Int(slices[index].count) }

    /// Bytes of all elements together.
    public var totalByteCount: Int { slices.reduce(0) { $0 + Int($1.count) } }

    /// Element `index`, where it lies.
    @inlinable
    public subscript(index: Int) -> RawSpan {
        @_lifetime(borrow self)
        get {
            let slice = slices[index]
            let start = Int(slice.offset)
            return bytes.readableBytesSpan.extracting(start..<start &+ Int(slice.count))
        }
    }

    /// Element `index` as a slice that keeps the whole list's bytes alive.
    public func buffer(at index: Int) -> ByteBuffer {
        let slice = slices[index]
        guard let element = bytes.getSlice(at: bytes.readerIndex + Int(slice.offset), length: Int(slice.count)) else {
            preconditionFailure("a slice lies outside its list's bytes")
        }
        return element
    }

    /// Adds a copy of `element`.
    public mutating func append(_ element: ByteBuffer) {
        slices.append(Slice(offset: UInt32(bytes.readableBytes), count: UInt32(element.readableBytes)))
        bytes.writeImmutableBuffer(element)
    }

    /// Adds the element that lies at `offset` from the start of the bytes that the list was made over.
    @inlinable
    public mutating func append(offset: Int, count: Int) {
        slices.append(Slice(offset: UInt32(truncatingIfNeeded: offset), count: UInt32(truncatingIfNeeded: count)))
    }
}

extension BinaryList: Hashable {
    public static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.count == rhs.count && lhs.indices.allSatisfy { lhs.buffer(at: $0) == rhs.buffer(at: $0) }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for index in indices { hasher.combine(buffer(at: index)) }
    }

    public var indices: Range<Int> { 0..<count }
}

extension BinaryList: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: String...) { self.init(strings: elements) }
}
