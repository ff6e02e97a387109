//! Lists, sets and maps. Every element has at least one byte on the wire, so counts are checked against what is left of the
//! message and against the budget; but an element may take a hundred times that in memory, so no more is reserved before
//! the elements are seen than `reservedBytesMax`, and memory grows with what has really come.
//!
//! What does not equal itself, as NaN, is no element of a set and no key of a map: each would be kept, and all of them would
//! stand in one place of the hash table, so that a message of them takes time by the square of its length.

/// The most memory that a container reserves because its head says so, in bytes.
@inlinable var reservedBytesMax: Int { 64 << 10 }

extension Array {
    /// Elements to reserve memory for where a head announces `count`.
    @inlinable
    static func reservation(for count: Int) -> Int {
        Swift.min(count, reservedBytesMax / Swift.max(MemoryLayout<Element>.stride, 1))
    }
}

extension Array: WireValue where Element: WireValue {
    @inlinable
    public static var wireType: WireType { .list }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        let count = try reader.beginList(of: Element.wireType)
        self.init()
        // An empty list needs no storage.
        if count > 0 {
            reserveCapacity(Self.reservation(for: count))
            for _ in 0..<count { append(try Element(from: &reader)) }
        }
        reader.endContainer()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        writer.beginList(of: Element.wireType, count: count)
        for element in self { element.encode(to: &writer) }
    }
}

/// Equal elements count once; the order on the wire is that of the set.
extension Set: WireValue where Element: WireValue {
    @inlinable
    public static var wireType: WireType { .set }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        let count = try reader.beginList(of: Element.wireType)
        self.init(minimumCapacity: Swift.min(count, [Element].reservation(for: count)))
        for _ in 0..<count {
            let element = try Element(from: &reader)
            if element != element { throw .badMessage("an element of a set does not equal itself, as NaN does not") }
            insert(element)
        }
        reader.endContainer()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        writer.beginList(of: Element.wireType, count: count)
        for element in self { element.encode(to: &writer) }
    }
}

/// The last of equal keys wins; the order on the wire is that of the dictionary.
extension Dictionary: WireValue where Key: WireValue, Value: WireValue {
    @inlinable
    public static var wireType: WireType { .map }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        let count = try reader.beginMap(key: Key.wireType, value: Value.wireType)
        self.init(minimumCapacity: Swift.min(count, [Element].reservation(for: count)))
        for _ in 0..<count {
            let key = try Key(from: &reader)
            if key != key { throw .badMessage("a key of a map does not equal itself, as NaN does not") }
            self[key] = try Value(from: &reader)
        }
        reader.endContainer()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        writer.beginMap(key: Key.wireType, value: Value.wireType, count: count)
        for (key, value) in self {
            key.encode(to: &writer)
            value.encode(to: &writer)
        }
    }
}

extension BinaryList: WireValue {
    @inlinable
    public static var wireType: WireType { .list }

    @inlinable
    @_lifetime(reader: copy reader)
    public init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self = try reader.readBinaryList()
    }

    @inlinable
    public func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) { writer.write(self) }
}
