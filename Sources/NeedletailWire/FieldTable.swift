//! The fields of one struct by name, for formats whose maps are keyed by names.
//!
//! Names are short and few, so a scan that compares two words and a length beats hashing.
//!
//! Unsafe inside: a table's entries lie in memory that is never freed, and names where the program has them. A table is made
//! once for each type and lives as long as the process; as an array, its storage would be retained for each struct that is
//! read, on all event loops.

/// The fields of one struct by name. Make it once, as a static constant: its memory is never freed.
@safe
public struct FieldTable: @unchecked Sendable {
    @usableFromInline
    struct Entry {
        @usableFromInline let head: (UInt64, UInt64)
        @usableFromInline let name: StaticString
        @usableFromInline let id: Int16

        @usableFromInline var bytes: UnsafeRawBufferPointer {
            unsafe UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        }
    }

    @usableFromInline let entries: UnsafeBufferPointer<Entry>

    /// - Parameter fields: the struct's fields, the most frequent first.
    public init(_ fields: (name: StaticString, id: Int16)...) {
        let all = fields.map { field in
            let bytes = Array(field.name.description.utf8)
            let span = unsafe bytes.span.bytes
            return Entry(head: (Self.word(span, at: 0), Self.word(span, at: 8)), name: field.name, id: field.id)
        }
        // Without fields there is nothing to keep.
        guard !all.isEmpty else {
            unsafe entries = UnsafeBufferPointer(start: nil, count: 0)
            return
        }
        let place = UnsafeMutableBufferPointer<Entry>.allocate(capacity: all.count)
        _ = unsafe place.initialize(from: all)
        unsafe entries = UnsafeBufferPointer(place)
    }

    /// The id of the only field; nil if there are none or several.
    public var only: Int16? { unsafe entries.count == 1 ? entries[0].id : nil }

    /// The id of the field at `position` of the table; nil past its end.
    @inlinable
    public func id(at position: Int) -> Int16? {
        unsafe entries.indices.contains(position) ? entries[position].id : nil
    }

    /// The id of the field called `name` (UTF-8), nil if there is none.
    @inlinable
    public func id(named name: RawSpan) -> Int16? {
        var last = -1
        return id(named: name, after: &last)
    }

    /// The id of the field called `name` (UTF-8), nil if there is none; looked for behind the place of `last` first, which
    /// becomes the place where it was found.
    @inlinable
    func id(named name: RawSpan, after last: inout Int) -> Int16? {
        let head = (Self.word(name, at: 0), Self.word(name, at: 8))
        var index = last
        let count = unsafe entries.count
        for _ in 0..<count {
            index &+= 1
            if index >= count { index = 0 }
            let entry = unsafe entries[index]
            guard entry.name.utf8CodeUnitCount == name.byteCount && entry.head == head else { continue }
            if unsafe name.byteCount <= 16 || Self.equal(entry.bytes, name) {
                last = index
                return entry.id
            }
        }
        return nil
    }

    /// Up to eight bytes from `offset`, zero-padded, the first the lowest. Loads overlap, so that there is no loop.
    @inlinable
    static func word(_ bytes: RawSpan, at offset: Int) -> UInt64 {
        let count = bytes.byteCount &- offset
        if count >= 8 {
            return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        if count <= 0 { return 0 }
        let shift = UInt64(count) &* 8
        if count >= 4 {
            let low = UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
            let high = UInt32(
                littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset &+ count &- 4, as: UInt32.self))
            return UInt64(low) | UInt64(high) &<< (shift &- 32)
        }
        let first = UInt64(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        let middle = UInt64(unsafe bytes.unsafeLoad(fromByteOffset: offset &+ count / 2, as: UInt8.self))
        let last = UInt64(unsafe bytes.unsafeLoad(fromByteOffset: offset &+ count &- 1, as: UInt8.self))
        return first | middle &<< (UInt64(count / 2) &* 8) | last &<< (shift &- 8)
    }

    @inlinable
    static func equal(_ left: UnsafeRawBufferPointer, _ right: RawSpan) -> Bool {
        guard left.count == right.byteCount else { return false }
        for index in 0..<right.byteCount
        where unsafe left[index] != right.unsafeLoad(fromByteOffset: index, as: UInt8.self) { return false }
        return true
    }
}
