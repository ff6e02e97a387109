/// The fields of one struct by name, for formats whose maps are keyed by names.
///
/// Names are short and few, so a scan that compares two words and a length beats hashing.
public struct FieldTable: Sendable {
    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline let head: (UInt64, UInt64)
        @usableFromInline let count: Int
        @usableFromInline let id: Int16
        @usableFromInline let bytes: [UInt8]
    }

    @usableFromInline let entries: [Entry]

    /// - Parameter fields: the struct's fields, the most frequent first.
    public init(_ fields: (name: StaticString, id: Int16)...) {
        entries = fields.map { field in
            let bytes = Array(field.name.description.utf8)
            let span = unsafe bytes.span.bytes
            return Entry(
                head: (Self.word(span, at: 0), Self.word(span, at: 8)), count: bytes.count, id: field.id,
                bytes: bytes)
        }
    }

    /// The id of the only field; nil if there are none or several.
    public var only: Int16? { entries.count == 1 ? entries[0].id : nil }

    /// The id of the field at `position` of the table; nil past its end.
    @inlinable
    public func id(at position: Int) -> Int16? { position < entries.count ? entries[position].id : nil }

    /// The id of the field called `name` (UTF-8), nil if there is none.
    @inlinable
    public func id(named name: RawSpan) -> Int16? {
        let head = (Self.word(name, at: 0), Self.word(name, at: 8))
        for index in entries.indices
        where entries[index].count == name.byteCount && entries[index].head == head {
            if name.byteCount <= 16 || Self.equal(entries[index].bytes, name) { return entries[index].id }
        }
        return nil
    }

    /// Up to eight bytes from `offset`, zero-padded.
    @inlinable
    static func word(_ bytes: RawSpan, at offset: Int) -> UInt64 {
        if bytes.byteCount >= offset &+ 8 {
            return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        var word: UInt64 = 0
        var shift: UInt64 = 0
        var index = offset
        while index < bytes.byteCount {
            word |= UInt64(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) &<< shift
            shift &+= 8
            index &+= 1
        }
        return word
    }

    @inlinable
    static func equal(_ left: [UInt8], _ right: RawSpan) -> Bool {
        guard left.count == right.byteCount else { return false }
        for index in left.indices
        where unsafe left[index] != right.unsafeLoad(fromByteOffset: index, as: UInt8.self) { return false }
        return true
    }
}
