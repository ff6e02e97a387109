//! What a struct's encoder asks of a wire format. Writers own the output's bytes while they write (`~Copyable`), so that
//! a value goes from where it is to where it leaves in one copy.

public import NIOCore

/// Writes values of one wire format.
public protocol WireWriter: ~Copyable {
    /// Opens a struct of `fieldCount` fields; each is announced by `field` before its value.
    mutating func beginStruct(fieldCount: Int) -> StructScope
    mutating func field(_ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ type: WireType)
    mutating func endStruct()

    mutating func write(_ value: Bool)
    mutating func write(_ value: Int8)
    mutating func write(_ value: Int16)
    mutating func write(_ value: Int32)
    mutating func write(_ value: Int64)
    mutating func write(_ value: Double)
    mutating func write(_ value: WireUUID)
    mutating func write(_ value: String)
    /// Bytes, copied.
    mutating func write(_ value: RawSpan)
    /// Bytes, sent by reference where they are many (`ByteWriter.sharingThreshold`).
    mutating func write(_ value: ByteBuffer)
    /// Opens a list or a set.
    mutating func beginList(of element: WireType, count: Int)
    mutating func beginMap(key: WireType, value: WireType, count: Int)
    /// An element of a `list<binary>` that is not there: nil where the format has one, else an empty value.
    mutating func writeAbsentBinary()
}

extension WireWriter where Self: ~Copyable {
    /// A field and its value.
    @inlinable
    public mutating func writeField<Value: WireValue>(
        _ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ value: borrowing Value
    ) {
        field(&scope, id, name, Value.wireType)
        value.encode(to: &self)
    }

    /// A field and its value, if it is there.
    @inlinable
    public mutating func writeField<Value: WireValue>(
        _ scope: inout StructScope, _ id: Int16, _ name: StaticString, _ value: borrowing Value?
    ) {
        if let value = copy value { writeField(&scope, id, name, value) }
    }

    /// A list of 64-bit integers.
    @inlinable
    public mutating func write(_ list: [Int64]) {
        beginList(of: .int64, count: list.count)
        for element in list { write(element) }
    }

    /// A list of binaries.
    @inlinable
    public mutating func write(_ list: BinaryList) {
        beginList(of: .binary, count: list.count)
        // The bytes are asked for once: that is a check of exclusive access to the buffer's storage.
        let bytes = list.bytes.readableBytesSpan
        for slice in list.slices {
            let start = Int(slice.offset)
            write(bytes.extracting(start..<start &+ Int(slice.count)))
        }
    }
}
